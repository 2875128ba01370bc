import type { Bill, Prepayment } from './types'

// What was paid ahead (预存款), and which bills it can pay. The server decides; a page says before what would come of it.

const spelled = (fee: string) =>
  fee
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(' ', '')
    .replace(/\((人民币)?元\)$/, '')

// paysFor reports whether a prepayment may pay for a bill: the same company's, and of a fee that it is for.
export const paysFor = (p: Prepayment, b: Bill): boolean =>
  b.entity === p.entity && (!p.fees.length || p.fees.some((fee) => spelled(fee) === spelled(b.fee)))

// freeOf is what of a bill no order collects, in fen.
const freeOf = (b: Bill) => Math.max(0, b.owed - (b.held ?? 0))

// Draw is what of a bill is to be paid, in fen.
export interface Draw {
  bill: Bill
  amount: number
}

// drawsOf are the draws that pay bills of a prepayment, at most so many fen in all: what was due first comes first.
export function drawsOf(p: Prepayment, bills: Bill[], most = p.available): Draw[] {
  let left = Math.min(most, p.available)
  const draws: Draw[] = []
  const sorted = [...bills].sort((a, b) => a.due_date.localeCompare(b.due_date) || a.id.localeCompare(b.id))
  for (const bill of sorted) {
    const amount = paysFor(p, bill) ? Math.min(left, freeOf(bill)) : 0
    if (amount > 0) draws.push({ bill, amount })
    left -= amount
  }
  return draws
}

// usable are the prepayments that can pay something of the bills, in their order.
export const usable = (all: Prepayment[], bills: Bill[]) => all.filter((p) => drawsOf(p, bills).length > 0)

// isDeposit reports whether an order's item pays a deposit (押金).
export const isDeposit = (ref: string): boolean => ref.startsWith('deposit/')

// topUpOf is the prepayment or the deposit that an order's item is paid to, '' where it is to none.
export const topUpOf = (ref: string): string =>
  /^(?:prepayment\/([^/]+)\/|deposit\/(.+))/.exec(ref)?.slice(1).find(Boolean) ?? ''
