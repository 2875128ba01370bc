import { yuan } from '../money'
import { shanghai } from '../time'
import { billTitle } from '../title'
import type { Statement, StatementKind, StatementLine } from '../types'
import type { ConsoleSay, ConsoleText } from './texts'

// What a statement says, on its page, on paper and in a file.

// Sum is a number on top of a statement: what some kinds of lines come to, in fen as more is owed. They lead from what
// was owed before to what is owed at the end.
export interface Sum {
  name: ConsoleText
  fen: number
  count?: number
}

const parts: [name: ConsoleText, always: boolean, kinds: StatementKind[]][] = [
  ['st_billed', true, ['published']],
  ['st_corrected', true, ['increased', 'decreased', 'reduced', 'written_off', 'reversed']],
  ['st_elsewhere', false, ['paid_elsewhere', 'paid_elsewhere_undone']],
  ['st_collected', true, ['received']],
  ['st_prepaid', false, ['prepayment_used', 'prepayment_returned']],
  ['st_returned', true, ['refunded']],
]

export function sumsOf(s: Statement): Sum[] {
  const between = parts.flatMap(([name, always, kinds]) => {
    const some = s.totals.filter((total) => kinds.includes(total.kind))
    if (!always && !some.length) return []
    const add = (of: 'amount' | 'count') => some.reduce((sum, total) => sum + total[of], 0)
    return [{ name, fen: add('amount'), count: add('count') }]
  })
  return [{ name: 'st_opening', fen: s.opening_balance }, ...between, { name: 'st_closing', fen: s.closing_balance }]
}

// signed is an amount by which more is owed, or less.
export const signed = (fen: number) => `${fen < 0 ? '−' : ''}¥${yuan(Math.abs(fen))}`

// whatOf says what a line is, and of which bill.
export const whatOf = (l: StatementLine, t: ConsoleSay) => `${t(`st_kind_${l.kind}`)} ${billTitle(l.title)}`

// numberOf is the number of the paper that a line's money moved by: the receipt's, or of one without the order's.
export const numberOf = (l: StatementLine) => l.receipt_number ?? l.order ?? ''

// dayOf is a line's day in Asia/Shanghai.
export const dayOf = (l: StatementLine) => shanghai(l.at).slice(0, 10)

// lastDay is the day at whose end what is owed at the end is owed: a statement that ends on the day when it was made,
// or later, says what was owed then.
export function lastDay(s: Statement): string {
  const made = shanghai(s.created_at).slice(0, 10)
  return s.to && s.to < made ? s.to : made
}

// file is the statement as a table that spreadsheets read. A text that begins as a formula does is kept from being one.
export function file(s: Statement, t: ConsoleSay): string {
  const plain = (fen: number) => yuan(fen).replaceAll(',', '')
  const heads: ConsoleText[] = ['at', 'st_what', 'st_number', 'st_more', 'st_less', 'st_balance']
  const rows = [
    heads.map((head) => t(head)),
    ['', t('st_opening'), '', '', '', plain(s.opening_balance)],
    ...s.lines.map((l) => [
      l.undated ? '' : shanghai(l.at),
      whatOf(l, t),
      numberOf(l),
      l.amount > 0 ? plain(l.amount) : '',
      l.amount < 0 ? plain(-l.amount) : '',
      plain(l.balance),
    ]),
    ['', t('st_closing'), '', '', '', plain(s.closing_balance)],
  ]
  return '\ufeff' + rows.map((row) => row.map(cell).join(',') + '\r\n').join('')
}

// cell is a text in a file of values between commas. A long number would lose its end as a number.
export function cell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d+\.\d\d$)|^\d{12,}$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
