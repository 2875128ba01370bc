import { expect, test } from 'vitest'
import { explainFirst, refundMark, type Attempt, type Order, type Refund } from '../types'
import { billsOf, returnsOf } from './returns'

const attempt = (no: number, more: Partial<Attempt> = {}): Attempt => ({
  no,
  out_trade_no: '',
  institution: 'wechat',
  method: 'native',
  state: 'succeeded',
  amount: 300,
  received: 300,
  created_at: '',
  ...more,
})
const refund = (no: number, more: Partial<Refund> = {}): Refund => ({
  no,
  out_refund_no: 'R' + no,
  attempt: 1,
  amount: 100,
  reason: '',
  status: 'succeeded',
  requested_at: '',
  external: true,
  ...more,
})
const order = (attempts: Attempt[], refunds?: Refund[]) =>
  ({ id: 'o', status: 'paid', items: [{ ref: 'b', title: '', amount: 300 }], attempts, refunds }) as unknown as Order

test('finance is shown what nobody has seen, and what nobody was told the amount of', () => {
  const waits = { explanation_required: true, amount_unknown: true, at: '', remaining: 1 }
  const cases: [Order, (number | string)[]][] = [
    [order([attempt(1)]), []],
    [order([attempt(1)], [refund(1)]), [1]],
    [order([attempt(1)], [refund(1, { acknowledged_by: 'staff:f' })]), []],
    [order([attempt(1)], [refund(1, { external: false })]), []],
    [order([attempt(1)], [refund(1, { status: 'requested' }), refund(2)]), [2]],
    [order([attempt(1, { returns: waits })]), ['untold']],
    [order([attempt(1, { returns: { ...waits, explanation_required: false } })]), []],
    [order([attempt(1, { returns: waits })], [refund(1, { attempt: 1 })]), [1, 'untold']],
  ]
  for (const [o, want] of cases) expect(returnsOf(o).map((r) => r.refund?.no ?? 'untold')).toEqual(want)
})

test('a refund made at the institution is called so', () => {
  expect([refundMark(refund(1)), refundMark(refund(1, { external: false }))]).toEqual(['foreign_mark', undefined])
})

// Whether a refund of the first payment has something to be explained before it, as the server has it.
test.each<[string, Order, string]>([
  ['nothing', order([attempt(1)]), ''],
  [
    'an amount that nobody told',
    order([attempt(1, { returns: { explanation_required: true, at: '', remaining: 1 } })]),
    'untold',
  ],
  [
    'one that was dismissed',
    order([attempt(1, { returns: { amount_unknown: true, dismissed_by: 'staff:f', at: '', remaining: 1 } })]),
    '',
  ],
  [
    'one of another payment',
    order([attempt(1), attempt(2, { returns: { explanation_required: true, at: '', remaining: 1 } })]),
    '',
  ],
  ['a declared amount', order([attempt(1)], [refund(1, { status: 'requested' })]), 'declared'],
  ['one that was approved', order([attempt(1)], [refund(1)]), ''],
  ['one of ours that waits', order([attempt(1)], [refund(1, { status: 'requested', external: false })]), ''],
])('before a refund: %s', (_, o, want) => expect(explainFirst(o, 1)).toBe(want))

test('a refund names its bills, and a declared one those that its approval opens again', () => {
  const o = order([attempt(1)])
  expect(billsOf(o, refund(1, { items: [{ ref: 'b', amount: 30 }] }))).toEqual([{ ref: 'b', amount: 30, title: '' }])
  expect(billsOf(o, refund(1, { would_reopen: [{ ref: 'x', amount: 30 }] }))).toEqual([
    { ref: 'x', amount: 30, title: 'x' },
  ])
  expect(billsOf(o, refund(1))).toEqual([])
})
