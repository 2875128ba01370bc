import { expect, test } from 'vitest'
import { shared } from './texts'
import {
  reasonOf,
  writtenReasons,
  type Refund,
  cardTypes,
  exceptionReasons,
  exceptionStates,
  institutions,
  refundStates,
  wallets,
  whys,
} from './types'

test('every state, reason, wallet and institution has words in both languages', () => {
  const keys = [
    ...refundStates.map((s) => 'r_' + s),
    ...exceptionStates.map((s) => 'e_' + s),
    ...exceptionReasons.map((s) => 'reason_' + s),
    ...whys.map((s) => 'why_' + s),
    ...wallets.map((s) => 'w_' + s),
    ...cardTypes.map((s) => 'type_' + s),
    ...institutions,
  ]
  const words = keys.flatMap((k) => shared[k] ?? [k])
  expect(words.length).toBe(keys.length * 2)
  expect(words.filter((w) => !w || keys.includes(w))).toEqual([])
})

// The reason of a refund, who made it, and what staff read of that: what a person wrote stays as it is.
const own = 'refunded through the payment institution'
test.each<[string, Partial<Refund>, string]>([
  ['made at the institution', { foreign: true, made_there: true, reason: '支付渠道退款' }, own],
  ['asked for here, and made at the institution instead', { foreign: true, reason: '重复缴费' }, '重复缴费'],
  ['ours', { reason: '住户申请' }, '住户申请'],
  ['ours, by itself', { reason: '金额不符，原路退回' }, 'another amount than asked, returned the way it came'],
  ['ours, by the same words', { reason: '支付渠道退款' }, '支付渠道退款'],
])('the reason of a refund: %s', (_, refund, want) => {
  expect(reasonOf(refund as Refund, (key) => shared[key][1])).toBe(want)
})

test('the reasons that the server writes by itself are those that the pages translate', () => {
  const sources = import.meta.glob<string>(['../../payment/unapplied.go', '../../payment/void.go'], {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const go = Object.values(sources).join('')
  const written = [...go.matchAll(/(?:return|Reason:) "([^"]*\p{Script=Han}[^"]*)"/gu)].map((m) => m[1])
  expect(written.sort()).toEqual(Object.keys(writtenReasons).sort())
})
