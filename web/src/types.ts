// What the API answers; see /openapi.json. Amounts are integers in fen.

import { billTitle } from './title'

export type OrderStatus = 'pending' | 'closing' | 'paid' | 'closed'

export interface Item {
  ref: string
  title: string
  amount: number
  unsettled?: boolean
}

export const attemptStates = ['starting', 'open', 'leaving', 'reported', 'succeeded', 'failed', 'ended'] as const
export const wallets = ['wechat', 'alipay', 'unionpay', 'any', 'card', 'cash'] as const
export const institutions = ['wechat', 'alipay', 'lakala', 'shengpay', 'ruiyinxin', 'cash'] as const
export const cardTypes = ['debit', 'credit', 'semi_credit', 'prepaid'] as const
export const refundStates = ['requested', 'rejected', 'pending', 'succeeded', 'failed', 'abnormal'] as const
export const exceptionStates = ['open', 'refunding', 'refunded', 'prepaying', 'prepaid', 'dismissed'] as const
export const exceptionReasons = ['order_paid', 'items_held', 'items_paid', 'amount', 'unknown_order'] as const
export const noticedWays = ['told', 'asked', 'person'] as const
export const whys = [
  'code_invalid',
  'code_expired',
  'code_used',
  'balance_low',
  'limit_reached',
  'payer_refused',
  'merchant_balance',
] as const
export const outcomes = ['failed', 'rejected', 'received', 'booked', 'noted'] as const

export interface Attempt {
  no: number
  out_trade_no: string
  institution: string
  wallet?: string
  method: string
  state: (typeof attemptStates)[number]
  amount: number
  created_at: string
  transaction_id?: string
  received?: number
  tendered?: number
  disposition?: 'kept' | 'exceptional'
  paid_at?: string
  checks?: number
  reversing?: boolean
  why?: (typeof whys)[number]
  failure?: string
  card?: Card
  provisional?: boolean
  reported?: Reported
  doubt?: string
  unconfirmed?: boolean
  prepared?: { device?: DeviceCall }
  account?: string
  returns?: Returned
}

// homeOf is where a person lives, as people tell it from others: units of two communities often have the same name.
export function homeOf(o: Pick<Order, 'community_name' | 'unit_label'>): string {
  return [o.community_name, o.unit_label].filter(Boolean).join(' · ')
}

// titleOf is what an order is of, in the reader's language; whose home it is stands beside it, as homeOf says it.
export function titleOf(
  o: Pick<Order, 'title' | 'items'>,
  t: (key: string, named: Record<string, string | number>) => string,
): string {
  const n = o.items.length
  return n > 1
    ? t('title_of_many', { first: billTitle(o.items[0].title), n, more: n - 1 })
    : billTitle(o.items[0]?.title ?? o.title)
}

// Returned is what an institution says went back of a payment (渠道退款); waits: how much is not told, and a person must
// explain it.
export interface Returned {
  unknown?: boolean
  waits?: boolean
  raw?: string
  at: string
  dismissed_by?: string
  note?: string
}

export interface Card {
  reference_no?: string
  batch_no?: string
  trace_no?: string
  auth_code?: string
  masked?: string
  type?: string
  issuer?: string
  merchant?: string
  terminal?: string
}
export interface Reported {
  terminal: string
  at: string
  done: boolean
  message?: string
}
// Untaken is a terminal's result that was not taken; Delivered the answer to one that the server has, taken or not.
export interface Untaken {
  no: number
  attempt: number
  refund?: number
  why: string
  why_en: string
  at: string
  open: boolean
  read_at?: string
  fields?: Record<string, string>
  doubt?: string
  ended_at?: string
  ended_by?: string
  note?: string
}
export interface Delivered {
  acknowledged: string
  taken: boolean
  why?: string
  order: Order
}
export interface DeviceCall {
  package?: string
  activity?: string
  extras: Record<string, string>
}
export interface Way {
  wallet: string
  method: string
}
export interface Offered {
  ways: Way[]
  scanners: string[]
}
export interface Choice extends Way {
  accounts: { id: string; institution: string; failing?: boolean }[]
}
export interface Route extends Way {
  accounts: string[]
}
export interface Routes {
  community: string
  routes: Route[]
  choices: Choice[]
  changed_by?: string
  changed_at?: string
  revision: number
  request?: ChangeRequest
}

