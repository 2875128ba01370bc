import { sum, yuan } from '../money'
import type { Plain } from '../say'
import { billTitle, month } from '../title'
import type {
  Approval,
  BillRecord,
  CorrectionRequest,
  ChangeRequest,
  CompanySettings,
  CutOver,
  Payout,
  LegalEntity,
  Method,
  Wallet,
  Community,
  Difference,
  Institution,
  MerchantAccount,
  Right,
} from '../types'
import { shanghai } from '../time'
import { rightText } from './clients'
import { decidedWords } from './payouts'
import type { ConsoleSay, ConsoleText } from './texts'
import { authority } from './texts/authority'
import { organisation } from './texts/organisation'

const fixed = {
  name: 'name',
  entity: 'legal_entity',
  communities: 'collects_for',
  disabled: 'disabled',
  url: 'wh_url',
  note: 'wh_note',
  types: 'wh_types',
  rights: 'client_rights',
  expires_at: 'client_expires',
  billed: 'ap_billed',
  owed: 'ap_owed',
} as const
type AuthorityField = Extract<Plain<typeof authority>, `over_${string}` | `deputy_${string}`>
type OrganisationField = Extract<Plain<typeof organisation>, `org_${string}` | `set_${string}`>

// lastCorrection is the last correction that was asked for, the only one that may wait.
export const lastCorrection = (b: BillRecord): CorrectionRequest | undefined => b.corrections[b.corrections.length - 1]

// requestOf is the request of what waits, whatever it is about.
export const requestOf = (a: Approval): ChangeRequest =>
  a.bill
    ? lastCorrection(a.bill)!
    : (a.payout ??
      (a.organisation ?? a.account ?? a.endpoint ?? a.client ?? a.member ?? a.cutover ?? a.routes)!.request!)

// deciding says where what waits is decided, and in which words.
export function deciding(a: Approval): {
  address: string
  query?: string
  nothing?: ConsoleText
  sure?: ConsoleText
  look?: ConsoleText
  done?: ConsoleText
} {
  if (a.account) return { address: `/v1/merchant-accounts/${a.account.id}` }
  if (a.endpoint) return { address: `/v1/webhook-endpoints/${a.endpoint.id}` }
  if (a.client) return { address: `/v1/api-clients/${a.client.id}`, sure: 'approve_member' }
  if (a.organisation) {
    const sure = a.organisation.authority ? 'auth_approve_sure' : 'org_approve_sure'
    return { address: '/v1/organisation', sure }
  }
  if (a.bill) return { address: `/v1/bills/${a.bill.bill.id}/corrections`, sure: 'cor_sure', look: 'bill_look' }
  if (a.cutover) return { ...decidingCutover(a.cutover), look: 'cut_look' }
  if (a.payout) return { ...decidingPayout(a.payout), look: 'po_look' }
  const { community } = a.routes!
  return { address: '/v1/routes', query: community ? `?community=${community}` : '', nothing: 'ap_default' }
}

// decidingPayout is the same of a payout.
export const decidingPayout = (p: Payout) => ({
  address: `/v1/prepayments/${encodeURIComponent(p.prepayment)}/payouts`,
  ...decidedWords(p),
})

// decidingCutover is the same of a community's open balance.
export const decidingCutover = (c: CutOver) => ({
  address: `/v1/communities/${c.community}/cutover`,
  sure: c.state === 'locked' ? ('cut_open_sure' as const) : ('cut_lock_sure' as const),
})

// cutoverTitle names a wish to lock an open balance, or to open it again.
export function cutoverTitle(c: CutOver, t: ConsoleSay): string {
  const fees = c.fees.map((f) => f.amount)
  const what = t(c.state === 'locked' ? 'cut_ask_open' : 'cut_ask_lock')
  const before = t('cut_before_period', { period: month(c.first_period!) })
  return `${what} · ${c.community_name} · ${before} · ¥${yuan(sum(fees))}`
}

// fieldOf names what a difference is about: a setting as the institution calls it, or a way to pay.
export function fieldOf(d: Difference, t: ConsoleSay, settings: Institution['settings'] = []): string {
  const own = d.field in fixed && fixed[d.field as keyof typeof fixed]
  if (own) return t(own)
  if (d.field in organisation) return t(d.field as OrganisationField)
  if (d.field in authority) return t(d.field as AuthorityField)
  if (d.field.includes(' · ')) return d.field // a community, and what of it
  const [wallet, method] = d.field.split(' ') as [Wallet, Method?]
  return method
    ? `${t(`w_${wallet}`)} ${t(`method_${method}`)}`
    : (settings.find((s) => s.name === d.field)?.label ?? d.field)
}

// valueOf is one side of a difference in words; '' is nothing.
export function valueOf(
  d: Difference,
  side: 'before' | 'after',
  t: ConsoleSay,
  places: Pick<Community, 'id' | 'name'>[] = [], // communities and regions
  accounts: MerchantAccount[] = [],
): string {
  const value = d[side] ?? ''
  if (d.field === 'billed' || d.field === 'owed') return `¥${value}`
  if (d.field === 'expires_at') return value ? shanghai(value).slice(0, 16) : t('client_never')
  if (d.field === 'rights')
    return value
      .split(', ')
      .filter(Boolean)
      .map((r) => t(rightText(r as Right)))
      .join(t('comma'))
  if (d.field === 'communities')
    return value
      ? value
          .split(', ')
          .map((id) => places.find((c) => c.id === id)?.name ?? id)
          .join(t('comma'))
      : t('whole_company')
  if (d.field === 'disabled') return t(value === 'true' ? 'yes' : 'no')
  if (d.field.startsWith('set_') || d.field === 'org_kind') return settled(d.field, value, t)
  if (d.field.includes(' ') && !d.field.includes(' · '))
    return (
      value &&
      value
        .split(', ')
        .map((id) => accounts.find((a) => a.id === id)?.name || id)
        .join(' → ')
    )
  if (d.secret && value === '••••••') return t(side === 'after' && d.before ? 'ap_secret_changed' : 'ap_set')
  return value
}

// settled is a company's setting, or the kind of a legal entity, in words.
function settled(field: string, value: string, t: ConsoleSay): string {
  if (!value) return ''
  if (field === 'org_kind') return t(`org_${value as LegalEntity['kind']}`)
  if (field === 'set_part_payments') return t(`parts_${value as CompanySettings['settings']['part_payments']}`)
  if (field === 'set_prepayments') return t(`use_${value as CompanySettings['settings']['prepayments']}`)
  if (field === 'set_unapplied') return t(`unapplied_${value as CompanySettings['settings']['unapplied']}`)
  return field === 'set_refund_limit' ? `¥${value}` : t('set_minutes', { n: value })
}

// correctionTitle names a correction that waits: what, how much, of which bill.
export function correctionTitle(b: BillRecord, t: ConsoleSay): string {
  const { kind, amount, rebill } = lastCorrection(b)!
  const then = kind === 'cancellation' ? ` (${t(rebill ? 'ap_again' : 'ap_for_good')})` : ''
  const what = `${t(`cor_${kind}`)} ¥${yuan(amount)}${then}`
  return `${what} · ${b.community_name} ${b.unit_label} · ${billTitle(b.bill.title)}`
}
