import { expect, test } from 'vitest'
import { fen, sum, yuan } from './money'

test('fen are written in yuan without arithmetic that could round', () => {
  expect([0, 1, 10, 100, 12345, 123456789, -5, 9007199254740991].map(yuan)).toEqual(['0.00', '0.01', '0.10', '1.00', '123.45', '1,234,567.89', '-0.05', '90,071,992,547,409.91'])
  expect(sum([10, 20, 3])).toBe(33)
})

test('yuan that a person types are read to the fen, and what is no amount is none', () => {
  expect(['0', '12', '12.', '12.3', '12.34', '1,234.50', ' 7 ', '0.07', '9999999999.99'].map(fen)).toEqual([0, 1200, 1200, 1230, 1234, 123450, 700, 7, 999999999999])
  expect(['', '.5', '1.234', '-1', '1e3', '١', 'x', '12345678901'].map(fen)).toEqual(Array(8).fill(undefined))
})
