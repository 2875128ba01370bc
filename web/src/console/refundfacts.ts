import { h, type VNode } from 'vue'
import { yuan } from '../money'
import { billTitle } from '../title'
import { homeOf, reasonOf, type Order, type Refund } from '../types'
import { decision, fact } from './decision'
import { billsOf } from './returns'
import type { ConsoleSay } from './texts'

// takenBy is the institution that took the money which a refund gives back.
export const takenBy = (order: Order, refund: Refund) =>
  order.attempts.find((a) => a.no === refund.attempt)?.institution

// refundFacts is what a refund is decided by: how much, of whose home, which bills, and of a declared amount how it is
// known. ask is what the person is to write down.
export function refundFacts(order: Order, r: Refund, t: ConsoleSay, ask: string): VNode {
  const declared = r.external && r.status === 'requested'
  const bills = billsOf(order, r)
  const list = bills.map((b) =>
    h('li', [h('span', billTitle(b.title)), h('span', { class: 'number' }, `¥${yuan(b.amount)}`)]),
  )
  const inCash = takenBy(order, r) === 'cash' && r.status === 'requested'
  return decision(
    `¥${yuan(r.amount)} · ${homeOf(order)}`,
    bills.length ? h('p', { class: 'soft' }, t(declared ? 'would_reopen' : 'of_bills')) : undefined,
    h('ul', list),
    declared ? fact(t('basis'), r.note) : fact(t('reason'), reasonOf(r, t)),
    declared ? fact(t('institution_refund'), r.upstream_no || t('not_named')) : undefined,
    declared ? h('p', { class: 'warn' }, t('declared_hint')) : undefined,
    inCash ? h('p', { class: 'soft' }, t('cash_goes_back')) : undefined,
    ask ? h('p', ask) : undefined,
  )
}
