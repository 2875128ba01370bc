import { sum } from '../money'
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
      .filter((r) => r.foreign && r.status === 'succeeded' && !r.seen_by)
      .map((refund) => ({ order, attempt: of(refund.attempt), refund })),
    ...order.attempts.filter((a) => a.returns?.waits).map((attempt) => ({ order, attempt })),
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

// leftOf is how much of a payment's money is still at the institution as far as the order knows, in fen: no more than
// that can have gone back untold.
export function leftOf(order: Order, attempt: Attempt): number {
  return (
    (attempt.received ?? 0) -
    sum(
      (order.refunds ?? [])
        .filter((r) => r.attempt === attempt.no && r.status === 'succeeded' && !r.by_hand)
        .map((r) => r.amount),
    )
  )
}
