import { expect, test } from 'vitest'
import { homeOf, type Order, type TimelineEvent } from '../types'
import { knowsOf, sayingOf } from '../say.play'
import { consoleTexts, type ConsoleSay } from './texts'
import { noteOf } from './timeline'

// Long texts stand as their keys here.
const chinese = sayingOf(consoleTexts, false)
const t = ((...said) => (/^(why|doubt)_/.test(said[0]) ? said[0] : chinese(...said))) as ConsoleSay
const words = (english: boolean) => ({
  t,
  te: knowsOf(consoleTexts),
  english,
})
const order = { rejected_reports: [{ reason: '金额与订单不符', reason_en: 'another amount' }] } as unknown as Order

// What happened, its note as the server has it, and what people read beside what happened.
test.each<[string, string | undefined, string, boolean?]>([
  ['attempt_creating', 'wechat wechat native', '微信支付 扫码'],
  ['attempt_creating', 'wechat alipay native', '微信支付 支付宝 扫码'],
  ['money_surplus', 'order_paid 1.00', '重复支付 ¥1.00'],
  ['refund_requested', '4200R01 251.45 重复缴费', '4200R01 ¥251.45 重复缴费'],
  ['refund_requested', '4200R01 1.00 多收 12.50', '4200R01 ¥1.00 多收 12.50'],
  ['refund_succeeded', '4200R01 0.01', '4200R01 ¥0.01'],
  ['money_arrived', '4200 SUCCESS', '4200 / SUCCESS'],
  ['money_arrived', '4200', '4200'],
  ['money_arrived', '4200 REFUND 转入退款', '4200 / REFUND 转入退款'],
  ['money_repeated', '1.00 another SUCCESS', '¥1.00 · another / SUCCESS'],
  ['return_amount_unknown', 'REFUND', ' / REFUND'],
  ['return_amount_unknown', '202611281422538898478172R01 1.20', '202611281422538898478172R01 ¥1.20'],
  ['return_dismissed', '平台查无退款', '平台查无退款'],
  ['card_rejected', '金额与订单不符', '金额与订单不符'],
  ['card_rejected', '金额与订单不符', 'another amount', true],
  ['card_rejected', 'elsewhere', 'elsewhere', true],
  ['paid', undefined, ''],
  [
    'attempt_refused',
    'refused AUTH_CODE_INVALID 付款码无效',
    'why_code_invalid / refused AUTH_CODE_INVALID 付款码无效',
  ],
  ['attempt_unknown', 'busy SYSTEM_ERROR', 'why_busy / busy SYSTEM_ERROR'],
  ['attempt_closed', 'NOTPAY', ' / NOTPAY'],
  ['refund_abnormal', '4200R01 ABNORMAL', '4200R01 · why_refund_account / ABNORMAL'],
  [
    'refund_abnormal',
    '4200R01 refused NOT_ENOUGH 余额不足',
    '4200R01 · why_merchant_balance / refused NOT_ENOUGH 余额不足',
  ],
  ['refund_failed', '4200R01 住户不要了', '4200R01 · 住户不要了'],
  ['card_mismatched', '2026-11-28 对账单无此笔', 'doubt_absent'],
  [
    'card_mismatched',
    '202611281422538898478172R01 2026-11-28 对账单有此笔刷卡，无此撤销',
    '202611281422538898478172R01 doubt_no_void',
  ],
  ['card_declined', '银行卡余额不足', '银行卡余额不足'],
])('%s %s', (kind, note, want, english = false) => {
  const { said, detail } = noteOf({ at: '', kind, note } as TimelineEvent, order, words(english))
  expect([said, detail].filter((text, i) => i === 0 || text).join(' / ')).toBe(want)
})

test('a home is told by its community and unit', () => {
  const of = (community_name: string, unit_label: string) => homeOf({ community_name, unit_label })
  expect([of('锦绣花园', '1-1-101'), of('', '1-1-101')]).toEqual(['锦绣花园 · 1-1-101', '1-1-101'])
})
