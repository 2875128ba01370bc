import type { Plain } from '../say'
import type {
  Approval,
  ChangeRequest,
  CompanySettings,
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
import type { ConsoleSay } from './texts'
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
} as const
type OrganisationField = Extract<Plain<typeof organisation>, `org_${string}` | `set_${string}`>

// requestOf is the request of what waits, whatever it is about.
export const requestOf = (a: Approval): ChangeRequest =>
  (a.organisation ?? a.account ?? a.endpoint ?? a.client ?? a.routes)!.request!

// fieldOf names what a difference is about: a setting as the institution calls it, or a way to pay.
export function fieldOf(d: Difference, t: ConsoleSay, settings: Institution['settings'] = []): string {
  const own = d.field in fixed && fixed[d.field as keyof typeof fixed]
  if (own) return t(own)
  if (d.field in organisation) return t(d.field as OrganisationField)
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
  if (field === 'set_unapplied') return t(`unapplied_${value as CompanySettings['settings']['unapplied']}`)
  return field === 'set_refund_limit' ? `¥${value}` : t('set_minutes', { n: value })
}
