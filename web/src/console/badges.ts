import { onMounted, onUnmounted, reactive, watch } from 'vue'
import { call } from '../api'
import type { LoginSession } from '../session'
import type { Approval, Order, Page, Payout, Refund } from '../types'
import { requestOf } from './approvals'
import type { Badge, Waits } from './pages'
import { paidBy } from './payouts'
import { returnsOf } from './returns'
import type { Endpoint } from './webhooks'

// badges are what waits behind lines of the menu, counted every minute, at each change of page, and soon after an order
// has changed that is or was among them. '' is nothing; what cannot be counted now stays as it was.
export function badges(session: LoginSession, shows: (badge: Badge) => boolean, moves: () => unknown) {
  const waits: Waits = reactive({})

  // counted is how many of a list's items wait. A list that is cut is "50+".
  async function counted<T>(path: string, of: (item: T) => number | boolean | undefined): Promise<string> {
    const page = await call<Page<T>>('GET', `${path}limit=50`, { session })
    return page.next ? '50+' : String(page.items.reduce((n, item) => n + Number(of(item) ?? 0), 0) || '')
  }
  const refundsIn = (state: string, of: (r: Refund) => boolean = () => true) =>
    counted<Order>(`/v1/refunds?state=${state}&`, (o) => o.refunds?.filter((r) => r.status === state && of(r)).length)
  const count: Record<Badge, () => Promise<string>> = {
    // what is theirs to decide by the table of authority, and what finance sends again; a cashier hands out what is to
    // go back in cash
    refunds: async () => {
      const roles = session.who?.staff?.roles ?? []
      waits.handouts = roles.includes('cashier')
        ? await counted<Order>(
            '/v1/refunds?state=pending&',
            (o) => o.refunds?.filter((r) => r.waiting_for === 'cashier').length,
          )
        : ''
      const auditor = roles.includes('auditor')
      const finance = auditor || roles.includes('finance')
      if (!finance && !roles.includes('operations')) return waits.handouts
      ;[waits.requested, waits.abnormal] = await Promise.all([
        refundsIn('requested', (r) => auditor || !!r.may_decide),
        finance ? refundsIn('abnormal') : '',
      ])
      return [waits.requested, waits.abnormal, waits.handouts].reduce(both)
    },
    // what this person pays; an auditor sees all of it
    payouts: () => {
      const roles: string[] = session.who?.staff?.roles ?? []
      const may = (...some: string[]) => roles.includes('auditor') || some.some((r) => roles.includes(r))
      return counted<Payout>('/v1/payouts?', (p) => paidBy(p, may))
    },
    returns: () => counted<Order>('/v1/returns?', (o) => returnsOf(o).length),
    exceptions: () =>
      counted<Order>(
        '/v1/unapplied-funds?state=open&',
        (o) => o.unapplied_funds?.filter((e) => e.state === 'open').length,
      ),
    bindings: async () =>
      String((await call<{ requested: number }>('GET', '/v1/bindings/counts', { session })).requested || ''),
    approvals: () => counted<Approval>('/v1/approvals?', (a) => requestOf(a).may_decide),
    // what was switched off because it takes nothing; what waits for this person counts among the approvals
    webhooks: () => counted<Endpoint>('/v1/webhook-endpoints?', (e) => e.state === 'failing'),
  }
  async function recount(badge: Badge) {
    const who = session.who?.staff
    if (!who || who.must_change || !shows(badge)) return void delete waits[badge]
    waits[badge] = await count[badge]().catch(() => waits[badge] ?? '')
  }
  const all = () => {
    for (const badge of Object.keys(count) as Badge[]) void recount(badge)
  }

  const soon: Partial<Record<Badge, number>> = {}
  function later(badge: Badge) {
    clearTimeout(soon[badge])
    soon[badge] = window.setTimeout(() => recount(badge), 300)
  }
  function heard(o: Order) {
    if (o.refunds?.some((r) => r.external) || o.attempts.some((a) => a.returns)) later('returns')
    if (o.refunds?.length) later('refunds')
    if (o.unapplied_funds?.length) later('exceptions')
  }
  const timer = window.setInterval(all, 60_000)
  onMounted(all)
  watch(moves, all)
  onUnmounted(() => {
    clearInterval(timer)
    Object.values(soon).forEach(clearTimeout)
  })
  return { waits, recount, heard }
}

// both adds two counts, either of which may be cut.
export function both(a: string, b: string): string {
  const n = parseInt(a || '0') + parseInt(b || '0')
  return n ? n + (/\+/.test(a + b) ? '+' : '') : ''
}
