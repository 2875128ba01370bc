import { typed } from '../money'
import type { ConsoleSay } from './texts'
import type { LegalEntity, Organisation, OrganisationChange, Place, Stay } from '../types'

// An organisation as its page shows it: what holds today, what is planned, and what was.

// creditDigits are the characters of a unified social credit code in the order of their values (GB 32100).
const creditDigits = '0123456789ABCDEFGHJKLMNPQRTUWXY'

// creditCode reports whether a text is a unified social credit code, as access/creditcode.go checks it.
export function creditCode(text: string): boolean {
  const values = [...text].map((c) => creditDigits.indexOf(c))
  if (values.length !== 18 || values.includes(-1)) return false
  let [sum, weight] = [0, 1]
  for (const value of values.slice(0, 17)) {
    sum += value * weight
    weight = (weight * 3) % 31
  }
  return values[17] === (31 - (sum % 31)) % 31
}

// standing is how an entity or a region stands on a day, as a text's key.
export function standing(of: { from: string; to: string }, today: string): 'org_open' | 'org_closed' | 'org_future' {
  if (of.from && of.from > today) return 'org_future'
  return of.to && of.to < today ? 'org_closed' : 'org_open'
}

// planned is the stay that begins next after a day, undefined for none.
export const planned = (stays: Stay[], today: string) => stays.find((s) => s.from > today)

// belonging are the communities that belong to an entity or a region today.
export const belonging = (o: Organisation, what: 'entity' | 'region', id: string) =>
  o.places.filter((p) => p[what] === id).length

// revisionOf is what a move of some communities names: the sum of theirs.
export const revisionOf = (places: Place[]) => places.reduce((sum, p) => sum + p.revision, 0)

// found are the communities that a search and the filters leave; '-' is no region.
export function found(o: Organisation, q: string, entity: string, region: string): Place[] {
  const text = q.trim().toLowerCase()
  return o.places.filter(
    (p) =>
      (!text || p.name.toLowerCase().includes(text)) &&
      (!entity || p.entity === entity) &&
      (!region || (region === '-' ? !p.region : p.region === region)),
  )
}

// nameOf is what people call an entity or a region.
export const nameOf = (some: { id: string; name: string }[], id: string) => some.find((x) => x.id === id)?.name ?? id

// bodyOf is an entity as a request has it.
export const bodyOf = (e: LegalEntity) => ({
  kind: e.kind,
  name: e.name.trim(),
  tax_number: e.tax_number.replaceAll(' ', '').toUpperCase(),
  seal: e.seal.trim(),
  series: e.series.trim().toUpperCase(),
  books: e.books.trim(),
  accounts: e.accounts
    .filter((a) => a.bank.trim() || a.number.trim())
    .map((a) => ({ bank: a.bank.trim(), number: a.number.replace(/[\s-]/g, '') })),
  from: e.from ?? '',
  to: e.to ?? '',
})

// limitOf reads an amount that may be zero, in fen; undefined is none.
export function limitOf(text: string): number | undefined {
  const fen = typed(text)
  return typeof fen === 'number' ? fen : undefined
}

// changeTitle says what a change of the organisation is about.
export function changeTitle(c: OrganisationChange, t: ConsoleSay, who: (actor?: string) => string): string {
  if (c.authority) return t('auth_change')
  if (c.deputy) return t('deputy_title', { deputy: who(c.deputy.deputy), person: who(c.deputy.person) })
  if (c.entity) return `${t(c.new ? 'org_new_entity' : 'org_change_entity')} · ${c.entity.name}`
  return t(c.move ? 'org_move' : 'set_change')
}