// ChangeRequest is a change of a merchant account or of routes that one person asked for and another decides.
export interface Difference {
  field: string
  before?: string
  after?: string
  secret: boolean
}
export interface ChangeRequest {
  id: string
  state: 'requested' | 'approved' | 'refused' | 'withdrawn' | 'expired'
  outdated: boolean
  enables?: boolean
  by: string
  at: string
  reason?: string
  expires_at?: string
  decided_by?: string
  decided_at?: string
  note?: string
  changed: string[]
  differences: Difference[]
  keys: AccountKey[]
  trouble?: string
  routes?: Route[]
  mine: boolean
  may_decide: boolean
  deciders: string[]
}
export interface Approval {
  kind: 'organisation' | 'account' | 'routes'
  organisation?: OrganisationChange
  account?: MerchantAccount
  routes?: Routes
}
export interface LegalEntity {
  id: string
  kind: 'corporation' | 'branch'
  name: string
  tax_number: string
  seal: string
  series: string
  books: string
  accounts: { bank: string; number: string }[]
  from: string
  to: string
  revision: number
  first: boolean
}
export interface Region {
  id: string
  name: string
  from: string
  to: string
  revision: number
}
export interface Stay {
  of: string
  from: string
}
// Place is where a community belongs: today, and by day.
export interface Place {
  community: string
  name: string
  entity: string
  region: string
  entities: Stay[]
  regions: Stay[]
  revision: number
}
export interface OrganisationChange {
  entity?: LegalEntity
  new: boolean
  move?: { communities: string[]; entity: string; region: string; no_region: boolean; from: string }
  settings?: CompanySettings['settings']
  request: ChangeRequest
}
export interface Organisation {
  entities: LegalEntity[]
  regions: Region[]
  places: Place[]
  requests: OrganisationChange[]
}
export interface CompanySettings {
  settings: {
    unapplied: 'refund' | 'prepay' | 'person'
    refund_limit: number
    desk_minutes: number
    phone_minutes: number
    revision: number
  }
  change?: OrganisationChange
}

export interface Refund {
  no: number
  out_refund_no: string
  attempt: number
  amount: number
  items?: { ref: string; amount: number }[]
  exception?: number
  reason: string
  status: (typeof refundStates)[number]
  requested_at: string
  succeeded_at?: string
  refund_id?: string
  by_hand?: boolean
  void?: boolean
  reported?: Reported
  waits?: 'cashier' | 'terminal' | 'statement'
  provisional?: boolean
  doubt?: string
  requested_by?: string
  decided_by?: string
  decided_at?: string
  done_by?: string
  note?: string
  failure?: string
  why?: (typeof whys)[number]
  heard?: string
  asked_at?: string
  checks?: number
  foreign?: boolean
  made_there?: boolean
  would_reopen?: { ref: string; amount: number }[]
  upstream_no?: string
  noticed?: (typeof noticedWays)[number]
  seen_by?: string
}

export interface Exception {
  no: number
  attempt: number
  amount: number
  reason: (typeof exceptionReasons)[number]
  state: (typeof exceptionStates)[number]
  refund?: number
  at: string
  ended_at?: string
  owner?: string
  note?: string
}

export interface Message {
  id: string
  institution: string
  account: string
  outcome: (typeof outcomes)[number]
  order?: string
  note?: string
  seen: number
  unkept?: number
  received_at: string
}

export interface TimelineEvent {
  at: string
  what: string
  attempt?: number
  by?: string
  note?: string
}

export interface Order {
  id: string
  version: number
  status: OrderStatus
  close_reason?: string
  company_name?: string
  community: string
  community_name: string
  unit_label: string
  unit: { id: string; label: string }
  payer: { name: string; phone?: string }
  origin: { kind: string; terminal?: string; staff?: string }
  title: string
  amount: number
  items: Item[]
  attempts: Attempt[]
  refunds?: Refund[]
  exceptions?: Exception[]
  untaken?: Untaken[]
  refunded?: number
  paid_by?: number
  timeline?: TimelineEvent[]
  created_at: string
  expires_at: string
  paid_at?: string
  closed_at?: string
  qr: { url: string; png: string; svg: string }
  now: string
}

