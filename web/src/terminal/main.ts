import { createApp } from 'vue'
import '../base.css'
import './terminal.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import { shared } from '../texts'
import App from './App.vue'

const texts: Record<string, [string, string]> = {
  ...shared,
  pair_title: ['终端配对', 'Pair this terminal'], pair_hint: ['请输入后台生成的 8 位配对码', 'Enter the 8 digits from the console'],
  start: ['开始缴费', 'Start'], idle_hint: ['用手机钱包扫码，或出示付款码', 'Scan with the wallet on your phone, or show its code'], find: ['请输入房号', 'Enter your room'],
  find_hint: ['例如 3-2-1201 或 1201', 'such as 3-2-1201 or 1201'], search: ['查询', 'Search'], no_unit: ['没有找到，请检查房号', 'Nothing found; please check the room'],
  choose_unit: ['请选择房屋', 'Choose the unit'], choose_bills: ['请选择要缴的账单', 'Choose the bills to pay'], no_bills: ['没有待缴账单，谢谢！', 'Nothing to pay. Thank you!'],
  all: ['全选', 'All'], chosen: ['已选 {n} 笔', '{n} chosen'], pay: ['去支付', 'Pay'], scan: ['请用手机扫描二维码', 'Scan the QR with your phone'],
  left: ['剩余 {time}', '{time} left'], cancel_order: ['取消订单', 'Cancel'], cancelling: ['正在取消，请稍候…', 'Cancelling…'], paid_title: ['支付成功', 'Paid'],
  home_in: ['{n} 秒后返回首页', 'Back to start in {n} s'], home: ['返回首页', 'Start page'], expired_title: ['二维码已过期', 'The QR has expired'],
  cancelled_title: ['订单已取消', 'The order was cancelled'], again: ['重新支付', 'Pay again'], late_hint: ['如已付款，款项将入账或原路退回', 'Money already paid will be booked or returned'],
  busy_title: ['账单有进行中的订单', 'A bill has an open order'], busy_hint: ['可关闭原订单后在此支付', 'You may close the other order and pay here'], take_over: ['关闭原订单并在此支付', 'Close it and pay here'],
  show_code: ['或出示付款码', 'Or show your payment code'], show_code_hint: ['请将手机钱包的付款码对准扫码窗', 'Hold the code on your phone to the scanner'],
  // here the resident reads what the desk's staff read elsewhere
  step_waiting: ['请在手机上输入支付密码', 'Enter the password on your phone, please'], step_not_paid: ['支付未完成', 'The payment was not completed'], reversed_hint: ['请重新出示付款码，或扫描二维码。', 'Show a fresh code, or scan the QR.'],
  why_code_invalid: ['付款码无效、已过期或已使用，请刷新后重新出示。', 'The code is not valid, has expired or has been used; refresh it and show it again.'], why_code_expired: ['付款码已过期，请刷新后重新出示。', 'The code has expired; refresh it and show it again.'], why_code_used: ['付款码已使用过，请刷新后重新出示。', 'The code has been used; refresh it and show it again.'],
  why_balance_low: ['余额不足，请换一张卡或另一个钱包。', 'The balance is too low; use another card or wallet.'], why_limit_reached: ['超出支付限额，请换一张卡或另一个钱包。', 'A limit is reached; use another card or wallet.'], why_payer_refused: ['您的钱包不允许此次支付，请换一种方式。', 'Your wallet does not allow this; choose another way.'], why_other: ['支付渠道拒绝了此次支付，请重新出示或扫描二维码。', 'The institution refused; show the code again or scan the QR.'],
  pay_by_card: ['刷银行卡', 'Pay by bank card'], card_reading: ['请在终端上刷卡、插卡或挥卡', 'Present the card to the terminal'], card_in_trial: ['演示：请打开沙箱钱包，在“刷卡器”中刷卡', 'Trial: open the sandbox wallet and swipe at its card reader'], no_reader: ['本终端没有刷卡应用，请扫码支付。', 'This terminal has no card application; please scan the QR.'],
  card_reported_title: ['刷卡完成，正在等待收单机构确认', 'The card was read; waiting for the acquirer'], card_reported_hint: ['请勿重复付款，确认后将自动显示结果。', 'Do not pay again; the result is shown as soon as it is confirmed.'], card_declined_title: ['刷卡未成功，可重新刷卡或扫码。', 'The card was not charged; try again, or scan.'],
  card_unsent_title: ['刷卡已完成，正在把结果送达服务器', 'The card was read; the result is on its way to the server'], card_unsent_hint: ['请勿重复刷卡或付款。网络恢复后会自动送达。', 'Do not present the card or pay again. It is delivered by itself once the line is back.'],
  card_untaken: ['终端返回的结果未采信，已交财务核实。如已扣款，请勿重复刷卡或付款。', 'The terminal\'s result was not accepted; finance will find out. If the card was charged, do not pay again.'],
  unsent: ['有 {n} 笔刷卡结果尚未送达服务器，正在自动重试，请勿清除本机数据。', 'Card results that have not reached the server: {n}. They are sent again by themselves. Do not clear this device.'], unsent_unpaired: ['有 {n} 笔刷卡结果尚未送达服务器，请重新配对本机，请勿清除本机数据。', 'Card results that have not reached the server: {n}. Pair this device again; do not clear it.'],
  unstored: ['有 {n} 笔刷卡结果未能保存在本机，送达服务器前请勿关闭或刷新本页面，请勿关机。',
    'Card results that could not be stored on this device: {n}. Keep this page open, and the power on, until they are delivered.'],
  void_card: ['待撤销：{unit} ¥{amount}，点击后请持卡人配合', 'To undo: {unit} ¥{amount}; press, and have the card at hand'], card_unknown: ['刷卡结果尚不明确，正在向收单机构查询；如已扣款请勿再次刷卡。', 'What became of the card is not known; the acquirer is being asked. If it was charged, do not swipe again.'], provisional_hint: ['已按终端结果入账，待收单机构对账单确认。', "Booked on the terminal's word until the acquirer's statement confirms it."], card: ['卡号', 'Card'],
  card_back: ['返回，换一种方式', 'Back: pay another way'], card_late: ['没有取消：可能已经刷卡，正在取回结果，请稍候。', 'Not called off: a card may have been presented; its result is on its way. Please wait.'],
  card_ask: ['查询刷卡结果', 'Ask what became of the card'], card_again: ['再次刷卡…', 'Charge a card again…'], card_asked: ['刚刚已查询，收单机构还没有结果，请稍候再查，或扫码支付。', 'The acquirer was asked just now and has no result yet; ask again in a while, or scan the QR.'],
  card_again_title: ['上一次刷卡也许已经扣款', 'The card may have been charged already'], card_again_hint: ['如果已经扣款，再刷一次会重复扣 ¥{amount}。请先看持卡人的短信或银行通知。', 'If it was, another ¥{amount} would be taken. Look at the message from the cardholder\'s bank first.'],
  card_again_wait: ['返回，等待结果', 'Back: wait for the result'], card_again_sure: ['确认未扣款，再次刷卡', 'It was not charged: charge a card again'],
  next: ['下一位', 'Next resident'], print: ['打印凭证', 'Print receipt'], receipt: ['缴费凭证', 'Receipt'], channel: ['支付方式', 'Paid with'], paid_change: ['收 ¥{tendered}，找零 ¥{change}', '¥{tendered} given, ¥{change} change'],
  unpaired: ['本终端已被物业解除配对，请用新的配对码重新配对。', 'This terminal was unpaired by the office; pair it again with a new code.'],
  failed: ['操作失败', 'That did not work'], refused: ['本终端需要重新配对', 'This terminal must be paired again'], clear: ['清空', 'Clear'], open_order: ['有进行中的订单', 'order open'],
}

void begin(createApp(App).use(i18n(texts)), 'keys', 'database')
