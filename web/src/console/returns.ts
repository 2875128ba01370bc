import type { Attempt, Order, Refund } from '../types'

// Return is a line of finance's list: a refund made at the institution that nobody has seen, or a payment of which some
// went back and not how much.
export interface Return {
  order: Order
  attempt: Attempt
  refund?: Refund
}

export function returnsOf(order: Order): Return[] {
  const of = (no: number) => order.attempts.find((a) => a.no === no)!
  return [
    ...(order.refunds ?? [])
      .filter((r) => r.external && r.status === 'succeeded' && !r.acknowledged_by)
      .map((refund) => ({ order, attempt: of(refund.attempt), refund })),
    ...order.attempts.filter((a) => a.returns?.explanation_required).map((attempt) => ({ order, attempt })),
  ]
}

// billsOf are the bills that a refund is of, with how much of each; of a declared one those that its approval opens
// again.
export function billsOf(order: Order, refund: Refund): { ref: string; title: string; amount: number }[] {
  return (refund.would_reopen ?? refund.items ?? []).map((i) => ({
    ...i,
    title: order.items.find((x) => x.ref === i.ref)?.title ?? i.ref,
  }))
}
