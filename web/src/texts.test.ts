import { expect, test } from 'vitest'
import type { Table } from './say'
import { sayingOf } from './say.play'
import { amounts } from './amounts'
import { consoleTexts } from './console/texts'
import { deskPaperTexts, paperTexts } from './paper/texts'
import { residentTexts } from './resident/texts'
import { startTexts } from './start/texts'
import { terminalTexts } from './terminal/texts'
import { shared } from './texts'
import {
  reasonOf,
  writtenReasons,
  type Refund,
  cardTypes,
  unappliedReasons,
  unappliedStates,
  institutions,
  refundStates,
  wallets,
  whys,
} from './types'

test('every state, reason, wallet and institution has words in both languages', () => {
  const keys = [
    ...refundStates.map((s) => 'r_' + s),
    ...unappliedStates.map((s) => 'e_' + s),
    ...unappliedReasons.map((s) => 'reason_' + s),
    ...whys.map((s) => 'why_' + s),
    ...wallets.map((s) => 'w_' + s),
    ...cardTypes.map((s) => 'type_' + s),
    ...institutions,
  ]
  const table: Table = shared
  const words = keys.flatMap((k) => table[k] ?? [k])
  expect(words.length).toBe(keys.length * 2)
  expect(words.filter((w) => !w || keys.includes(w))).toEqual([])
})

// The reason of a refund, who made it, and what staff read of that: what a person wrote stays as it is.
const own = 'refunded through the payment institution'
test.each<[string, Partial<Refund>, string]>([
  ['made at the institution', { external: true, reason_unknown: true, reason: '支付渠道退款' }, own],
  ['asked for here, and made at the institution instead', { external: true, reason: '重复缴费' }, '重复缴费'],
  ['ours', { reason: '住户申请' }, '住户申请'],
  ['ours, by itself', { reason: '金额不符，原路退回' }, 'another amount than asked, returned the way it came'],
  ['ours, by the same words', { reason: '支付渠道退款' }, '支付渠道退款'],
])('the reason of a refund: %s', (_, refund, want) => {
  expect(reasonOf(refund as Refund, sayingOf(shared))).toBe(want)
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

// How English is written, whatever page it is on.
const english = Object.entries({
  ...shared,
  ...amounts,
  ...consoleTexts,
  ...residentTexts,
  ...startTexts,
  ...terminalTexts,
  ...paperTexts,
  ...deskPaperTexts,
}).map(([key, [, en]]) => [key, en] as const)

test('English has no marks that Chinese letters draw as wide as a word', () => {
  expect(english.filter(([, en]) => /[“”’‘，。；：（）]/.test(en))).toEqual([])
})

// severalOnly are the texts that nobody is shown for one, with the reason.
const severalOnly: Record<string, string> = {
  pay_apart: 'bills that go to one company are paid at once',
  bills_in_parts: 'there are more than can be paid at once',
  times: 'one that came alone has no count',
}

test('a number in English is right for one: “bills: 1”, never “1 bills”', () => {
  const plural = english.filter(([, en]) => /\{(n|m|most)\} [a-z]+s\b/.test(en)).map(([key]) => key)
  expect(plural.filter((key) => !severalOnly[key])).toEqual([])
  expect(Object.keys(severalOnly).filter((key) => !plural.includes(key))).toEqual([])
})
