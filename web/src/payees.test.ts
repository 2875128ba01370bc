import { expect, it } from 'vitest'
import { asRead, firstOf, freeOf, oldest, payees, restOf } from './payees'
import { chosenFirst } from './resident/owed'
import type { Bill } from './types'

const bill = (id: string, entity: string, owed: number) =>
  ({ id, entity, payee: entity + '公司', owed, fee: '物业费', period: '2026-11' }) as Bill

// A line is the bills (payee and fen), and the payees with what they get; then what is chosen where an order takes two.
it.each([
  ['', '', ''],
  ['a1', 'a1', '0'],
  ['a1 a2 a3', 'a6', '0 1'],
  ['a1 b2', 'a1 b2', '0 1'],
  ['b1 a2 b3 a4', 'b4 a6', '0 2 1 3'],
  ['a1 a2 a3 b4 b5 b6', 'a6 b15', '0 1 3 4'],
])('bills of several payees are parted: %s', (list, groups, chosen) => {
  const bills = list
    .split(' ')
    .filter(Boolean)
    .map((b, i) => bill(String(i), b[0]!, Number(b.slice(1))))
  expect(
    payees(bills)
      .map((p) => p.name[0]! + p.owed)
      .join(' '),
  ).toBe(groups)
  expect(
    firstOf(bills, 2)
      .map((b) => b.id)
      .join(' '),
  ).toBe(chosen)
  expect(chosenFirst(bills, 2, []).join(' ')).toBe(chosen)
})

it('chooses the bills that the address asks for, of whomever', () => {
  const bills = [bill('1', 'a', 1), bill('2', 'b', 2), bill('3', 'b', 3)]
  expect(chosenFirst(bills, 200, ['3', 'gone'])).toEqual(['3'])
})

// A line is the bills, those of them that an order is for, and who is paid next and what.
it.each([
  ['a1 b2', '0', 'b2'],
  ['a1 a2 b3', '0', 'b3'],
  ['a1 b2 c3 b4', '1 3', 'a1'],
  ['a1 a2', '0', ''],
  ['a1 b2', '', ''],
  ['a1', 'gone', ''],
])('of %s, once %s is paid, the next is %s', (list, ordered, next) => {
  const bills = list.split(' ').map((b, i) => bill(String(i), b[0]!, Number(b.slice(1))))
  const rest = restOf(bills, new Set(ordered.split(' ')))
  expect(rest ? rest.id + rest.owed : '').toBe(next)
})

it('reads fee by fee and month after month, and takes the oldest all the same', () => {
  const bills = ['物业费 2026-11', '停车费 2026-10', '物业费 2026-09', '停车费 2026-12'].map((of, i) => {
    const [fee, period] = of.split(' ')
    return { ...bill(String(i), 'a', 1), fee, period } as Bill
  })
  const ids = (some: Bill[]) => some.map((b) => b.id).join('')
  expect(ids(asRead(bills))).toBe('1320')
  expect(ids(payees(bills)[0]!.bills)).toBe('1320')
  expect(ids(oldest(asRead(bills), 2))).toBe('21')
  expect(ids(firstOf(bills, 3))).toBe('210')
})

it('counts what a payee is still owed without what orders collect', () => {
  const bills = [bill('0', 'a', 500), { ...bill('1', 'a', 300), held: 100 }, bill('2', 'b', 900)]
  expect(['a', 'b', 'c'].map((of) => freeOf(bills, of))).toEqual([700, 900, 0])
})
