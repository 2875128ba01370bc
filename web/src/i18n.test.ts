import { expect, test } from 'vitest'
import { familys } from './i18n'

// What the server says and a page does not know yet has the words of its family, the nearest that there is.
const texts: Record<string, [string, string]> = {
  why_other: ['别的', 'another'],
  why_refund_other: ['别的退款', 'another refund'],
}
test.each([
  ['why_new', 'another'],
  ['why_new_kind', 'another'],
  ['why_refund_new', 'another refund'],
  ['state_new', undefined],
  ['why', undefined],
])('%s', (key, want) => {
  expect(familys(texts, key)?.[1]).toBe(want)
})
