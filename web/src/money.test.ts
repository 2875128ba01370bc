import { expect, test } from 'vitest'
import { sum, yuan } from './money'

test('fen are written in yuan without arithmetic that could round', () => {
  expect([0, 1, 10, 100, 12345, 123456789, -5, 9007199254740991].map(yuan)).toEqual(['0.00', '0.01', '0.10', '1.00', '123.45', '1,234,567.89', '-0.05', '90,071,992,547,409.91'])
  expect(sum([10, 20, 3])).toBe(33)
})
