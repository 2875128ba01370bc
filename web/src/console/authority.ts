import { typed, yuan } from '../money'
import type { Authority, AuthorityLine } from '../types'
import type { ConsoleSay } from './texts'

// A table of authority (授权表) as its page and its form have it.

export type Matter = AuthorityLine['matter']
export const matters: Matter[] = ['refund', 'reduction', 'decrease', 'increase', 'write_off', 'cancellation', 'payout']

// decidingRoles are those that a line may name: whoever handles the money decides over none of it.
export const decidingRoles = ['finance', 'operations'] as const
export type DecidingRole = (typeof decidingRoles)[number]

// A Row is a line as it is typed: an empty limit is any amount, no communities are all.
export interface Row {
  matter: Matter
  role: DecidingRole
  limit: string
  communities: string[]
}

export const rowOf = (l: AuthorityLine): Row => ({
  matter: l.matter,
  role: l.role as DecidingRole,
  limit: l.up_to === undefined ? '' : yuan(l.up_to).replaceAll(',', ''),
  communities: [...l.communities],
})

// everything are rows by which finance decides any amount of every matter.
export const everything = (): Row[] =>
  matters.map((matter) => ({ matter, role: 'finance', limit: '', communities: [] }))

// lineOf is a row as it is sent; undefined where the limit is no amount above 0.
export function lineOf(r: Row): AuthorityLine | undefined {
  const line: AuthorityLine = { matter: r.matter, role: r.role, communities: [...r.communities].sort() }
  if (!r.limit.trim()) return line
  const fen = typed(r.limit)
  return typeof fen === 'number' && fen > 0 ? { ...line, up_to: fen } : undefined
}

// inForce are a table's lines as they work: without any, finance decides everything.
export const inForce = (lines: AuthorityLine[]) => (lines.length ? lines : everything().map((r) => lineOf(r)!))

const same = (a: AuthorityLine, b: AuthorityLine) =>
  a.matter === b.matter &&
  a.role === b.role &&
  a.up_to === b.up_to &&
  [...a.communities].sort().join() === [...b.communities].sort().join()

// compared says which lines a table gains and loses.
export const compared = (before: AuthorityLine[], after: AuthorityLine[]) => ({
  added: inForce(after).filter((l) => !inForce(before).some((b) => same(b, l))),
  removed: inForce(before).filter((b) => !inForce(after).some((l) => same(b, l))),
})

// lacking are the matters of which a table leaves nobody to decide any amount everywhere; a table without lines lacks
// nothing: finance decides.
export const lacking = (lines: AuthorityLine[]): Matter[] =>
  lines.length
    ? matters.filter((m) => !lines.some((l) => l.matter === m && l.up_to === undefined && !l.communities.length))
    : []

// limitText and whereText are a line's limit and communities in words.
export const limitText = (l: AuthorityLine, t: ConsoleSay) =>
  l.up_to === undefined ? t('auth_any_amount') : t('auth_most', { yuan: yuan(l.up_to) })
export const whereText = (l: AuthorityLine, t: ConsoleSay, place: (some: string[]) => string) =>
  l.communities.length ? place(l.communities) : t('auth_everywhere')

// sentence is a line as one reads it.
export const sentence = (l: AuthorityLine, t: ConsoleSay, place: (some: string[]) => string) =>
  t('auth_line', {
    matter: t(`over_${l.matter}`),
    role: t(`role_${l.role}`),
    limit: limitText(l, t),
    where: whereText(l, t, place),
  })

// grouped are the lines of a table by matter, in the order in which people read them.
export const grouped = (a: Authority) =>
  matters.map((matter) => ({ matter, lines: a.lines.filter((l) => l.matter === matter) })).filter((g) => g.lines.length)

// decidedBy names who decided, and for whom where they were a deputy.
export const decidedBy = (
  of: { decided_by?: string; decided_for?: string },
  name: (actor?: string) => string,
  t: ConsoleSay,
) =>
  of.decided_for
    ? t('auth_decided_for', { name: name(of.decided_by), person: name(of.decided_for) })
    : name(of.decided_by)
