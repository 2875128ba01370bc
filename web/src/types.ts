// What the API answers; see /openapi.json. Amounts are integers in fen.

import { language } from './api'
import type { components } from './api.gen'
import { yuan } from './money'
import type { Plain, Say } from './say'
import type { SharedTexts } from './texts'
import { billTitle } from './title'

type Schemas = components['schemas']
export type Item = Schemas['Item']
export type Attempt = Schemas['Attempt']
export type Returned = Schemas['Returns']
export type Card = Schemas['Card']
export type Reported = Schemas['Reported']
export type Untaken = Schemas['RejectedReport']
export type Delivered = Schemas['Delivered']
export type DeviceCall = Schemas['DeviceCall']
export type Way = Schemas['PaymentMethod']
export type Offered = Schemas['PaymentMethods']
export type Choice = Schemas['RouteOption']
export type Route = Schemas['Route']
export type Routes = Schemas['Routes']
export type Difference = Schemas['Difference']
export type ChangeRequest = Schemas['ChangeRequest']
export type Approval = Schemas['Approval']
export type LegalEntity = Schemas['Entity']
export type Region = Schemas['Region']
export type Stay = Schemas['Stay']
export type Place = Schemas['Place']
export type OrganisationChange = Schemas['OrganisationChange']
export type Organisation = Schemas['Organisation']
export type Authority = Schemas['Authority']
export type AuthorityLine = Schemas['AuthorityLine']
export type Deputy = Schemas['Deputy']
export type NamedDeputy = Schemas['NamedDeputy']
export type CompanySettings = Schemas['CompanySettings']
export type Refund = Schemas['Refund']
export type UnappliedFunds = Schemas['UnappliedFunds']
export type Message = Schemas['Notification']
export type TimelineEvent = Schemas['TimelineEvent']
export type Order = Schemas['Order']
export type Bill = Schemas['Bill']
export type Prepayment = Schemas['Prepayment']
export type PrepaymentMove = Schemas['PrepaymentMove']
export type PrepaymentRecord = Schemas['PrepaymentRecord']
export type Payout = Schemas['Payout']
export type Unit = Schemas['Unit']
export type Binding = Schemas['Binding']
export type Asked = Schemas['Asked']
export type CutOver = Schemas['CutOver']
export type CutOverSummary = Schemas['CutOverSummary']
export type FeeTotal = Schemas['FeeTotal']
export type BillRecord = Schemas['BillRecord']
export type Statement = Schemas['Statement']
export type StatementLine = Schemas['StatementLine']
export type StatementKind = Schemas['StatementKind']
export type Debtor = Schemas['Debtor']
export type CorrectionRequest = Schemas['CorrectionRequest']
export type CorrectionKind = CorrectionRequest['kind']
export type Bills = Schemas['Bills']
export type AuditEvent = Schemas['AuditEvent']
export type VerbWords = Schemas['AuditVerbWords']
export type Colleague = Schemas['Colleague']
export type Community = Schemas['Community']
export type Terminal = Schemas['Terminal']
export type Staff = Schemas['Staff']
export type MemberRequest = Schemas['MemberRequest']
export type Member = Schemas['Member']
export type MemberCode = Schemas['CodeFor']
export type OpenSession = Schemas['Session']
export type Setting = Schemas['Setting']
export type Institution = Schemas['InstitutionForm']
export type AccountKey = Schemas['AccountKey']
export type MerchantAccount = Schemas['Account']
export type Finding = Schemas['Check']
export type Tokens = Schemas['Tokens']
export type Moved = Schemas['MoneyMoved']
export type Day = Schemas['Day']
export type Overview = Schemas['Overview']
export type SetupStep = Schemas['SetupStep']
export type ChainState = Schemas['Chain']
export type OrderStatus = Schemas['OrderStatus']

export const attemptStates = ['starting', 'open', 'expiring', 'reported', 'succeeded', 'failed', 'ended'] as const
export const wallets = ['wechat', 'alipay', 'unionpay', 'any', 'card', 'cash'] as const
export const institutions = ['wechat', 'alipay', 'lakala', 'shengpay', 'ruiyinxin', 'cash'] as const
export const cardTypes = ['debit', 'credit', 'semi_credit', 'prepaid'] as const
export const refundStates = ['requested', 'rejected', 'pending', 'succeeded', 'failed', 'abnormal'] as const
export const unappliedStates = ['open', 'refunding', 'refunded', 'prepaying', 'prepaid', 'dismissed'] as const
export const unappliedReasons = ['order_paid', 'items_held', 'items_paid', 'amount_mismatch', 'unknown_order'] as const
export const noticedWays = ['notification', 'query', 'staff'] as const
export const methods = ['native', 'jsapi', 'h5', 'wap', 'code', 'cash', 'card_present'] as const
export const origins = ['phone', 'terminal', 'counter', 'api', 'unmatched'] as const
export const closeReasons = [
  'expired',
  'cancelled',
  'superseded',
  'items_settled',
  'items_changed',
  'unmatched',
] as const
export type Wallet = (typeof wallets)[number]
export type InstitutionCode = (typeof institutions)[number]
export type Method = (typeof methods)[number]
export type Role = Schemas['Role']
export type Right = Schemas['Right']
export type ApiClient = Schemas['ApiClient']
export type ApiKey = Schemas['ApiKey']
export type NewKey = Schemas['NewKey']
export const whys = [
  'code_invalid',
  'code_expired',
  'code_used',
  'balance_low',
  'limit_reached',
  'payer_refused',
  'merchant_balance',
] as const
export const outcomes = ['failed', 'rejected', 'received', 'booked', 'ignored'] as const

