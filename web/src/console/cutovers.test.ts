import { expect, test } from 'vitest'
import type { CutOver, FeeTotal } from '../types'
import { linesOf, resultOf, totalsOf, withFees, type Line } from './cutovers'
import type { ConsoleSay } from './texts'

const fee = (fee: string, amount: number, more: Partial<FeeTotal> = {}): FeeTotal => ({
  fee,
  amount,
  bills: 2,
  difference: 0,
  matches: true,
  owed: amount,
  ...more,
})
const line = (amount: string, bills = '', here: FeeTotal | undefined = fee('物业费', 3000), added = false): Line => ({
  fee: '物业费',
  amount,
  bills,
  here,
  added,
})
const said = ((key: string, more?: { by: string }) => key + (more ? ' ' + more.by : '')) as unknown as ConsoleSay

// What is said of a fee: what was typed, how many bills, what the bills have, whether it was added by hand.
test.each<[Line, string]>([
  [line('30'), 'cut_matches'],
  [line('30.00', '2'), 'cut_matches'],
  [line('30', '3'), 'cut_bills_differ'],
  [line('30', 'x'), 'cut_matches'], // its own field says what is wrong
  [line('29.99'), 'cut_more_here 0.01'],
  [line('1,030.00'), 'cut_less_here 1,000.00'],
  [line(''), 'cut_not_entered'],
  [line('1.234'), 'cut_not_entered'],
  [line('', '', fee('物业费', 0)), 'cut_matches'], // nothing is owed of it
  [line('0', '', fee('物业费', 0)), 'cut_matches'],
  [line('0'), 'cut_more_here 30.00'],
  [line('', '', undefined, true), 'cut_not_entered'], // somebody meant something by it
  [line('5', '', undefined, true), 'cut_less_here 5.00'],
])('%o is %s', (of, want) => {
  expect(resultOf({ ...of, here: of.added ? undefined : of.here }, said).text).toBe(want)
})

test('what was entered comes back as it was, and what was not is not sent', () => {
  const stored = { fees: [fee('物业费', 3000, { control_amount: 123400, control_bills: 7 }), fee('水费', 1)] }
  const lines = linesOf(stored as CutOver)
  expect(lines.map((l) => [l.amount, l.bills])).toEqual([
    ['1234.00', '7'],
    ['', ''],
  ])
  expect(totalsOf(lines)).toEqual([{ fee: '物业费', amount: 123400, bills: 7 }])
})

test('another first period keeps what was typed, and takes what has no bills any more', () => {
  const lines = [line('30'), { ...line(''), fee: '水费' }, { ...line(''), fee: '电费', added: true }]
  const now = withFees(lines, [fee('物业费', 1000), fee('停车费', 5)])
  expect(now.map((l) => [l.fee, l.amount, l.here?.amount])).toEqual([
    ['物业费', '30', 1000],
    ['电费', '', undefined],
    ['停车费', '', 5],
  ])
})
