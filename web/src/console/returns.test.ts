import { expect, test } from 'vitest'
import { explainFirst, refundMark, refundable, type Attempt, type Order, type Refund } from '../types'
import { billsOf, leftOf, returnsOf } from './returns'

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
  foreign: true,
  ...more,
})
const order = (attempts: Attempt[], refunds?: Refund[]) =>
  ({ id: 'o', status: 'paid', items: [{ ref: 'b', title: '', amount: 300 }], attempts, refunds }) as unknown as Order

test('finance is shown what nobody has seen, and what nobody was told the amount of', () => {
  const waits = { waits: true, unknown: true, at: '' }
  const cases: [Order, (number | string)[]][] = [
    [order([attempt(1)]), []],
    [order([attempt(1)], [refund(1)]), [1]],
    [order([attempt(1)], [refund(1, { seen_by: 'staff:f' })]), []],
    [order([attempt(1)], [refund(1, { foreign: false })]), []],
    [order([attempt(1)], [refund(1, { status: 'requested' }), refund(2)]), [2]],
    [order([attempt(1, { returns: waits })]), ['untold']],
    [order([attempt(1, { returns: { ...waits, waits: false } })]), []],
    [order([attempt(1, { returns: waits })], [refund(1, { attempt: 1 })]), [1, 'untold']],
  ]
  for (const [o, want] of cases) expect(returnsOf(o).map((r) => r.refund?.no ?? 'untold')).toEqual(want)
})

test('no more can be declared than is left at the institution', () => {
  const cases: [Refund[], number][] = [
    [[], 300],
    [[refund(1)], 200],
    [[refund(1, { by_hand: true })], 300],
    [[refund(1, { status: 'pending' })], 300],
    [[refund(1, { attempt: 2 })], 300],
    [[refund(1), refund(2, { foreign: false, amount: 200 })], 0],
  ]
  for (const [refunds, left] of cases) expect(leftOf(order([attempt(1)], refunds), attempt(1))).toBe(left)
})

test('a refund made at the institution is called so, and leaves that much less to ask back', () => {
  expect([refundMark(refund(1)), refundMark(refund(1, { foreign: false }))]).toEqual(['foreign_mark', ''])
  const twice = order(
    [attempt(1)],
    [refund(1, { items: [{ ref: 'b', amount: 300 }] }), refund(2, { items: [{ ref: 'b', amount: 100 }] })],
  )
  expect(refundable(twice, twice.items[0])).toBe(0)
})

// Whether a refund of the first payment has something to be explained before it, as the server has it.
test.each<[string, Order, string]>([
  ['nothing', order([attempt(1)]), ''],
  ['an amount that nobody told', order([attempt(1, { returns: { waits: true, at: '' } })]), 'untold'],
  ['one that was dismissed', order([attempt(1, { returns: { unknown: true, dismissed_by: 'staff:f', at: '' } })]), ''],
  ['one of another payment', order([attempt(1), attempt(2, { returns: { waits: true, at: '' } })]), ''],
  ['a declared amount', order([attempt(1)], [refund(1, { status: 'requested' })]), 'declared'],
  ['one that was approved', order([attempt(1)], [refund(1)]), ''],
  ['one of ours that waits', order([attempt(1)], [refund(1, { status: 'requested', foreign: false })]), ''],
])('before a refund: %s', (_, o, want) => expect(explainFirst(o, 1)).toBe(want))

test('a refund names its bills, and a declared one those that its approval opens again', () => {
  const o = order([attempt(1)])
  expect(billsOf(o, refund(1, { items: [{ ref: 'b', amount: 30 }] }))).toEqual([{ ref: 'b', amount: 30, title: '' }])
  expect(billsOf(o, refund(1, { would_reopen: [{ ref: 'x', amount: 30 }] }))).toEqual([
    { ref: 'x', amount: 30, title: 'x' },
  ])
  expect(billsOf(o, refund(1))).toEqual([])
})
