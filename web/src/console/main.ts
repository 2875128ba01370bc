import { approvalTexts } from './approvals'
import { createApp } from 'vue'
import 'element-plus/dist/index.css'
import '../base.css'
import './element.css'
import './console.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import { amounts, shared } from '../texts'
import App from './App.vue'
import { formTexts } from './form'
import { plainLabels } from './checkbox'
import { memberTexts } from './members'
import { messageTexts } from './messages'
import { paperTexts } from '../paper/paper'
import { recordTexts } from './record'
import Closed from './Closed.vue'
import { pages } from './pages'
import { routerOf } from './router'
import { importTexts } from './import'
import { frameTexts } from './words'

const texts: Record<string, [string, string]> = {
  ...shared, ...amounts, ...approvalTexts, ...formTexts, ...memberTexts, ...paperTexts, ...recordTexts, ...frameTexts, ...importTexts, ...messageTexts,
  page_title: ['收银台 · 邻里付', 'Console · LinliPay'],
  login_name: ['登录名', 'Login'], password: ['密码', 'Password'], orders: ['订单', 'Orders'], collect: ['收款', 'Collect'], exceptions: ['异常款', 'Exceptional money'], terminals: ['终端', 'Terminals'],
  search_hint: ['订单号、房号、姓名、手机号或交易号', 'Order, unit, name, phone, transaction'], search: ['查询', 'Search'], all_status: ['全部状态', 'All'],
  live: ['实时', 'Live'], payer: ['住户', 'Resident'], origin: ['来源', 'Desk'], phone_origin: ['手机', 'phone'], terminal_origin: ['终端', 'terminal'], counter_origin: ['前台', 'counter'], kiosk_origin: ['自助', 'kiosk'], nowhere_origin: ['未知', 'unknown'],
  channel: ['渠道', 'Channel'], items: ['账单', 'Bills'], attempts: ['支付尝试', 'Tries'], timeline: ['时间线', 'Timeline'], check: ['查单', 'Check'], close: ['关闭订单', 'Close'], close_sure: ['将先在支付渠道关单，确定关闭该订单吗？', 'The institutions will be asked to close first. Close this order?'],
  print: ['打印凭证', 'Print receipt'], find_unit: ['房号、业主姓名或手机号', 'Unit, owner or phone'], choose_unit: ['请选择房屋', 'Choose a unit'], first_units: ['仅显示前 {n} 户，可输入更具体的房号', 'The first {n} are shown; enter more of the unit to narrow it'], no_bills: ['该房屋没有待缴账单', 'Nothing to pay for this unit'], make_order: ['收款', 'Collect'],
  scan: ['请住户用手机扫码', 'Scan it with the phone'], take_over: ['账单已有进行中的订单，是否关闭它并重新收款？', 'A bill has an open order. Close it and collect anew?'], left: ['剩余 {time}', '{time} left'], new_pairing: ['新增终端', 'Pair a terminal'],
  community: ['小区', 'Community'], name: ['名称', 'Name'], pairing_code: ['配对码', 'Pairing code'], pairing_hint: ['在终端上输入，{time} 内有效', 'Enter it on the terminal within {time}'], last_seen: ['最近在线', 'Last seen'], why: ['原因', 'Why'],
  not_yet: ['最近的记录中没有，可按“加载更多”继续查找', 'None among the latest; go on with “Load more”'], no_result: ['没有符合条件的订单', 'No such orders'], period: ['账期', 'Period'], fee: ['费用', 'Fee'], due_date: ['截止日期', 'Due'],
  kept: ['入账', 'kept'], exceptional: ['异常款', 'exceptional'], owner: ['业主', 'Owner'], no_exceptions: ['没有异常款', 'No exceptional money'], state: ['状态', 'State'],
  created: ['创建订单', 'created'], attempt_creating: ['发起支付', 'asking the institution'], attempt_opened: ['等待付款', 'can be paid'], attempt_refused: ['渠道拒绝', 'refused'], attempt_unknown: ['渠道未答复', 'no answer'], attempt_closed: ['渠道已关单', 'closed upstream'], attempt_left: ['渠道无此交易，继续观察', 'unknown upstream, watched'],
  money_arrived: ['款项到账', 'money arrived'], money_surplus: ['款项异常', 'money the order cannot keep'], money_mismatch: ['金额不符', 'another amount'], money_repeated: ['机构报告重复支付', 'paid again, says the institution'], close_asked: ['申请关闭', 'close asked'], effect_done: ['已完成', 'done'], effect_failed: ['未完成，将重试', 'not done yet, will be retried'], effect_settle_items: ['账单销账', 'settle the bills'], effect_reopen_items: ['账单恢复待缴', 'open the bills again'], effect_keep_prepayment: ['转为预存', 'keep as prepayment'], effect_record_taken: ['记账', 'ledger'], effect_record_given_back: ['退款记账', 'ledger'],
  starting: ['发起中', 'starting'], open: ['待付款', 'open'], leaving: ['观察中', 'watched'], succeeded: ['成功', 'succeeded'], failed: ['失败', 'failed'], ended: ['已结束', 'ended'], reported: ['待确认', 'reported'],
  method_native: ['扫码', 'QR'], method_jsapi: ['公众号', 'in WeChat'], method_h5: ['H5', 'H5'], method_wap: ['手机网页', 'wap'], method_code: ['付款码', 'code'], method_notes: ['', ''], method_swipe: ['刷卡', 'swipe'], reversed_or_being: ['撤销', 'reversal'],
  code_reversing: ['付款码超时，正在撤销', 'code not paid in time, reversing'], refund_requested: ['申请退款', 'refund asked for'], refund_approved: ['退款已批准', 'refund approved'], refund_rejected: ['退款已驳回', 'refund rejected'], refund_retried: ['重新退款', 'refund tried again'],
  refund_succeeded: ['退款成功', 'money went back'], refund_failed: ['退款失败', 'refund failed'], refund_abnormal: ['退款异常，需人工处理', 'refund needs a person'], exception_claimed: ['领取异常款', 'claimed'], exception_prepaid: ['转为预存', 'kept as prepayment'], exception_dismissed: ['核销异常款', 'dismissed'],
  code_hint: ['用扫码枪扫描住户手机上的付款码，或输入数字后按回车', 'Scan the code on the phone, or type its digits and press Enter'], code_label: ['等待扫码…', 'Waiting for the scanner…'], charge: ['扣款', 'Charge'],
  camera_on: ['用摄像头扫描', 'Use the camera'], camera_off: ['关闭摄像头', 'Stop the camera'], camera_hint: ['摄像头识别付款码中的二维码；条形码请用扫码枪。', 'The camera reads the QR of the code; its barcode needs a scanner.'], no_camera: ['没有可用的摄像头，请用扫码枪或输入数字。', 'No camera; use a scanner or type the digits.'],
  tendered: ['实收', 'Received'], change: ['找零', 'Change'], take_cash: ['确认收款', 'Take cash'],
  leave_code: ['付款码正在支付，离开后将关闭订单并撤销这笔扣款，确定离开吗？', 'A payment code is being charged. Leaving closes the order and reverses the charge. Leave?'],
  ask_refund: ['申请退款', 'Ask for a refund'], refundable: ['可退 ¥{amount}', 'up to ¥{amount}'], reason_hint: ['住户可见，最多 26 字', 'the resident sees it; 26 characters'], reason_1: ['重复缴费', 'paid twice'], reason_2: ['金额有误', 'wrong amount'], reason_3: ['住户申请', 'asked by resident'], reason_4: ['房屋过户', 'unit sold'],
  full_refund: ['全额退款', 'Everything'], part_refund: ['部分退款', 'A part'], refund_hint: ['提交后须由另一位财务人员审批，款项原路退回，账单恢复待缴。', 'Another person in finance must approve; the money goes back the way it came and the bills are owed again.'], refund_hint_cash: ['提交后须由另一位财务人员审批，批准后由收银员退付现金，账单恢复待缴。', 'Another person in finance must approve; then a cashier hands out the cash, and the bills are owed again.'],
  asked_by: ['{name} 申请', 'asked by {name}'], approved_by: ['{name} 批准', 'approved by {name}'], rejected_by: ['{name} 驳回', 'rejected by {name}'], by_hand: ['线下退款', 'by other means'], note: ['说明', 'Note'], print_refund: ['打印退款凭证', 'Print refund receipt'],
  asker: ['申请人', 'Asked by'], decider: ['审批人', 'Decided by'], institution_refund: ['渠道退款单号', "Institution's refund"], system: ['系统', 'system'], needed: ['必填', 'needed'],
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
  card_reported: ['终端报告刷卡成功', 'terminal: card charged'], card_declined: ['终端报告刷卡未成功', 'terminal: card not charged'], card_disbelieved: ['终端结果未采信', 'terminal: not believed'], card_confirmed: ['对账单已确认', 'confirmed by the statement'], card_doubted: ['对账单不符', 'the statement disagrees'], card_voided: ['终端报告已撤销', 'terminal: undone'], card_denied: ['核实未到账', 'found not to have arrived'], result_ended: ['终端结果已核实', 'result: found out'],
  unconfirmed: ['待确认刷卡', 'Unconfirmed cards'], unconfirmed_hint: ['终端已报告刷卡或撤销成功，但收单机构尚未确认。对账单发布后会自动核对；对账单没有的刷卡，请核实后按“未到账”处理；没有的撤销，请联系收单机构补退。未采信的终端结果，可能已扣款或已撤销，请查单或联系收单机构，核实后填写结论。', "A terminal reports these as charged or undone; the acquirer has not confirmed them. Statements settle them by themselves. Deny the charges that a statement does not show; of voids, have the acquirer give the money back. Of results that were not taken the card may have been charged or undone: check the order or ask the acquirer, then say what you found."], no_unconfirmed: ['没有待确认的刷卡', 'No unconfirmed cards'],
  age: ['已等待', 'Age'], hours_old: ['{n} 小时', '{n} h'], days_old: ['{n} 天', '{n} d'], batch_trace: ['批次/流水', 'Batch/trace'], awaiting: ['等待机构确认', 'Awaiting confirmation'],
  deny: ['未到账', 'Not arrived'], deny_hint: ['确认该笔刷卡款项未到账？已入账的将冲回，账单恢复待缴。', 'Has this money not arrived? What was booked goes out again and the bills are owed again.'], deny_why: ['请填写核实说明', 'how was it found out?'],
  untaken: ['结果未采信', 'Result not taken'], void_untaken: ['撤销结果未采信', 'Void not taken'], untaken_results: ['未采信的终端结果', "Terminal's results that were not taken"], read_at: ['设备时钟 {at}', "device's clock {at}"],
  settle_result: ['标记为已核实', 'Mark as found out'], settle_result_hint: ['请填写该笔刷卡或撤销的核实结论。此操作不入账也不退款：已到账的款项由机构通知或对账单入账，需退的请另行申请退款。', "Say what became of this card payment or void. Nothing is booked or given back by that: money arrives by the institution's own word, and goes back by a refund."],
  routes: ['支付路由', 'Routes'], routes_hint: ['为每种支付方式选择首选机构；首选机构无应答时，新的支付改由备用机构收款，已发起的支付不受影响。', 'Choose who takes each way to pay. While the first does not answer, new payments go to the second; those under way stay where they are.'],
  way: ['支付方式', 'Way to pay'], first_choice: ['首选', 'First'], second_choice: ['备用', 'Behind it'], failing: ['机构状态', 'Institution'], circuit_open: ['熔断中', 'not answering'], taken_by: ['，由{institution}收款', '; {institution} takes it'], taken_by_none: ['，无备用', '; nobody behind it'], by_order: ['默认：{institution}', 'by default: {institution}'], none: ['无', 'none'], no_routes: ['还没有可用的商户号', 'There are no merchant accounts yet'], saved: ['已保存', 'Saved'],
  returns: ['渠道退款', 'Channel refunds'], foreign_mark: ['渠道退款', 'channel refund'], at_institution: ['支付渠道', 'the institution'], waiting_count: ['{n} 笔待核实', '{n} waiting'],
  returns_hint: ['在支付渠道自己的页面上退出的款项。金额已知的已入账，相应账单已恢复待缴：请核实由谁、为何退款。金额未告知的尚未入账，账单未变，也不能再申请退款：请先查明金额。',
    "Money that went back on the institution's own page. Where the amount is known it is booked, and its bills are owed again: find out who gave it back and why. Where it was not told nothing is booked, no bill has changed, and no refund can be asked for: find the amount first."],
  no_returns: ['没有待核实的渠道退款', 'No channel refunds to look at'], 
  no_returns_means: ['在商户平台上直接退的款，经支付渠道通知或查询得知后列在这里。瑞银信平台上的退款既无通知也查询不到，只见于其对账单，请自行核对。',
    "A refund made directly on an institution's page is listed here once the institution tells of it, in a notification or when asked. Of refunds on Ruiyinxin's page neither tells, only its statement: look there."],
  went_back: ['退回时间与单号', 'Went back'], heard_at: ['{at} 得知', 'heard {at}'], reopened: ['恢复待缴的账单', 'Bills owed again'], noticed: ['发现方式', 'Noticed by'], deeds: ['操作', 'Actions'],
  noticed_told: ['渠道退款通知', 'notification'], noticed_asked: ['向渠道查询', 'query'], noticed_person: ['人工登记', 'entered by a person'],
  reopens_exception: ['异常款，不涉及账单', 'Exceptional money; no bill'], reopens_nothing: ['未对应账单', 'Of no bill'], reopens_later: ['查明金额后恢复', 'Once the amount is known'],
  untold: ['渠道退款，金额未告知', 'Channel refund, amount not told'], untold_short: ['金额未告知', 'Not told'], untold_of: ['支付 ¥{amount}', 'of ¥{amount}'],
  untold_means: ['{institution}表示该笔支付有款项退回，但没有告知金额（{at} 得知）。账单尚未恢复待缴，查明之前不能再申请退款。', '{institution} says that money of this payment went back, and not how much (heard {at}). The bills are not owed again yet, and no refund can be asked for until the amount is found.'],
  finance_finds_out: ['请财务在“渠道退款”中查明。', 'Finance finds out how much, under Channel refunds.'],
  first_untold: ['请先查明渠道退款的金额', 'Find out first how much went back'], first_untold_means: ['支付渠道表示该笔支付已有款项退回，但没有告知金额：再退款可能重复退出。请财务先在“渠道退款”中按单号查询、登记金额，或核实无其他退款。', 'The institution says that some of this payment went back, and not how much: a refund might give it back twice. Finance must first ask by the number, enter the amount, or find that nothing else went back.'], go_untold: ['查看这笔渠道退款', 'Show what went back'],
  first_declared: ['请先审批登记的渠道退款', 'Decide the declared refund first'], first_declared_means: ['该笔支付登记了渠道退款，尚待另一位财务审批：再退款可能重复退出。', 'An amount that went back of this payment was entered and waits for approval: a refund might give it back twice.'], go_declared: ['查看该登记', 'Show it'],
  would_reopen: ['批准后恢复待缴的账单', 'Bills that approval opens again'], of_bills: ['退款的账单', 'Refund of'], not_named: ['未填写', 'not given'], cash_goes_back: ['批准后由收银员退付现金', 'Once approved, a cashier hands out the cash'], went_back_there: ['款项已在支付渠道退回，申请自动驳回', 'The money went back at the institution; the request was rejected by itself'], acquirer_told: ['收单机构已确认', 'confirmed by the acquirer'],
  declared_hint: ['款项已在渠道退回，批准后只入账，不会再次退款', 'The money went back already: approving only books it, nothing is sent'],
  see_return: ['标记为已核实', 'Mark as seen'], see_return_means: ['确认已知悉这笔渠道退款。账目与账单不再变化。', 'You know of this refund. Neither books nor bills change any more.'], send_see_return: ['标记为已核实', 'Mark as seen'],
  by_number: ['按退款单号查询', 'Ask by its number'], by_number_means: ['填写商户平台上显示的退款单号，系统向支付渠道查询，按其答复入账。', "Enter the number that the institution's page shows; the institution is asked, and its answer is booked."], send_by_number: ['查询', 'Ask'],
  declare: ['登记金额（需另一人审批）', 'Enter amount, for approval'], declare_means: ['按商户平台上看到的金额登记。另一位财务人员批准后入账，账单恢复待缴；不会向支付渠道发起退款。', "Enter the amount that the institution's page shows. Once another person in finance approves, it is booked and the bills are owed again; nothing is sent to the institution."], send_declare: ['提交审批', 'Submit for approval'],
  dismiss_return: ['核实无其他退款', 'No other refund'], dismiss_return_means: ['已在商户平台上核实：除本系统的退款外，没有款项退回。', "You looked at the institution's page: nothing but our own refunds went back."], send_dismiss_return: ['确认无其他退款', 'Confirm'],
  reopen_return: ['重新打开', 'Open again'], reopen_return_means: ['撤回“核实无其他退款”，该笔支付重新列入渠道退款，待查明。原结论与重新打开的原因都留在时间线中。', 'Takes back that nothing else went back: the payment is in the list again until it is explained. The finding and the reason to open it again stay in the timeline.'], send_reopen_return: ['重新打开', 'Open again'], reopened_now: ['已重新打开', 'Opened again'],
  number_at_institution: ['渠道退款单号', 'Refund number at the institution'], basis: ['金额依据', 'How the amount is known'], finding: ['核实说明', 'How it was found out'], optional: ['选填', 'optional'], at_most: ['最多 ¥{amount}', 'up to ¥{amount}'], discard: ['放弃已填写的内容吗？', 'Discard what was entered?'],
  declared: ['已登记，等待另一位财务审批', 'Entered; another person in finance decides'], seen_done: ['已核实', 'Marked as seen'], booked_now: ['已按渠道答复入账', 'Booked as the institution answered'], dismissed_now: ['已记录', 'Noted'],
  seen_by: ['{name} 已核实', 'seen by {name}'], dismissed_by: ['已由 {name} 核实无其他退款', 'No other refund, as {name} found'], return_dismissed: ['已核实无其他退款', 'found: no other refund'], return_reopened: ['重新打开渠道退款', 'channel refund opened again'], return_booked: ['渠道退款入账', 'channel refund booked'], return_unknown: ['渠道退款，金额未告知', 'channel refund, amount not told'], return_seen: ['渠道退款已核实', 'channel refund seen'],
  void_mark: ['终端撤销', 'void on the terminal'], void_waits: ['等待终端撤销', 'waits for the terminal'], statement_waits: ['待收单机构对账单确认', "waits for the acquirer's statement"], void_provisional: ['撤销待对账单确认', 'void not confirmed yet'], made_good: ['机构已补退', 'Given back by the acquirer'], how_made_good: ['对账单没有这笔撤销，款项仍在收单机构。请联系收单机构退给住户，再填写处理说明', 'the statement does not show this void, and the acquirer still has the money: have it given back, then say how'], said_done: ['终端 {at} 报告成功', 'terminal, {at}: done'], said_not_done: ['终端 {at} 报告未成功', 'terminal, {at}: not done'], auth_code: ['授权码', 'Authorisation'],
  m_failed: ['未入账', 'Failed'], m_rejected: ['不可信', 'Rejected'], m_received: ['未处理', 'Received'], m_booked: ['已入账', 'Booked'], m_noted: ['无需处理', 'Noted'],
  bindings: ['绑定申请', 'Binding requests'], homes: ['房屋', 'Homes'],
  bindings_hint: [
    '住户申请在手机上查看并缴纳某套房屋的账单。请核实申请人与房屋的关系（业主、家人或租户）后再通过；通过后业主会看到，也可以自行解除。',
    'Residents who ask to see and pay the bills of a home on their phone. Find out how they have to do with it before you approve; the owner is told, and may end it.',
  ],
  no_requests: ['没有待处理的绑定申请', 'No requests wait'], no_such_bindings: ['没有记录', 'Nothing here'],
  no_requests_means: ['住户没有登记手机、或拿不到登记手机的验证码时，可在手机上向物业申请绑定，申请会列在这里。', 'A resident who cannot get the code of the registered phone asks the office from their phone; the request is listed here.'],
  b_code_sent: ['已发验证码', 'Code sent'], b_requested: ['待处理', 'Waiting'], b_bound: ['已绑定', 'Bound'], b_refused: ['已拒绝', 'Refused'], b_ended: ['已解除', 'Ended'],
  owner_on_record: ['登记业主', 'Owner on record'], phone_on_record: ['登记手机', 'Registered phone'], no_phone: ['未登记手机', 'no phone'],
  asker_note: ['附言', 'Note'], no_note: ['无附言', 'no note'], asked_at: ['申请时间', 'Asked'], what_became: ['结果', 'What became of it'],
  no_such_unit: ['无此房号', 'no such unit'], no_such_unit_means: ['住户填写的房号不存在，请拒绝并让住户核对', 'No unit has this label; refuse it and have the resident look again'],
  approve_binding: ['通过', 'Approve'], approve_binding_means: ['通过后，申请人可以查看并缴纳本房屋的账单，业主会看到。', 'The person will see and pay the bills of this home. The owner is told.'], approve_binding_done: ['已通过', 'Approved'],
  refuse_binding: ['拒绝', 'Refuse'], refuse_binding_means: ['请填写原因，申请人可见。', 'Say why; the person sees it.'], refuse_binding_done: ['已拒绝', 'Refused'],
  end_binding: ['解除绑定', 'Unbind'], end_binding_means: ['解除后，该住户不能再查看和缴纳本房屋的账单。可填写原因，住户可见。', 'The resident will no longer see or pay the bills of this home. You may say why; the resident sees it.'], end_binding_done: ['已解除绑定', 'Unbound'],
  reason_seen: ['最多 100 字，住户可见', 'up to 100 characters; the resident sees it'], too_long_100: ['最多 100 字', '100 characters at most'],
  way_code: ['登记手机验证码', 'code to the registered phone'], way_office: ['物业审核', 'approved by the office'], way_earlier: ['旧版绑定', 'bound before'],
  ended_by: ['{name} 处理', 'by {name}'], ended_by_owner_changed: ['业主变更，自动解除', "ended by the owner's change"], bound_by: ['{name} 通过', 'approved by {name}'],
  waiting_requests: ['{n} 件待处理', '{n} waiting'],
  homes_hint: ['查找房屋，查看登记业主与已绑定的住户；业主变更请在此登记。', 'Find a home, see its owner on record and who is bound to it; enter a change of owner here.'], no_unit_found: ['没有找到房屋', 'No unit found'],
  change_owner: ['变更业主', 'Change owner'], change_owner_means: [
    '登记手机变更即视为业主变更：现有绑定全部解除，原手机只能缴纳变更前已出的账单。只改姓名不影响绑定。',
    'Another phone is another owner: all bindings end, and the old phone can pay only the bills issued before. Correcting the name alone ends nothing.',
  ],
  change_owner_sure: ['登记手机将变更，{n} 个绑定会立即解除，原手机只能缴纳变更前已出的账单。确定变更吗？', 'The registered phone changes. Bindings that end at once: {n}. The old phone can pay only the bills issued before. Go on?'],
  who_is_bound: ['已绑定的住户', 'Who is bound'], nobody_bound: ['除登记手机外，没有住户绑定本房屋。', 'Nobody but the registered phone has this home.'], bound_before: ['已解除', 'Ended'],
}

plainLabels(document.body)
void begin(createApp(App).use(routerOf(pages, Closed)).use(i18n(texts)), 'cookies', 'storage')
