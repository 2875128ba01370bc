import { expect, test } from 'vitest'
import table from '../../money/testdata/typed.json'
import { entry, refusals, roundUp, sum, typed, yuan } from './money'
import { amounts } from './amounts'

test('fen are written in yuan without arithmetic that could round', () => {
  expect([0, 1, 10, 100, 12345, 123456789, -5, 9007199254740991].map(yuan)).toEqual([
    '0.00',
    '0.01',
    '0.10',
    '1.00',
    '123.45',
    '1,234,567.89',
    '-0.05',
    '90,071,992,547,409.91',
  ])
  expect(sum([10, 20, 3])).toBe(33)
  expect([1, 999, 1000, 1001].map((fen) => roundUp(fen, 1000))).toEqual([1000, 1000, 1000, 2000])
})

test.each(table.cases)('what people type is read as the table says: $typed', ({ typed: text, fen, refused }) => {
  expect(typed(text)).toBe(fen ?? refused)
})

test('every amount of the table is shown back so that it reads the same again', () => {
  for (const { fen } of table.cases) if (fen !== undefined) expect(typed(yuan(fen))).toBe(fen)
})

test('a refusal is told in the same sentence by the pages and the server', () => {
  expect(Object.keys(table.reasons).sort()).toEqual([...refusals].sort())
  expect(Object.fromEntries(refusals.map((r) => [r, amounts[`amount_${r}`]]))).toEqual(table.reasons)
})

test('a field takes what is more than nothing and within its bounds, and says what is wrong with the rest', () => {
  expect(entry('206.80', { most: 20680 })).toEqual({ fen: 20680 })
  expect(entry('206.81', { most: 20680 })).toEqual({ fen: 20681, wrong: 'more', by: 1 })
  expect(entry('206.79', { least: 20680 })).toEqual({ fen: 20679, wrong: 'less', by: 1 })
  expect(entry('1,000', { least: 20680 })).toEqual({ fen: 100000 })
  expect(entry('0.00')).toEqual({ fen: 0, wrong: 'zero' })
  expect(entry('0.00', { zero: true })).toEqual({ fen: 0 })
})

test('a refund of 1,50 and cash of 400,50 cannot be sent', () => {
  expect(entry('1,50', { most: 20680 })).toEqual({ wrong: 'comma' })
  expect(entry('400,50', { least: 26370 })).toEqual({ wrong: 'comma' })
})
