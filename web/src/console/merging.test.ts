import { expect, test } from 'vitest'
import type { Order } from '../types'
import { merged, type Part } from './merging'

// order is made on a day, and has refunds of some amounts.
const order = (id: string, day: number, ...amounts: number[]) =>
  ({
    id,
    created_at: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`,
    refunds: amounts.map((amount) => ({ amount, requested_at: `2026-12-${String(day).padStart(2, '0')}T00:00:00Z` })),
  }) as unknown as Order
const [a, b, c, d] = [order('a', 9, 100), order('b', 7, 1, 400), order('c', 5, 300), order('d', 3, 200)]
const part = (more: boolean, ...items: Order[]): Part => ({ items, more })

test.each<[string, Part[], string, string]>([
  ['one list as it came', [part(true, c, a)], '', 'ca'],
  ['the newest order first', [part(false, a, c), part(false, b, d)], '', 'abcd'],
  ['an order of two lists once', [part(false, a, b), part(false, b, d)], '', 'abd'],
  ['the largest refunds first', [part(false, b, a), part(false, c, d)], '-refund_amount', 'bcda'],
  ['the smallest first', [part(false, a, b), part(false, d, c)], 'refund_amount', 'adcb'],
  ['what was asked for first', [part(false, c, a), part(false, d, b)], 'requested_at', 'dcba'],
  ['nothing beyond where a list goes on', [part(true, a), part(false, b, d)], '', 'a'],
  ['nothing of an empty list that goes on', [part(true), part(false, b)], '', ''],
  ['an empty list', [part(false), part(false, b)], '', 'b'],
])('%s', (_, parts, sort, want) => {
  expect(
    merged(parts, sort)
      .map((o) => o.id)
      .join(''),
  ).toBe(want)
})