export interface Bill {
  id: string
  unit: string
  fee: string
  period: string
  title: string
  amount: number
  owed: number
  due_date: string
  status: 'unpaid' | 'paid'
  overdue: boolean
  order?: string
  open_order?: string
  paid_at?: string
}

// Unit as a caller may see it: phone for staff; as and news for residents.
export interface Unit {
  id: string
  community: string
  community_name: string
  label: string
  owner: string
  phone?: string
  as?: 'owner' | 'bound' | 'former'
  news?: number
}

export const bindingStates = ['code_sent', 'requested', 'bound', 'refused', 'ended'] as const
export const bindingWays = ['code', 'office', 'earlier'] as const

// Binding is a resident's wish to have a home in their app, and what became of it.
export interface Binding {
  id: string
  state: (typeof bindingStates)[number]
  way: (typeof bindingWays)[number]
  community: string
  community_name: string
  label: string
  unit?: string
  phone: string
  mine: boolean
  in_force: boolean
  may_end: boolean
  unread?: boolean
  asked_at: string
  bound_at?: string
  ended_at?: string
  ended_by?: string
  decided_by?: string
  reason?: string
  owner?: string
  owner_phone?: string
  note?: string
}
export interface Asked extends Binding {
  expires_in?: number
  demo_code?: string
}

export interface Bills extends Page<Bill> {
  prepaid: number
  at_most: number
}
export interface AuditEvent {
  id: string
  at: string
  actor: string
  from?: string
  request?: string
  verb: string
  words: string
  object?: string
  of?: string
  communities?: string[]
  before?: Record<string, string>
  after?: Record<string, string>
  count?: number
  hash: string
}
export interface Colleague {
  actor: string
  name: string
  roles: string[]
}
export interface Community {
  id: string
  name: string
  company_name?: string
}
// Page is one page of a list; a search for orders says of how many homes it is, and that more match than it looked
// into.
export interface Page<T> {
  items: T[]
  next?: string
  homes?: number
  cut?: boolean
}
export interface Terminal {
  id: string
  name: string
  community: string
  community_name: string
  company_name?: string
  paired_at: string
  last_seen_at: string
  online: boolean
  card_reader?: string
}
export interface Staff {
  id: string
  name: string
  company: string
  company_name: string
  roles: string[]
  communities: string[]
  regions?: string[]
  whole_company?: boolean
  must_change: boolean
}

export interface MemberRequest {
  id: string
  state: 'requested' | 'approved' | 'refused' | 'withdrawn' | 'expired'
  by: string
  at: string
  expires_at: string
  note?: string
  new: boolean
  roles?: string[]
  communities?: string[]
  regions?: string[]
  enable: boolean
  password: boolean
  yours: boolean
}
export interface Member {
  id: string
  login: string
  name: string
  roles: string[]
  communities: string[]
  regions: string[]
  disabled: boolean
  must_change: boolean
  created_at: string
  yourself: boolean
  request?: MemberRequest
}
export interface MemberCode {
  member: Member
  half?: string
}
export interface OpenSession {
  id: string
  opened_at: string
  used_at: string
  expires_at: string
  address: string
  agent: string
  current: boolean
}

export interface Setting {
  name: string
  label: string
  secret: boolean
  pem: boolean
  required: boolean
  default?: string
  several: boolean
  previous?: string
}
export interface Institution {
  institution: string
  settings: Setting[]
}
export interface AccountKey {
  setting: string
  kind: 'public' | 'private' | 'certificate'
  fingerprint: string
  serial?: string
  expires_at?: string
  old: boolean
}
export interface MerchantAccount {
  id: string
  name: string
  institution: string
  communities: string[]
  disabled: boolean
  set: string[]
  keys: AccountKey[]
  created_at: string
  created_by?: string
  changed_at?: string
  changed_by?: string
  trouble?: string
  approved: boolean
  revision: number
  request?: ChangeRequest
}
export interface Finding {
  name: 'settings' | 'query' | 'clock' | 'keys' | 'callback'
  state: 'ok' | 'warn' | 'fail'
  text: string
}

