import type { RouteLocationRaw } from 'vue-router'
import { yuan } from '../money'
import { month as periodOf } from '../title'
import type { Overview } from '../types'
import type { Role, Waits } from './pages'

// A Tile is a number of the first page with what it compares to, and the list behind it. loud: somebody must do
// something.
export interface Tile {
  name: string
  number?: string
  amount?: number
  compared: string
  to?: RouteLocationRaw
  loud?: boolean
}
export interface Part {
  name: string
  tiles: Tile[]
}

type Says = (key: string, args?: Record<string, unknown>) => string
type May = (...some: Role[]) => boolean

const to = (name: string, state = '', as = 'state'): RouteLocationRaw => ({ name, query: state ? { [as]: state } : {} })

// tilesOf are the first page's numbers for somebody's roles; an auditor sees all of them.
export function tilesOf(o: Overview, waits: Waits, may: May, t: Says): Part[] {
  const parts = [
    { name: 'what_waits', tiles: waiting(waits, may, t) },
    { name: 'takings', tiles: takings(o, may, t) },
    { name: 'running', tiles: running(o, may, t) },
  ]
  return parts.filter((p) => p.tiles.length)
}

function waiting(waits: Waits, may: May, t: Says): Tile[] {
  const tile = (name: string, n: string | undefined, list: RouteLocationRaw, loud = false): Tile => ({
    name,
    number: n || '0',
    compared: t(n ? 'opens_list' : 'nothing_waits'),
    to: list,
    loud: loud && !!n,
  })
  return [
    ...(may('finance', 'auditor')
      ? [
          tile('refunds_requested', waits.requested, to('refunds', 'requested')),
          tile('refunds_abnormal', waits.abnormal, to('refunds', 'abnormal'), true),
          tile('exceptions_open', waits.exceptions, to('exceptions'), true),
          tile('returns_open', waits.returns, to('returns'), true),
        ]
      : []),
    ...(may('cashier') ? [tile('refunds_handout', waits.handouts, to('refunds', 'pending'))] : []),
    ...(may('cashier', 'operations', 'auditor') ? [tile('bindings_open', waits.bindings, to('bindings'))] : []),
    ...(may('finance', 'operations', 'auditor')
      ? [tile('approvals_open', waits.approvals, to('approvals')), tile('staff_open', waits.staff, to('staff'))]
      : []),
  ]
}

function takings(o: Overview, may: May, t: Says): Tile[] {
  if (!o.today || !o.yesterday || !o.day_before) return []
  const paid = to('orders', 'paid', 'status')
  const against = o.yesterday.taken - o.day_before.taken
  const count = (n: number) => t('n_payments', { n })
  const yesterday = t('of_yesterday', { amount: yuan(o.yesterday.taken) })
  const back = (n: number) => (n ? ' · ' + t('went_back_too', { amount: yuan(n) }) : '')
  return [
    {
      name: 'today_taken',
      amount: o.today.taken,
      compared: `${count(o.today.taken_count)} · ${yesterday}${back(o.today.given_back)}`,
      to: paid,
    },
    ...(o.mine
      ? [
          {
            name: 'my_cash',
            amount: o.mine.taken,
            compared: `${count(o.mine.taken_count)} · ${t('cash_back', { amount: yuan(o.mine.given_back) })}`,
            to: paid,
          },
        ]
      : []),
    ...(may('finance', 'auditor')
      ? [
          {
            name: 'yesterday_taken',
            amount: o.yesterday.taken,
            compared: t('against_before', { sign: against < 0 ? '−' : '+', amount: yuan(Math.abs(against)) }),
            to: paid,
          },
        ]
      : []),
    ...(o.month ? [month(o.month, t)] : []),
  ]
}

function month(m: NonNullable<Overview['month']>, t: Says): Tile {
  if (!m.billed)
    return { name: 'month_rate', number: '–', compared: t('no_month_bills', { period: periodOf(m.period) }) }
  const args = { period: periodOf(m.period), billed: yuan(m.billed), paid: yuan(m.paid), n: m.paid_bills, m: m.bills }
  return { name: 'month_rate', number: percent(m.paid, m.billed), compared: t('month_rate_of', args) }
}

// percent is a part of a whole with one decimal, rounded down: it is 100.0% only when nothing is left.
export function percent(part: number, whole: number): string {
  const tenths = Number((BigInt(part) * 1000n) / BigInt(whole))
  return `${Math.floor(tenths / 10)}.${tenths % 10}%`
}

function running(o: Overview, may: May, t: Says): Tile[] {
  const { terminals, messages } = o
  return [
    ...(terminals && may('operations', 'auditor')
      ? [
          {
            name: 'terminals_offline',
            number: String(terminals.offline),
            compared: t('terminals_of', { n: terminals.all }),
            to: to('terminals', 'offline'),
            loud: terminals.offline > 0,
          },
        ]
      : []),
    ...(messages
      ? [
          {
            name: 'messages_failed',
            number: String(messages.failed),
            compared: messages.received ? t('messages_received', { n: messages.received }) : t('messages_all_worked'),
            to: to('messages', messages.failed || !messages.received ? 'failed' : 'received'),
            loud: messages.failed > 0,
          },
        ]
      : []),
  ]
}
