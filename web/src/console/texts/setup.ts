import { texts } from '../../say'

// What a company does before it can collect.
export const setup = texts({
  setup: ['开始收款前', 'Before you collect'],
  setup_done: [
    '已完成 {n} / {of} 步。可以随时离开，回来接着做。',
    '{n} of {of} steps done. Leave and come back at any time.',
  ],
  setup_is_done: ['已完成', 'Done'],
  setup_go: ['去办理', 'Do it'],
  setup_legal_entity: ['填写公司主体', 'Legal entity'],
  setup_legal_entity_means: [
    '名称和统一社会信用代码，用在票据和账上。',
    'Its registered name and tax number, for receipts and books.',
  ],
  setup_staff: ['添加员工', 'Staff'],
  setup_staff_means: [
    '至少一位收银员；商户号要由一人提交、另一人审批。',
    'One cashier at least. One person asks for merchant accounts and another approves.',
  ],
  setup_units: ['导入房产和欠费', 'Homes and what they owe'],
  setup_units_means: [
    '下载表格模板，填好后上传；先试运行，不会改动任何数据。',
    'Fill in the template and upload it; a trial run changes nothing.',
  ],
  setup_merchant_account: ['接入收款渠道', 'Merchant account'],
  setup_merchant_account_means: [
    '微信支付、支付宝或收单机构的商户号；钱直接进公司账户。',
    'Of WeChat Pay, Alipay or an acquirer: money goes straight to the company.',
  ],
  setup_terminal: ['配对终端（可选）', 'Pair a terminal (optional)'],
  setup_terminal_means: ['住户在柜台或大堂扫码、刷卡。', 'Residents scan or tap at the counter or in the lobby.'],
  setup_first_payment: ['收第一笔款', 'Take the first payment'],
  setup_first_payment_means: ['先收一笔小额，再原路退回试一次。', 'Take a small sum, then try a refund of it.'],
})
