import { textsOf } from '../i18n'
import { long, texts } from '../say'
import { shared } from '../texts'
import { payersWhys } from '../whys'
import { paperTexts } from '../paper/texts'

// What the terminal pages say.
export const terminalTexts = texts({
  ...shared,
  page_title: ['终端 · 邻里付', 'Terminal · LinliPay'],
  pair_title: ['终端配对', 'Pair this terminal'],
  pair_hint: ['请输入后台生成的 8 位配对码', 'Enter the 8 digits from the console'],
  start: ['开始缴费', 'Start'],
  find: ['请输入房号', 'Enter your room'],
  find_hint: ['例如 3-2-1201 或 1201', 'such as 3-2-1201 or 1201'],
  search: ['查询', 'Search'],
  no_unit: ['没有找到“{typed}”', 'Nothing found for "{typed}"'],
  choose_unit: ['请选择房屋', 'Choose the unit'],
  choose_bills: ['请选择要缴的账单', 'Choose the bills to pay'],
  no_bills: ['没有待缴账单，谢谢！', 'Nothing to pay. Thank you!'],
  no_bills_next: [
    '缴费记录和凭证可在手机“物业缴费”页查看；如有疑问，请到物业服务台。',
    'Payments and receipts are in the resident pages on your phone. For questions, ask at the office.',
  ],
  no_unit_next: [
    '房号按 楼栋-单元-房间 输入，例如 3-\u20602-\u20601201；没有单元的只输入 楼栋-房间。',
    'Enter building-unit-room, such as 3-\u20602-\u20601201; where there are no units, building-room.',
  ],
  no_unit_office: ['还是找不到？请到物业服务台查询。', 'Still nothing? Please ask at the office.'],
  type_again: ['重新输入', 'Type it again'],
  another_room: ['查询其他房号', 'Another room'],
  chosen: ['已选 {n} 笔', '{n} chosen'],
  pay: ['去支付', 'Pay'],
  scan: ['请用手机扫描二维码', 'Scan the QR with your phone'],
  cancel_order: ['取消订单', 'Cancel'],
  cancelling: ['正在取消，请稍候…', 'Cancelling…'],
  paid_title: ['支付成功', 'Paid'],
  home_in: ['{n} 秒后返回首页', 'Back to start in {n} s'],
  home: ['返回首页', 'Start page'],
  expired_title: ['二维码已过期', 'The QR has expired'],
  cancelled_title: ['订单已取消', 'The order was cancelled'],
  again: ['重新支付', 'Pay again'],
  late_hint: ['如已付款，款项将入账或原路退回', 'Money already paid will be booked or returned'],
  busy_title: ['账单有进行中的订单', 'A bill has an open order'],
  busy_hint: ['可关闭原订单后在此支付', 'You may close the other order and pay here'],
  take_over: ['关闭原订单并在此支付', 'Close it and pay here'],
  show_code: ['或出示付款码', 'Or show your payment code'],
  show_code_hint: ['请将手机钱包的付款码对准扫码窗', 'Hold the code on your phone to the scanner'],
  // here the resident reads what the desk's staff read elsewhere
  step_waiting: ['请在手机上输入支付密码', 'Enter the password on your phone, please'],
  step_not_paid: ['支付未完成', 'The payment was not completed'],
  reversed_hint: ['请重新出示付款码，或扫描二维码。', 'Show a fresh code, or scan the QR.'],
  ...payersWhys,
  ...paperTexts,
  pay_by_card: ['刷银行卡', 'Pay by bank card'],
  card_reading: ['请在终端上刷卡、插卡或挥卡', 'Present the card to the terminal'],
  card_in_trial: [
    '演示：请打开沙箱钱包，在“刷卡器”中刷卡',
    'Trial: open the sandbox wallet and swipe at its card reader',
  ],
  no_reader: ['本终端没有刷卡应用，请扫码支付。', 'This terminal has no card application; please scan the QR.'],
  card_reported_title: ['刷卡完成，正在等待收单机构确认', 'The card was read; waiting for the acquirer'],
  card_reported_hint: [
    '请勿重复付款，确认后将自动显示结果。',
    'Do not pay again; the result is shown as soon as it is confirmed.',
  ],
  card_declined_title: ['刷卡未成功，可重新刷卡或扫码。', 'The card was not charged; try again, or scan.'],
  card_unsent_title: ['刷卡已完成，正在把结果送达服务器', 'The card was read; the result is on its way to the server'],
  card_unsent_hint: [
    '请勿重复刷卡或付款。网络恢复后会自动送达。',
    'Do not present the card or pay again. It is delivered by itself once the line is back.',
  ],
  card_untaken: [
    '终端返回的结果未采信，已交财务核实。如已扣款，请勿重复刷卡或付款。',
    "The terminal's result was not accepted; finance will find out. If the card was charged, do not pay again.",
  ],
  unsent: [
    '有 {n} 笔刷卡结果尚未送达服务器，正在自动重试，请勿清除本机数据。',
    'Card results that have not reached the server: {n}. They are sent again by themselves. Do not clear this device.',
  ],
  unsent_unpaired: [
    '有 {n} 笔刷卡结果尚未送达服务器，请重新配对本机，请勿清除本机数据。',
    'Card results that have not reached the server: {n}. Pair this device again; do not clear it.',
  ],
  unstored: [
    '有 {n} 笔刷卡结果未能保存在本机，送达服务器前请勿关闭或刷新本页面，请勿关机。',
    long(
      'Card results that could not be stored on this device: {n}. Keep this page open, and the power on, until they ',
      'are delivered.',
    ),
  ],
  void_card: [
    '待撤销：{unit} ¥{amount}，点击后请持卡人配合',
    'To undo: {unit} ¥{amount}; press, and have the card at hand',
  ],
  card_unknown: [
    '刷卡结果尚不明确，正在向收单机构查询；如已扣款请勿再次刷卡。',
    'What became of the card is not known; the acquirer is being asked. If it was charged, do not swipe again.',
  ],
  provisional_hint: [
    '已按终端结果入账，待收单机构对账单确认。',
    "Booked on the terminal's word until the acquirer's statement confirms it.",
  ],
  card: ['卡号', 'Card'],
  card_back: ['返回，换一种方式', 'Back: pay another way'],
  card_late: [
    '没有取消：可能已经刷卡，正在取回结果，请稍候。',
    'Not called off: a card may have been presented; its result is on its way. Please wait.',
  ],
  card_ask: ['查询刷卡结果', 'Ask what became of the card'],
  card_again: ['再次刷卡…', 'Charge a card again…'],
  card_asked: [
    '刚刚已查询，收单机构还没有结果，请稍候再查，或扫码支付。',
    'The acquirer was asked just now and has no result yet; ask again in a while, or scan the QR.',
  ],
  card_again_title: ['上一次刷卡也许已经扣款', 'The card may have been charged already'],
  card_again_hint: [
    '如果已经扣款，再刷一次会重复扣 ¥{amount}。请先看持卡人的短信或银行通知。',
    "If it was, another ¥{amount} would be taken. Look at the message from the cardholder's bank first.",
  ],
  card_again_wait: ['返回，等待结果', 'Back: wait for the result'],
  card_again_sure: ['确认未扣款，再次刷卡', 'It was not charged: charge a card again'],
  next: ['下一位', 'Next resident'],
  pay_rest: ['继续缴纳', 'Pay these too'],
  print: ['打印凭证', 'Print receipt'],
  paid_change: ['收 ¥{tendered}，找零 ¥{change}', '¥{tendered} given, ¥{change} change'],
  unpaired: [
    '本终端已被物业解除配对，请用新的配对码重新配对。',
    'This terminal was unpaired by the office; pair it again with a new code.',
  ],
  // where nobody is at the terminal, or it is cut off
  welcome: ['物业费、停车费、水费、暖气费，一次缴清', 'Property, parking, water and heating fees, at once'],
  how: ['缴费步骤', 'How to pay'],
  how_room: ['输入房号，选择账单', 'Enter your room, choose bills'],
  how_scan: ['用手机扫屏幕上的二维码', 'Scan the QR on the screen'],
  how_show: ['或出示付款码、刷银行卡', 'or show your code, or a card'],
  how_done: ['打印凭证', 'Print the receipt'],
  by_cash: ['现金缴费，请到物业服务台', 'Cash is taken at the office'],
  cut_title: ['暂时无法缴费', 'Paying is not possible just now'],
  cut_network: [
    '本终端没有连上网络。网络恢复后会自动继续，也可到物业服务台缴费。',
    'This terminal has no network. It goes on by itself once there is one; you may also pay at the office.',
  ],
  cut_server: [
    '暂时连不上缴费系统，正在自动重试。也可到物业服务台缴费。',
    'The payment system cannot be reached; the terminal keeps trying. You may also pay at the office.',
  ],
  lost_network: ['网络已断开', 'No network'],
  lost_server: ['连接中断，正在重连', 'Connection lost; reconnecting'],
  lost_pay: [
    '连接中断，结果可能晚些显示。二维码仍可支付，付款后请勿重复付款。',
    'The connection is lost, and the result may show late. The QR still works; once you have paid, do not pay again.',
  ],
  unanswered: ['服务器没有响应，请稍后重试。', 'The server does not answer; please try again in a while.'],
  time_left: ['剩余支付时间', 'left to pay'],
  card_wait: ['等待刷卡', 'waiting for a card'],
  erase: ['删除一位', 'Erase a digit'],
  card_nothing: ['没有刷卡，未扣款。', 'No card was presented; nothing was charged.'],
  over_hint: [
    '正在确认是否已付款。如已付款，款项将入账或原路退回，请勿重复付款。',
    'Whether it was paid is being found out. Money already paid will be booked or returned; do not pay again.',
  ],
  failed: ['操作失败', 'That did not work'],
  refused: ['本终端需要重新配对', 'This terminal must be paired again'],
  clear: ['清空', 'Clear'],
  open_order: ['有进行中的订单', 'order open'],
})
export type TerminalTexts = typeof terminalTexts

export const useTexts = textsOf<TerminalTexts>
