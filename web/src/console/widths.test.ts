import { expect, it } from 'vitest'
import { widthOf } from './widths'

// A line is amounts in fen and how wide their column is.
it.each([
  [[], 105],
  [[100, 9_999_999], 105],
  [[100, 999_999_99], 112],
  [[123_456_789_012, 1], 160],
  [[undefined, -123_456_789_012], 168],
])('a column of %j is %d wide', (amounts, want) => {
  expect(widthOf(amounts)).toBe(want)
})
