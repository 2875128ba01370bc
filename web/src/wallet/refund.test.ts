import { expect, test } from 'vitest'
import { asked, left } from './refund'

test('what went back or is on its way is not left', () => {
  expect(left({ amount_fen: 500 })).toBe(500)
  expect(left({ amount_fen: 500, refunded_fen: 123 })).toBe(377)
})

test.each([
  ['', 500, 500],
  [' ', 123, 123],
  ['1.23', 500, 123],
  ['5', 500, 500],
  ['5.01', 500, '比可退金额多 ¥0.01'],
  ['1,5', 500, '逗号'],
  ['1.234', 500, '两位小数'],
  ['0', 500, '大于 0'],
  ['-1', 500, '正负号'],
  ['', 0, '已全部退回'],
  ['1', 0, '已全部退回'],
])('of what is typed into the refund, %o of %i is %o', (text, rest, want) => {
  const got = asked(text, rest)
  if (typeof want === 'number') expect(got).toBe(want)
  else expect((got as string[])[0]).toContain(want)
  if (typeof got !== 'number') expect(got[1]).toMatch(/^[ -~¥]+$/)
})
