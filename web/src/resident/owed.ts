import { firstOf } from '../payees'
import type { Bill, Order, Refund } from '../types'

// back are the refunds that gave money of what the order paid for back, or are to; what was paid too much is none.
export function back(o: Order): Refund[] {
  return (o.refunds ?? []).filter((r) => !r.unapplied_funds)
}

// billsOf names the bills that a refund is of, each with its amount in fen.
export function billsOf(o: Order, r: Refund): { ref: string; title: string; amount: number }[] {
  return (r.items ?? []).map((i) => ({ ...i, title: o.items.find((x) => x.ref === i.ref)?.title ?? '' }))
}

// owedAgain are those of a unit's unpaid bills that are owed because money of the order went back.
export function owedAgain(o: Order, unpaid: Bill[]): Bill[] {
  const refs = new Set(
    back(o)
      .filter((r) => r.status === 'succeeded')
      .flatMap((r) => (r.items ?? []).map((i) => i.ref)),
  )
  return unpaid.filter((b) => refs.has(b.id))
}

// payPlace is where bills of a unit are chosen already, to be paid.
export function payPlace(unit: string, bills: Bill[]): string {
  return `#/units/${unit}/pay/${bills.map((b) => b.id).join(',')}`
}

// chosenFirst are the bills that are chosen when a list of unpaid ones is shown: those that the address asks for, as
// far as they are owed, else the oldest; of each payee at most as many as one order takes.
export function chosenFirst(unpaid: Bill[], most: number, asked: string[]): string[] {
  const wanted = unpaid.filter((b) => asked.includes(b.id))
  return firstOf(wanted.length ? wanted : unpaid, most).map((b) => b.id)
}

// payPage is where an order is paid: the page behind its QR, on this server.
export function payPage(o: Order): string {
  return new URL(o.qr.url).pathname
}
