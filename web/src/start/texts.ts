import { textsOf } from '../i18n'
import { long, texts } from '../say'
import { shared } from '../texts'

// What the start pages say.
export const startTexts = texts({
  ...shared,
  page_title: ['邻里付 LinliPay', 'LinliPay'],
  what: ['一个后台，收齐物业费', 'One backend through which a property company collects its fees'],
  more: [
    '住户扫终端上的二维码或用手机缴费，微信支付、支付宝、云闪付、银行卡都行；收银员立刻看到订单已支付，账单分毫不差地销账。',
    long(
      "Residents scan the terminal's QR or pay from the phone, by WeChat Pay, Alipay, UnionPay or bank card; the ",
      'cashier sees the order paid at once, and the bills are settled to the fen.',
    ),
  ],
  made_up: [
    '这是演示：公司、住户和钱都是虚构的，只在本机运行。',
    'This is a demo: companies, residents and money are made up, and nothing leaves this machine.',
  ],
  try: ['先试这一笔', 'Try this first'],
  try_1: [
    '打开一台终端并配对，按 开始缴费，输入 1-1-301，查询，再按 去支付。',
    'Open a terminal and pair it, press Start, type 1-1-301, search, and press Pay.',
  ],
  try_2: [
    '打开钱包，把终端上的二维码截图粘贴进去并付款，终端随即变绿。',
    "Open the wallet, paste a picture of the terminal's QR and pay; the terminal turns green.",
  ],
  try_3: ['点收银员，在 订单 里，它已在最上面。', 'Be the cashier: under Orders it stands on top of the list.'],
  at_phone: ['住户 · 手机', 'Resident, on the phone'],
  at_phone_does: [
    '看账单、缴费、留凭证。验证码由演示自动填写。',
    'Sees bills, pays, keeps receipts. The demo fills in the code by itself.',
  ],
  at_screen: ['住户 · 终端', 'Resident, at the terminal'],
  at_screen_does: [
    '在前台或大堂扫动态码、出示付款码或刷卡。配对码已填好，按 确定 即可。',
    'Scans the dynamic QR, shows a payment code or presents a card. Its pairing code is filled in: press OK.',
  ],
  code: ['配对码 {code}', 'pairing code {code}'],
  at_desk: ['员工 · 收银台', 'Staff, at the console'],
  at_desk_does: [
    '按一下就以此人登录；密码都是 {password}。',
    "One press logs in as that person; everybody's password is {password}.",
  ],
  at_wallet: ['钱包', 'Wallet'],
  at_wallet_does: [
    '沙箱里的微信、支付宝、云闪付和刷卡器：扫码、出示付款码、刷卡，不动真钱。',
    'WeChat, Alipay, UnionPay and a card reader in a sandbox: scan, show a code, swipe; no real money moves.',
  ],
  open_wallet: ['打开钱包', 'Open the wallet'],
  role_cashier: ['收银员', 'Cashier'],
  role_cashier_does: [
    '查找住户，用二维码、付款码、刷卡或现金收款',
    'finds the resident, collects by QR, code, card or cash',
  ],
  role_finance: ['财务', 'Finance'],
  role_finance_does: ['审批退款，处理异常款，核对渠道', 'approves refunds, settles unapplied funds'],
  role_operations: ['运营', 'Operations'],
  role_operations_does: [
    '管理小区、员工、终端、商户号和支付路由',
    'sets up communities, staff, terminals, accounts and routes',
  ],
  role_auditor: ['审计', 'Auditor'],
  role_auditor_does: ['查看一切和操作日志，不能改动', 'sees everything and who did what; changes nothing'],
  face_terminal: ['终端', 'Terminal'],
  face_terminal_does: ['前台或大堂的收款屏', 'the screen at the counter or in the lobby'],
  face_resident: ['住户', 'Resident'],
  face_resident_does: ['手机缴费', 'pay from the phone'],
  face_console: ['收银台', 'Console'],
  face_console_does: ['员工工作台', 'for staff'],
  second_finance: ['财务二：退款和账号的另一位审批人', 'Finance 2: the other person who approves'],
  failed: ['没有成功：{why}', 'That did not work: {why}'],
})
export type StartTexts = typeof startTexts

export const useTexts = textsOf<StartTexts>
