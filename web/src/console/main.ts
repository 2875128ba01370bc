import { createApp } from 'vue'
import 'element-plus/dist/index.css'
import '../base.css'
import './console.css'
import { i18n } from '../i18n'
import { shared } from '../texts'
import App from './App.vue'

const texts: Record<string, [string, string]> = {
  ...shared,
  login_name: ['登录名', 'Login'], password: ['密码', 'Password'], orders: ['订单', 'Orders'], collect: ['收款', 'Collect'], exceptions: ['异常款', 'Exceptional money'], terminals: ['终端', 'Terminals'],
  search_hint: ['订单号 / 房号 / 手机号 / 交易号（按 / 键）', 'order, unit, phone or transaction (press /)'], search: ['查询', 'Search'], all_status: ['全部状态', 'All'], more: ['加载更多', 'Load more'],
  live: ['实时', 'Live'], payer: ['住户', 'Resident'], origin: ['来源', 'Desk'], phone_origin: ['手机', 'phone'], terminal_origin: ['终端', 'terminal'], counter_origin: ['前台', 'counter'], kiosk_origin: ['自助', 'kiosk'], nowhere_origin: ['未知', 'unknown'],
  channel: ['渠道', 'Channel'], items: ['账单', 'Bills'], attempts: ['支付尝试', 'Tries'], timeline: ['时间线', 'Timeline'], check: ['查单', 'Check'], close: ['关闭订单', 'Close'], close_sure: ['将先在支付渠道关单，确定关闭该订单吗？', 'The institutions will be asked to close first. Close this order?'],
  print: ['打印凭证', 'Print receipt'], receipt: ['缴费凭证', 'Receipt'], find_unit: ['房号、业主姓名或手机号', 'Unit, owner or phone'], choose_unit: ['请选择房屋', 'Choose a unit'], no_bills: ['该房屋没有待缴账单', 'Nothing to pay for this unit'], make_order: ['收款', 'Collect'],
  scan: ['请住户用微信或支付宝扫码', 'Scan with WeChat or Alipay'], take_over: ['账单已有进行中的订单，是否关闭它并重新收款？', 'A bill has an open order. Close it and collect anew?'], left: ['剩余 {time}', '{time} left'], new_pairing: ['新增终端', 'Pair a terminal'],
  community: ['小区', 'Community'], name: ['名称', 'Name'], pairing_code: ['配对码', 'Pairing code'], pairing_hint: ['在终端上输入，{time} 内有效', 'Enter it on the terminal within {time}'], last_seen: ['最近在线', 'Last seen'], why: ['原因', 'Why'],
  no_result: ['没有符合条件的订单', 'No such orders'], period: ['账期', 'Period'], fee: ['费用', 'Fee'], due_date: ['截止日期', 'Due'],
  kept: ['入账', 'kept'], exceptional: ['异常款', 'exceptional'], owner: ['业主', 'Owner'], no_exceptions: ['没有异常款', 'No exceptional money'], state: ['状态', 'State'],
  created: ['创建订单', 'created'], attempt_creating: ['发起支付', 'asking the institution'], attempt_opened: ['等待付款', 'can be paid'], attempt_refused: ['渠道拒绝', 'refused'], attempt_unknown: ['渠道未答复', 'no answer'], attempt_closed: ['渠道已关单', 'closed upstream'], attempt_left: ['渠道无此交易，继续观察', 'unknown upstream, watched'],
  money_arrived: ['款项到账', 'money arrived'], money_surplus: ['款项异常', 'money the order cannot keep'], money_mismatch: ['金额不符', 'another amount'], money_repeated: ['机构报告重复支付', 'paid again, says the institution'], close_asked: ['申请关闭', 'close asked'], effect_done: ['已完成', 'done'], effect_failed: ['未完成，将重试', 'not done yet, will be retried'], effect_settle_items: ['账单销账', 'settle the bills'], effect_reopen_items: ['账单恢复待缴', 'open the bills again'], effect_keep_prepayment: ['转为预存', 'keep as prepayment'], effect_record_taken: ['记账', 'ledger'], effect_record_given_back: ['退款记账', 'ledger'],
  starting: ['发起中', 'starting'], open: ['待付款', 'open'], leaving: ['观察中', 'watched'], succeeded: ['成功', 'succeeded'], failed: ['失败', 'failed'], ended: ['已结束', 'ended'], reported: ['待确认', 'reported'],
  method_native: ['扫码', 'QR'], method_jsapi: ['公众号', 'in WeChat'], method_h5: ['H5', 'H5'], method_wap: ['手机网页', 'wap'], method_code: ['付款码', 'code'], method_notes: ['', ''], method_swipe: ['刷卡', 'swipe'], reversed_or_being: ['撤销', 'reversal'],
  code_reversing: ['付款码超时，正在撤销', 'code not paid in time, reversing'], refund_requested: ['申请退款', 'refund asked for'], refund_approved: ['退款已批准', 'refund approved'], refund_rejected: ['退款已驳回', 'refund rejected'], refund_retried: ['重新退款', 'refund tried again'],
  refund_succeeded: ['退款成功', 'money went back'], refund_failed: ['退款失败', 'refund failed'], refund_abnormal: ['退款异常，需人工处理', 'refund needs a person'], exception_claimed: ['领取异常款', 'claimed'], exception_prepaid: ['转为预存', 'kept as prepayment'], exception_dismissed: ['核销异常款', 'dismissed'],
  code_hint: ['用扫码枪扫描住户手机上的付款码，或输入数字后按回车', 'Scan the code on the phone, or type its digits and press Enter'], code_label: ['等待扫码…', 'Waiting for the scanner…'], charge: ['扣款', 'Charge'],
  camera_on: ['用摄像头扫描', 'Use the camera'], camera_off: ['关闭摄像头', 'Stop the camera'], camera_hint: ['摄像头识别付款码中的二维码；条形码请用扫码枪。', 'The camera reads the QR of the code; its barcode needs a scanner.'], no_camera: ['没有可用的摄像头，请用扫码枪或输入数字。', 'No camera; use a scanner or type the digits.'],
  tendered: ['实收', 'Received'], change: ['找零', 'Change'], take_cash: ['确认收款', 'Take cash'], not_an_amount: ['请输入金额，最多两位小数', 'An amount, with two decimals at most'], too_little: ['还差 ¥{amount}', '¥{amount} too little'],
  leave_code: ['付款码正在支付，离开后将关闭订单并撤销这笔扣款，确定离开吗？', 'A payment code is being charged. Leaving closes the order and reverses the charge. Leave?'],
  ask_refund: ['申请退款', 'Ask for a refund'], refundable: ['可退 ¥{amount}', 'up to ¥{amount}'], reason_hint: ['住户可见，最多 26 字', 'the resident sees it; 26 characters'], reason_1: ['重复缴费', 'paid twice'], reason_2: ['金额有误', 'wrong amount'], reason_3: ['住户申请', 'asked by resident'], reason_4: ['房屋过户', 'unit sold'],
  full_refund: ['全额退款', 'Everything'], part_refund: ['部分退款', 'A part'], refund_hint: ['提交后须由另一位财务人员审批，款项原路退回，账单恢复待缴。', 'Another person in finance must approve; the money goes back the way it came and the bills are owed again.'],
  asked_by: ['{name} 申请', 'asked by {name}'], approved_by: ['{name} 批准', 'approved by {name}'], rejected_by: ['{name} 驳回', 'rejected by {name}'], by_hand: ['线下退款', 'by other means'], note: ['说明', 'Note'], print_refund: ['打印退款凭证', 'Print refund receipt'], refund_receipt: ['退款凭证', 'Refund receipt'],
  asker: ['申请人', 'Asked by'], decider: ['审批人', 'Decided by'], institution_refund: ['渠道退款单号', "Institution's refund"], sign_payer: ['收款人签字：', 'Received by:'], sign_desk: ['经办人签字：', 'Paid out by:'], system: ['系统', 'system'], needed: ['必填', 'needed'],
  approve: ['批准', 'Approve'], reject: ['驳回', 'Reject'], reject_why: ['请填写驳回原因', 'why is it rejected?'], own_refund: ['本人申请，须由他人审批', 'your own; another person decides'], retry_refund: ['重试退款', 'Try again'], settle_by_hand: ['已线下退款', 'Settled by hand'], how_settled: ['请填写如何退给住户', 'how was it given back?'],
  give_up: ['放弃退款', 'Give up'], why_given_up: ['请填写放弃原因', 'why is it given up?'], hand_out: ['付现金', 'Hand out cash'], refresh: ['刷新', 'Refresh'], all_of_them: ['全部', 'All'], no_refunds: ['没有退款', 'No refunds'],
  tab_open: ['待处理', 'To be decided'], tab_doing: ['处理中', 'Under way'], tab_ended: ['已完结', 'Ended'], handler: ['处理人', 'Handled by'], do_claim: ['领取', 'Claim'], do_refund: ['退款', 'Give back'], do_prepay: ['转预存', 'Prepayment'], do_dismiss: ['核销', 'Dismiss'], dismiss_why: ['请填写核销说明', 'why does it stay?'],
  messages: ['通知消息', 'Messages'], received_at: ['收到时间', 'Received'], outcome: ['结果', 'Outcome'], seen: ['次数', 'Times'], replay: ['重新处理', 'Replay'], replayed: ['处理结果：{outcome}', 'outcome: {outcome}'], no_messages: ['没有消息', 'No messages'],
  comma: ['、', ', '], accounts: ['商户号', 'Merchant accounts'], new_account: ['新增商户号', 'New account'], edit_account: ['修改商户号', 'Change account'], edit: ['修改', 'Change'], save: ['保存', 'Save'], test: ['检测', 'Test'], rotate: ['更换密钥', 'Rotate'], rotate_keys: ['更换密钥', 'Rotate keys'],
  secrets_hint: ['密钥加密保存，保存后不再显示；已填写的项留空表示不变。', 'Secrets are stored encrypted and never shown again; a field left empty stays as it is.'],
  rotate_hint: ['填写新的密钥：机构的旧公钥、旧 APIv3 密钥在删除前仍然有效；商户自己的私钥保存后即用新的签名。', "Enter the new keys. The institution's old key and the old APIv3 key stay valid until you drop them; our own new private key signs at once."],
  unchanged: ['已填写，留空表示不变', 'set; leave empty to keep it'], by_default: ['默认 {value}', 'by default {value}'], collects_for: ['适用小区', 'Collects for'], whole_company: ['全公司', 'the whole company'],
  ends: ['最早到期', 'First to expire'], enabled: ['启用', 'Enabled'], disabled: ['停用', 'Disabled'], enable: ['启用', 'Enable'], disable: ['停用', 'Disable'], disable_sure: ['停用后 {name} 不再收取新的款项，已有订单和退款不受影响。确定停用吗？', '{name} will take no new charges; orders and refunds it has go on. Disable it?'],
  rotating: ['更换中', 'Rotating'], drop_old: ['删除旧密钥', 'Drop the old'], drop_sure: ['删除后，用旧密钥签名或加密的通知将不再有效。确定删除吗？', 'What the old keys signed or encrypted will be refused. Drop them?'], old_key: ['旧', 'old'], keys_in_force: ['密钥与证书（指纹为公钥 SHA-256 前 8 位）', 'Keys and certificates (first 8 digits of the SHA-256 of the public key)'],
  until: ['有效期至 {day}', 'until {day}'], no_end: ['长期有效', 'does not expire'], settings_set: ['已填写：', 'Set: '], made_by: ['{name} 于 {at} 创建', 'made by {name} at {at}'], changed_by: ['{name} 于 {at} 修改', 'changed by {name} at {at}'], command_line: ['命令行', 'command line'],
  check_ok: ['正常', 'OK'], check_warn: ['注意', 'Warning'], check_fail: ['失败', 'Failed'], check_settings: ['配置', 'Settings'], check_query: ['签名查询', 'Signed query'], check_clock: ['时钟', 'Clock'], check_keys: ['证书有效期', 'Certificates'], check_callback: ['回调地址', 'Callback address'],
  card_reported: ['终端报告刷卡成功', 'terminal: card charged'], card_declined: ['终端报告刷卡未成功', 'terminal: card not charged'], card_disbelieved: ['终端结果未采信', 'terminal: not believed'], card_confirmed: ['对账单已确认', 'confirmed by the statement'], card_doubted: ['对账单不符', 'the statement disagrees'], card_voided: ['终端报告已撤销', 'terminal: undone'], card_denied: ['核实未到账', 'found not to have arrived'],
  unconfirmed: ['待确认刷卡', 'Unconfirmed cards'], unconfirmed_hint: ['终端已报告刷卡成功，但收单机构尚未确认。对账单发布后会自动核对；对账单没有的，请核实后按“未到账”处理。', "A terminal reports these as charged; the acquirer has not confirmed them. Statements settle them by themselves; deny those that a statement does not show."], no_unconfirmed: ['没有待确认的刷卡', 'No unconfirmed cards'],
  age: ['已等待', 'Age'], hours_old: ['{n} 小时', '{n} h'], days_old: ['{n} 天', '{n} d'], batch_trace: ['批次/流水', 'Batch/trace'], awaiting: ['等待机构确认', 'Awaiting confirmation'],
  deny: ['未到账', 'Not arrived'], deny_hint: ['确认该笔刷卡款项未到账？已入账的将冲回，账单恢复待缴。', 'Has this money not arrived? What was booked goes out again and the bills are owed again.'], deny_why: ['请填写核实说明', 'how was it found out?'],
  routes: ['支付路由', 'Routes'], routes_hint: ['为每种支付方式选择首选机构；首选机构无应答时，新的支付改由备用机构收款，已发起的支付不受影响。', 'Choose who takes each way to pay. While the first does not answer, new payments go to the second; those under way stay where they are.'],
  way: ['支付方式', 'Way to pay'], first_choice: ['首选', 'First'], second_choice: ['备用', 'Behind it'], failing: ['机构状态', 'Institution'], circuit_open: ['熔断中', 'not answering'], by_order: ['默认：{institution}', 'by default: {institution}'], none: ['无', 'none'], no_routes: ['还没有可用的商户号', 'There are no merchant accounts yet'], saved: ['已保存', 'Saved'],
  void_mark: ['终端撤销', 'void on the terminal'], void_waits: ['等待终端撤销', 'waits for the terminal'], said_done: ['终端 {at} 报告成功', 'terminal, {at}: done'], said_not_done: ['终端 {at} 报告未成功', 'terminal, {at}: not done'], auth_code: ['授权码', 'Authorisation'],
  m_failed: ['未入账', 'Failed'], m_rejected: ['不可信', 'Rejected'], m_received: ['未处理', 'Received'], m_booked: ['已入账', 'Booked'], m_noted: ['无需处理', 'Noted'],
}

createApp(App).use(i18n(texts)).mount('#app')
