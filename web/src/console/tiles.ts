import type { RouteLocationRaw } from 'vue-router'
import { count, yuan } from '../money'
import { month as periodOf } from '../title'
import type { Overview } from '../types'
import type { Role, Waits } from './pages'
import type { ConsoleSay, ConsoleText } from './texts'

// A Tile is a number of the first page with what it compares to, and the list behind it. loud: somebody must do
// something.
export interface Tile {
  name: ConsoleText
  number?: string
  amount?: number
  compared: string
  to?: RouteLocationRaw
  loud?: boolean
}
export interface Part {
  name: ConsoleText
  tiles: Tile[]
}

type May = (...some: Role[]) => boolean

const to = (name: string, state = '', as = 'state'): RouteLocationRaw => ({ name, query: state ? { [as]: state } : {} })

// tilesOf are the first page's numbers for somebody's roles; an auditor sees all of them.
export function tilesOf(o: Overview, waits: Waits, may: May, t: ConsoleSay): Part[] {
  const parts: Part[] = [
    { name: 'what_waits', tiles: waiting(waits, may, t) },
    { name: 'takings', tiles: takings(o, may, t) },
    { name: 'running', tiles: running(o, may, t) },
  ]
  return parts.filter((p) => p.tiles.length)
}

function waiting(waits: Waits, may: May, t: ConsoleSay): Tile[] {
  const tile = (name: ConsoleText, n: string | undefined, list: RouteLocationRaw, loud = false): Tile => ({
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
          tile('unapplied_open', waits.exceptions, to('exceptions'), true),
          tile('returns_open', waits.returns, to('returns'), true),
        ]
      : []),
    ...(may('cashier') ? [tile('refunds_handout', waits.handouts, to('refunds', 'pending'))] : []),
    ...(may('cashier', 'operations', 'auditor') ? [tile('bindings_open', waits.bindings, to('bindings'))] : []),
    ...(may('finance', 'operations', 'auditor')
      ? [
          tile('approvals_open', waits.approvals, to('approvals')),
          tile('endpoints_off', waits.webhooks, to('webhooks'), true),
        ]
      : []),
  ]
}

function takings(o: Overview, may: May, t: ConsoleSay): Tile[] {
  if (!o.today || !o.yesterday || !o.day_before) return []
  const paid = to('orders', 'paid', 'status')
  const against = o.yesterday.received - o.day_before.received
  const payments = (n: number) => t('n_payments', { n })
  const yesterday = t('of_yesterday', { amount: yuan(o.yesterday.received) })
  const back = (n: number) => (n ? ' · ' + t('went_back_too', { amount: yuan(n) }) : '')
  const tile = (name: ConsoleText, amount: number, compared: string): Tile => ({ name, amount, compared, to: paid })
  const today = `${payments(o.today.received_count)} · ${yesterday}${back(o.today.refunded)}`
  const tiles = [tile('today_taken', o.today.received, today)]
  if (o.mine) {
    const handed = t('cash_back', { amount: yuan(o.mine.refunded) })
    tiles.push(tile('my_cash', o.mine.received, `${payments(o.mine.received_count)} · ${handed}`))
  }
  if (may('finance', 'auditor')) {
    const than = t('against_before', { sign: against < 0 ? '−' : '+', amount: yuan(Math.abs(against)) })
    tiles.push(tile('yesterday_taken', o.yesterday.received, than))
  }
  return o.month ? [...tiles, month(o.month, t)] : tiles
}

function month(m: NonNullable<Overview['month']>, t: ConsoleSay): Tile {
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

function running(o: Overview, may: May, t: ConsoleSay): Tile[] {
  const { terminals, notifications } = o
  const tiles: Tile[] = []
  if (terminals && may('operations', 'auditor'))
    tiles.push({
      name: 'terminals_offline',
      number: count(terminals.offline),
      compared: t('terminals_of', { n: terminals.total }),
      to: to('terminals', 'offline'),
      loud: terminals.offline > 0,
    })
  if (notifications)
    tiles.push({
      name: 'messages_failed',
      number: count(notifications.failed),
      compared: notifications.received
        ? t('messages_received', { n: notifications.received })
        : t('messages_all_worked'),
      to: to('messages', notifications.failed || !notifications.received ? 'failed' : 'received'),
      loud: notifications.failed > 0,
    })
  return tiles
}
