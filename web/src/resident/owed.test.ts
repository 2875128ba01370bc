import { expect, test } from 'vitest'
import type { Bill, Order, Refund } from '../types'
import { billsOf, chosenFirst, owedAgain, payPlace } from './owed'

const refund = (status: Refund['status'], refs: string[], funds?: number) =>
  ({
    no: 1,
    attempt: 1,
    amount: 100,
    status,
    unapplied_funds: funds,
    items: refs.map((ref) => ({ ref, amount: 100 })),
  }) as Refund
const order = (...refunds: Refund[]) =>
  ({
    id: 'o',
    items: [
      { ref: 'a', title: '物业费', amount: 100 },
      { ref: 'b', title: '水费', amount: 100 },
    ],
    refunds,
  }) as Order
const bills = (...ids: string[]) => ids.map((id) => ({ id, owed: 100 }) as Bill)
const ids = (some: Bill[]) => some.map((b) => b.id).join()

test.each([
  ['nothing went back', order(), 'a,b', ''],
  ['all of it', order(refund('succeeded', ['a', 'b'])), 'a,b', 'a,b'],
  ['one bill', order(refund('succeeded', ['b'])), 'a,b,c', 'b'],
  ['one that was paid again', order(refund('succeeded', ['b'])), 'c', ''],
  ['one that is on its way', order(refund('pending', ['b'])), 'b', ''],
  ['one that was refused, and another', order(refund('failed', ['a']), refund('succeeded', ['b'])), 'a,b', 'b'],
])('bills that are owed again: %s', (_, o, unpaid, want) => {
  expect(ids(owedAgain(o, bills(...unpaid.split(','))))).toBe(want)
})

test('a refund names the bills that it is of', () => {
  const o = order(refund('succeeded', ['b']))
  expect(billsOf(o, o.refunds![0])).toEqual([{ ref: 'b', title: '水费', amount: 100 }])
})

test.each([
  ['', 'a,b'],
  ['c', 'c'],
  ['gone,b', 'b'],
  ['gone', 'a,b'],
  ['a,b,c', 'a,b'],
])('of three bills, two of which one order takes, %o chooses %o', (asked, want) => {
  expect(chosenFirst(bills('a', 'b', 'c'), 2, asked.split(',')).join()).toBe(want)
})

test('the address names the bills', () => {
  expect(payPlace('u', bills('a', 'b'))).toBe('#/units/u/pay/a,b')
})
