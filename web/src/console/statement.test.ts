import { expect, test } from 'vitest'
import type { Statement, StatementKind } from '../types'
import { cell, file, lastDay, sumsOf } from './statement'
import type { ConsoleSay } from './texts'

const t = ((key: string) => key) as unknown as ConsoleSay
const line = (kind: StatementKind, amount: number, more = {}) => ({
  kind,
  amount,
  balance: amount,
  at: '2026-11-28T16:30:00Z',
  bill: 'b',
  fee: '物业费',
  period: '2026-11',
  title: '物业费 2026年11月',
  ...more,
})
const statement = (more: Partial<Statement>) =>
  ({
    opening_balance: 100,
    closing_balance: 0,
    totals: [],
    lines: [],
    created_at: '2026-11-28T16:30:00Z',
    ...more,
  }) as unknown as Statement

test('the sums on top lead from what was owed before to what is owed at the end', () => {
  const totals = [
    { kind: 'published', amount: 1000, count: 2 },
    { kind: 'increased', amount: 50, count: 1 },
    { kind: 'reduced', amount: -30, count: 1 },
    { kind: 'reversed', amount: -500, count: 1 },
    { kind: 'received', amount: -400, count: 3 },
    { kind: 'refunded', amount: 40, count: 1 },
  ] as Statement['totals']
  const sums = sumsOf(statement({ totals, closing_balance: 260 }))
  const said = sums.map((s) => `${s.name} ${s.fen} ${s.count ?? ''}`.trim())
  expect(said).toEqual([
    'st_opening 100',
    'st_billed 1000 2',
    'st_corrected -480 3',
    'st_collected -400 3',
    'st_returned 40 1',
    'st_closing 260',
  ])
  expect(sums.slice(0, -1).reduce((sum, s) => sum + s.fen, 0)).toBe(260)
  const prepaid = [
    { kind: 'prepayment_used', amount: -90, count: 2 },
    { kind: 'prepayment_returned', amount: 30, count: 1 },
  ] as Statement['totals']
  expect(sumsOf(statement({ totals: prepaid }))).toContainEqual({ name: 'st_prepaid', fen: -60, count: 3 })
  const elsewhere = [{ kind: 'paid_elsewhere', amount: -7, count: 1 }] as Statement['totals']
  expect(sumsOf(statement({ totals: elsewhere })).map((s) => s.name)).toContain('st_elsewhere')
})

// Days are days in Asia/Shanghai: 16:30 UTC is the next one.
test.each([
  [undefined, '2026-11-29'],
  ['2026-11-28', '2026-11-28'],
  ['2026-11-29', '2026-11-29'],
  ['2026-12-31', '2026-11-29'],
])('a statement until %s is as of %s', (to, want) => expect(lastDay(statement({ to }))).toBe(want))

test('the file has every line, in what a spreadsheet reads', () => {
  const lines = [
    line('published', 123456789),
    line('received', -1000, { order: '202611281234567890123456', receipt_number: 'A-1' }),
    line('refunded', 5, { order: '202611281234567890123456', undated: true }),
  ]
  expect(file(statement({ lines }), t).split('\r\n')).toEqual([
    '\ufeffat,st_what,st_number,st_more,st_less,st_balance',
    ',st_opening,,,,1.00',
    '2026-11-29 00:30:00,st_kind_published 物业费 2026年11月,,1234567.89,,1234567.89',
    '2026-11-29 00:30:00,st_kind_received 物业费 2026年11月,A-1,,10.00,-10.00',
    ",st_kind_refunded 物业费 2026年11月,'202611281234567890123456,0.05,,0.05",
    ',st_closing,,,,0.00',
    '',
  ])
})

test.each([
  ['物业费, "A"', '"物业费, ""A"""'],
  ['=1+1', "'=1+1"],
  ['@x', "'@x"],
  ['-x', "'-x"],
  ['-12.00', '-12.00'],
  ['12.00', '12.00'],
])('%s is %s in a file', (text, want) => expect(cell(text)).toBe(want))
