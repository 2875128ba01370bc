import { sum } from '../money'
import type { Order } from '../types'

// Orders of several lists of the API as one list: those with a refund in one state, and those with one in another. Each
// list comes in the order that was asked for; they are only put together here.

// Part is one of the lists, as far as it was read; more: it goes on.
export interface Part {
  items: Order[]
  more: boolean
}

// keys are what the API sorts these lists by.
const keys: Record<string, (o: Order) => number> = {
  created_at: (o) => Date.parse(o.created_at),
  requested_at: (o) => Date.parse(o.refunds?.slice(-1)[0]?.requested_at ?? ''),
  refund_amount: (o) => sum(o.refunds?.map((r) => r.amount) ?? []),
  unapplied_amount: (o) => sum(o.unapplied_funds?.map((f) => f.amount) ?? []),
}

// merged is the beginning of the whole list, each order once: up to where a list that goes on ends, since what comes
// next of it may stand before what another has. sort is the API's, '' the newest order first.
export function merged(parts: Part[], sort: string): Order[] {
  if (parts.length === 1) return parts[0].items
  const by = sort || '-created_at'
  const key = keys[by.replace(/^-/, '')]
  const comes = (a: Order, b: Order) => (by.startsWith('-') ? key(a) > key(b) : key(a) < key(b))
  const at = parts.map(() => 0)
  const all = new Map<string, Order>()
  for (;;) {
    const heads = parts.map((p, i) => p.items[at[i]] as Order | undefined)
    if (heads.some((o, i) => !o && parts[i].more)) break
    const first = heads.reduce((a, b) => (!a || (b && comes(b, a)) ? b : a), undefined)
    if (!first) break
    at[heads.indexOf(first)]++
    all.set(first.id, first)
  }
  return [...all.values()]
}
