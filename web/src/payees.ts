import { sum } from './money'
import type { Bill } from './types'

// Bills that are owed to several legal entities are paid apart, since an order's money goes to one account.

// Payee is one to whom some bills are owed, in the order of the bills: who they are, which bills, and what is owed, in
// fen.
export interface Payee {
  id: string
  name: string
  bills: Bill[]
  owed: number
}

// payees groups bills by whom they are owed to, the one with the first bill first, and each one's as people read them.
export function payees(bills: Bill[]): Payee[] {
  const all = new Map<string, Payee>()
  for (const b of bills) {
    const one = all.get(b.entity) ?? { id: b.entity, name: b.payee, bills: [], owed: 0 }
    one.bills.push(b)
    all.set(b.entity, one)
  }
  return [...all.values()].map((p) => ({ ...p, bills: asRead(p.bills), owed: sum(p.bills.map((b) => b.owed)) }))
}

const after = (a: string, b: string) => Number(a > b) - Number(a < b)

// asRead sorts bills as people read them, and as the lines of an order stand: fee by fee, month after month.
export const asRead = (bills: Bill[]) => [...bills].sort((a, b) => after(a.fee, b.fee) || after(a.period, b.period))

// oldest are the bills of the first months, at most as many as one order takes.
export const oldest = (bills: Bill[], most: number) =>
  [...bills].sort((a, b) => after(a.period, b.period)).slice(0, most)

// firstOf are the bills that are chosen at first: of each payee the oldest.
export const firstOf = (bills: Bill[], most: number) => payees(bills).flatMap((p) => oldest(p.bills, most))

// restOf is what is left of another payee than the one who gets an order's bills, undefined where nobody has any.
export function restOf(bills: Bill[], ordered: Set<string>): Payee | undefined {
  const payee = bills.find((b) => ordered.has(b.id))?.entity
  if (payee === undefined) return undefined
  return payees(bills.filter((b) => !ordered.has(b.id))).find((p) => p.id !== payee)
}

// freeOf is what a payee is still owed of the bills and no order collects, in fen.
export const freeOf = (bills: Bill[], payee: string) =>
  sum(bills.filter((b) => b.entity === payee).map((b) => b.owed - (b.held ?? 0)))
