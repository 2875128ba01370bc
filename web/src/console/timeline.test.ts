import { expect, test } from 'vitest'
import { homeOf, type Order, type TimelineEvent } from '../types'
import { noteOf } from './timeline'

const texts: Record<string, string> = {
  wechat: '微信支付',
  alipay: '支付宝',
  method_native: '扫码',
  method_notes: '',
  reason_order_paid: '重复支付',
}
const words = (english: boolean) => ({
  t: (key: string) => texts[key] ?? key,
  te: (key: string) => key in texts,
  english,
})
const order = { untaken: [{ why: '金额与订单不符', why_en: 'another amount' }] } as unknown as Order

// What happened, its note as the server has it, and what people read beside what happened.
test.each<[string, string | undefined, string, boolean?]>([
  ['attempt_creating', 'wechat wechat native', '微信支付 扫码'],
  ['attempt_creating', 'wechat alipay native', '微信支付 支付宝 扫码'],
  ['money_surplus', 'order_paid 1.00', '重复支付 1.00'],
  ['money_arrived', '4200 SUCCESS', '4200 / SUCCESS'],
  ['money_arrived', '4200', '4200'],
  ['money_arrived', '4200 REFUND 转入退款', '4200 / REFUND 转入退款'],
  ['money_repeated', '1.00 another SUCCESS', '¥1.00 · another / SUCCESS'],
  ['return_unknown', 'REFUND', ' / REFUND'],
  ['return_unknown', '202611281422538898478172R01 1.20', '202611281422538898478172R01 1.20'],
  ['return_dismissed', '平台查无退款', '平台查无退款'],
  ['card_disbelieved', '金额与订单不符', '金额与订单不符'],
  ['card_disbelieved', '金额与订单不符', 'another amount', true],
  ['card_disbelieved', 'elsewhere', 'elsewhere', true],
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
  ['card_doubted', '2026-11-28 对账单无此笔', 'doubt_absent'],
  [
    'card_doubted',
    '202611281422538898478172R01 2026-11-28 对账单有此笔刷卡，无此撤销',
    '202611281422538898478172R01 doubt_no_void',
  ],
  ['card_declined', '银行卡余额不足', '银行卡余额不足'],
])('%s %s', (what, note, want, english = false) => {
  const { said, detail } = noteOf({ at: '', what, note } as TimelineEvent, order, words(english))
  expect([said, detail].filter((text, i) => i === 0 || text).join(' / ')).toBe(want)
})

test('a home is told by its community and unit', () => {
  const of = (community_name: string, unit_label: string) => homeOf({ community_name, unit_label })
  expect([of('锦绣花园', '1-1-101'), of('', '1-1-101')]).toEqual(['锦绣花园 · 1-1-101', '1-1-101'])
})