// homeOf is where a person lives, as people tell it from others: units of two communities often have the same name.
export function homeOf(o: Pick<Order, 'community_name' | 'unit_label'>): string {
  return [o.community_name, o.unit_label].filter(Boolean).join(' · ')
}

// itemTitle is an order's line in the reader's language; one that pays a part says of what.
export function itemTitle(i: Pick<Item, 'title' | 'bill_amount'>, t: Say<SharedTexts>): string {
  const title = billTitle(i.title)
  return i.bill_amount ? t('part_of', { title, amount: yuan(i.bill_amount) }) : title
}

// titleOf is what an order is of, in the reader's language, and whether it pays only a part of that; whose home it is
// stands beside it, as homeOf says it.
export function titleOf(o: Pick<Order, 'title' | 'items'>, t: Say<SharedTexts>): string {
  const n = o.items.length
  const first = billTitle(o.items[0]?.title ?? o.title)
  const counted = language.current === 'en' ? n - 1 : n // 等3项, and 2 more
  const title = n < 2 ? first : t('title_of_many', { first, n: counted })
  return o.items.some((i) => i.bill_amount) ? t('title_in_part', { title }) : title
}

export const bindingStates = ['code_sent', 'requested', 'bound', 'refused', 'ended'] as const
export const bindingWays = ['code', 'office', 'earlier'] as const

// Ender is who ended a binding, as a resident is told; staff are told who it was.
export type Ender = 'resident' | 'owner' | 'office' | 'owner_changed'

// Page is one page of a list; a search for orders says of how many homes it is, and that more match than it looked
// into.
export interface Page<T> {
  items: T[]
  next?: string
  unit_count?: number
  truncated?: boolean
}

// writtenReasons are the reasons that the server writes by itself: payers read them in their wallets, in Chinese.
export const writtenReasons: Record<string, Plain<SharedTexts>> = {
  '重复缴费，原路退回': 'because_twice',
  '金额不符，原路退回': 'because_amount',
  '无对应订单，原路退回': 'because_unknown',
  终端撤销或冲正: 'because_void',
}

// reasonOf is why a refund was made: what a person wrote, or the page's own text where nobody here gave a reason.
export function reasonOf(r: Refund, t: Say<SharedTexts>): string {
  if (r.reason_unknown) return t('foreign_reason')
  const written = writtenReasons[r.reason]
  return written ? t(written) : r.reason
}

// explainFirst says why no refund of a payment may be made yet, since the money might go out twice: it is not told how
// much went back at the institution, or what a person declared of that waits for approval. '' is nothing.
export function explainFirst(o: Order, attempt?: number): '' | 'untold' | 'declared' {
  if (o.refunds?.some((r) => r.attempt === attempt && r.external && r.status === 'requested')) return 'declared'
  return o.attempts.some((a) => a.no === attempt && a.returns?.explanation_required) ? 'untold' : ''
}

// The transaction that an order keeps.
export function transaction(o: Order): string {
  return payment(o)?.transaction_id ?? ''
}

// The attempt whose money an order keeps.
export function payment(o: Order): Attempt | undefined {
  return o.attempts.find((a) => a.no === o.paid_attempt)
}

// What an attempt was paid with, as a text's key: the wallet, whoever took it.
export function paidWith(a?: Attempt) {
  return a?.wallet ? (`w_${a.wallet}` as const) : (a?.institution ?? 'w_other')
}

// How an order stands, in one word: a paid one says how much of it went back.
export function standing(o: Order): OrderStatus | 'refunded' | 'part_refunded' {
  if (o.status !== 'paid' || !o.refunded) return o.status
  return o.refunded >= o.amount ? 'refunded' : 'part_refunded'
}

export const orderColors = {
  paid: 'success',
  pending: 'primary',
  closing: 'warning',
  closed: 'info',
  refunded: 'warning',
  part_refunded: 'warning',
} as const
// refundMark names what a refund waits for, that it is a void, or that it was made at the institution; undefined
// is none of these.
export function refundMark(r: Refund) {
  if (r.external) return 'foreign_mark'
  if (r.waiting_for === 'terminal') return 'void_waits'
  if (r.waiting_for === 'statement') return 'statement_waits'
  if (r.provisional) return 'void_provisional'
  return r.void ? 'void_mark' : undefined
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
export const unappliedColors = {
  open: 'danger',
  refunding: 'warning',
  refunded: 'success',
  prepaying: 'warning',
  prepaid: 'success',
  dismissed: 'info',
} as const
