import { expect, test } from 'vitest'
import { drawsOf, isDeposit, paysFor, topUpOf, usable } from './prepayments'
import type { Bill, Prepayment } from './types'

const prepayment = (more: Partial<Prepayment> = {}) =>
  ({ id: 'u.0.e', entity: 'e', available: 1000, fees: [], ...more }) as unknown as Prepayment
const bill = (id: string, owed: number, more: Partial<Bill> = {}) =>
  ({ id, owed, entity: 'e', fee: '物业费', due_date: '2026-11-30', ...more }) as unknown as Bill
const said = (p: Prepayment, bills: Bill[], most?: number) =>
  drawsOf(p, bills, most).map((d) => `${d.bill.id} ${d.amount}`)

test('what was due first is paid first, until nothing is available', () => {
  const bills = [bill('b', 700), bill('a', 800, { due_date: '2026-10-31' })]
  expect(said(prepayment(), bills)).toEqual(['a 800', 'b 200'])
  expect(said(prepayment(), bills, 300)).toEqual(['a 300'])
  expect(said(prepayment({ available: 0 }), bills)).toEqual([])
  expect(said(prepayment(), bills, 9999)).toEqual(['a 800', 'b 200'])
})

test('what an order collects is left to it', () => {
  expect(said(prepayment(), [bill('a', 500, { held: 200 }), bill('b', 300, { held: 300 })])).toEqual(['a 300'])
})

test.each<[string, Partial<Prepayment>, Partial<Bill>, boolean]>([
  ['any fee', {}, {}, true],
  ['another company', {}, { entity: 'f' }, false],
  ['its fee', { fees: ['水费', '物业费'] }, {}, true],
  ['its fee, spelled otherwise', { fees: ['物 业费（元）'] }, {}, true],
  ['another fee', { fees: ['水费'] }, {}, false],
])('a prepayment pays for %s', (_, p, b, want) => {
  expect(paysFor(prepayment(p), bill('a', 1, b))).toBe(want)
  expect(usable([prepayment(p)], [bill('a', 1, b)]).length).toBe(want ? 1 : 0)
})

test.each([
  ['prepayment/u1.2.e1/ABCDEF', 'u1.2.e1'],
  ['prepayment/', ''],
  ['deposit/u1.2.e1.ABCDEF', 'u1.2.e1.ABCDEF'],
  ['b1', ''],
])('an item %s is paid to the prepayment %s', (ref, want) => {
  expect(topUpOf(ref)).toBe(want)
  expect(isDeposit(ref)).toBe(ref.startsWith('deposit'))
})
