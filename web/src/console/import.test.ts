import { expect, test } from 'vitest'
import { fresh, outcomes, rowsToSee, takeable, unfit, type Report } from './import'
import { importing } from './texts/import'

const report: Report = {
  dry_run: true,
  held: 0,
  amount: 1234,
  sheet_notes: [{ sheet: '账单', zh: '不认识的列没有导入：M「备注」', en: 'left out' }],
  totals: { imported: 2, warning: 1, refused: 1, pending: 1 },
  rows: [
    { sheet: '账单', row: 2, outcome: 'imported' },
    {
      sheet: '账单',
      row: 3,
      outcome: 'warning',
      reason_zh: '另一个号码未录入',
      reason_en: 'left out',
      column: 'F',
      heading: '手机',
      value: '138/139',
    },
    { sheet: '账单', row: 4, outcome: 'pending', overwrite: 'owners', reason_zh: '业主变更待确认', reason_en: 'waits' },
    {
      sheet: '账单',
      row: 5,
      outcome: 'refused',
      reason_zh: '错误值',
      reason_en: 'error',
      column: 'I',
      heading: '金额',
      value: '=1+"1"',
    },
  ],
}

test.each([
  ['账单.xlsx', 10, ''],
  ['账单.XLSX', 10, ''],
  ['a.xlsm', 10, ''],
  ['账单.xls', 10, 'import_xls'],
  ['账单.et', 10, 'import_xls'],
  ['账单.csv', 10, 'import_not_xlsx'],
  ['账单', 10, 'import_not_xlsx'],
  ['账单.xlsx', 0, 'import_empty'],
  ['账单.xlsx', (32 << 20) + 1, 'import_large'],
])('%s of %d bytes', (name, size, want) => expect(unfit({ name, size })).toBe(want))

test('what must be looked at comes first, and an outcome has its rows', () => {
  expect(rowsToSee(report, '').map((r) => r.row)).toEqual([5, 4, 3])
  expect(rowsToSee(report, 'imported').map((r) => r.row)).toEqual([2])
  expect(fresh(report)).toBe(3)
  expect([takeable(report, 'owners'), takeable(report, 'paid')]).toEqual([1, 0])
})

test('every outcome has words in both languages', () => {
  for (const o of outcomes) expect(importing[`o_${o}`].filter(Boolean).length).toBe(2)
})
