import { entry, yuan } from '../money'
import type { CutOver, FeeTotal } from '../types'
import type { ConsoleSay } from './texts'

export const cutoverColors = { none: 'info', open: 'primary', requested: 'warning', locked: 'success' } as const

// Line is a fee of an open balance, and what was typed of it.
export interface Line {
  fee: string
  amount: string // in yuan, '' is nothing
  bills: string // a number, '' is that the system before does not say
  here?: FeeTotal // what the bills have; none of a fee that they do not have
  added: boolean // by hand: its name can be changed
}

export const linesOf = (c: CutOver): Line[] =>
  c.fees.map((f) => ({
    fee: f.fee,
    amount: f.control_amount === undefined ? '' : yuan(f.control_amount).replaceAll(',', ''),
    bills: f.control_bills ? String(f.control_bills) : '',
    here: f,
    added: false,
  }))

// withFees are the lines with other bills beside what was typed: a fee of which nothing was typed goes with its bills.
export function withFees(lines: Line[], fees: FeeTotal[]): Line[] {
  const kept = lines.filter((l) => l.added || l.amount.trim() !== '' || fees.some((f) => f.fee === l.fee))
  const fresh = fees.filter((f) => !lines.some((l) => l.fee === f.fee))
  return [
    ...kept.map((l) => ({ ...l, here: fees.find((f) => f.fee === l.fee) })),
    ...fresh.map((f) => ({ fee: f.fee, amount: '', bills: '', here: f, added: false })),
  ]
}

// amountOf is what was typed of a fee in fen, undefined where that is no amount.
export function amountOf(line: Line): number | undefined {
  const { fen, wrong } = entry(line.amount, { zero: true })
  return wrong ? undefined : fen
}

// billsOf is a number of bills as it was typed, undefined where it is none.
export const billsOf = (text: string): number | undefined =>
  /^[0-9]{0,7}$/.test(text.trim()) ? Number(text.trim()) : undefined

// resultOf says how what was typed of a fee compares with its bills.
export function resultOf(line: Line, t: ConsoleSay): { text: string; type: 'success' | 'danger' | 'info' } {
  const fen = amountOf(line)
  const [amount, bills] = [line.here?.amount ?? 0, line.here?.bills ?? 0]
  if (line.amount.trim() === '' && amount === 0 && !line.added) return { text: t('cut_matches'), type: 'success' }
  if (fen === undefined) return { text: t('cut_not_entered'), type: 'info' }
  if (amount !== fen) {
    const by = yuan(Math.abs(amount - fen))
    return { text: t(amount > fen ? 'cut_more_here' : 'cut_less_here', { by }), type: 'danger' }
  }
  const said = billsOf(line.bills)
  if (said && said !== bills) return { text: t('cut_bills_differ'), type: 'danger' }
  return { text: t('cut_matches'), type: 'success' }
}

// totalsOf is what of the lines is sent: those of which something was typed.
export const totalsOf = (lines: Line[]) =>
  lines
    .filter((l) => l.amount.trim() !== '')
    .map((l) => ({ fee: l.fee.trim(), amount: amountOf(l) ?? 0, bills: billsOf(l.bills) ?? 0 }))