export interface Tokens {
  access_token?: string
  expires_in: number
  refresh_token?: string
  staff?: Staff
  resident?: { id: string; phone: string }
  terminal?: Terminal
}

// writtenReasons are the reasons that the server writes by itself: payers read them in their wallets, in Chinese.
export const writtenReasons: Record<string, string> = {
  '重复缴费，原路退回': 'because_twice',
  '金额不符，原路退回': 'because_amount',
  '无对应订单，原路退回': 'because_unknown',
  终端撤销或冲正: 'because_void',
}

// reasonOf is why a refund was made: what a person wrote, or the page's own text where nobody here gave a reason.
export function reasonOf(r: Refund, t: (key: string) => string): string {
  if (r.made_there) return t('foreign_reason')
  const written = writtenReasons[r.reason]
  return written ? t(written) : r.reason
}

// explainFirst says why no refund of a payment may be made yet, since the money might go out twice: it is not told how
// much went back at the institution, or what a person declared of that waits for approval. '' is nothing.
export function explainFirst(o: Order, attempt?: number): '' | 'untold' | 'declared' {
  if (o.refunds?.some((r) => r.attempt === attempt && r.foreign && r.status === 'requested')) return 'declared'
  return o.attempts.some((a) => a.no === attempt && a.returns?.waits) ? 'untold' : ''
}

// The transaction that an order keeps.
export function transaction(o: Order): string {
  return payment(o)?.transaction_id ?? ''
}

// The attempt whose money an order keeps.
export function payment(o: Order): Attempt | undefined {
  return o.attempts.find((a) => a.no === o.paid_by)
}

// What an attempt was paid with, as a text's key: the wallet, whoever took it.
export function paidWith(a?: Attempt): string {
  return a?.wallet ? 'w_' + a.wallet : (a?.institution ?? '')
}

// How an order stands, in one word: a paid one says how much of it went back.
export function standing(o: Order): OrderStatus | 'refunded' | 'part_refunded' {
  if (o.status !== 'paid' || !o.refunded) return o.status
  return o.refunded >= o.amount ? 'refunded' : 'part_refunded'
}

// How much of an item may still be asked back: what it was paid with, less what went back or may still go.
export function refundable(o: Order, item: Item): number {
  if (o.status !== 'paid' || item.unsettled) return 0
  const alive = (o.refunds ?? []).filter((r) => r.status !== 'rejected' && r.status !== 'failed')
  return Math.max(
    0,
    alive
      .flatMap((r) => r.items ?? [])
      .filter((i) => i.ref === item.ref)
      .reduce((left, i) => left - i.amount, item.amount),
  )
}

export const orderColors = {
  paid: 'success',
  pending: 'primary',
  closing: 'warning',
  closed: 'info',
  refunded: 'warning',
  part_refunded: 'warning',
} as const
// refundMark names what a refund waits for, that it is a void, or that it was made at the institution; '' is none of
// these.
export function refundMark(r: Refund): string {
  if (r.foreign) return 'foreign_mark'
  if (r.waits === 'terminal') return 'void_waits'
  if (r.waits === 'statement') return 'statement_waits'
  if (r.provisional) return 'void_provisional'
  return r.void ? 'void_mark' : ''
}
export const refundColors = {
  requested: 'primary',
  rejected: 'info',
  pending: 'warning',
  succeeded: 'success',
  failed: 'info',
  abnormal: 'danger',
} as const
export const checkColors = { ok: 'success', warn: 'warning', fail: 'danger' } as const
export const exceptionColors = {
  open: 'danger',
  refunding: 'warning',
  refunded: 'success',
  prepaying: 'warning',
  prepaid: 'success',
  dismissed: 'info',
} as const

// Overview is what the console's first page counts; what is not there is not for this person.
export interface Moved {
  taken: number
  taken_count: number
  given_back: number
  given_back_count: number
}
export interface Day extends Moved {
  day: string
  by: ({ institution: string } & Moved)[]
}
export interface Overview {
  day: string
  today?: Day
  yesterday?: Day
  day_before?: Day
  mine?: Moved
  month?: { period: string; billed: number; paid: number; bills: number; paid_bills: number }
  terminals?: { all: number; offline: number }
  messages?: { failed: number; received: number }
}
