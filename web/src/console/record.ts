import { yuan } from '../money'
import type { Knows } from '../say'
import { shanghai } from '../time'
import { month } from '../title'
import type { AuditEvent } from '../types'
import type { ConsoleSay, ConsoleTexts } from './texts'

// How an event of the audit log reads. A word that is not in these tables stands as it was written.

type Words = {
  t: ConsoleSay
  te: Knows<ConsoleTexts>
  name: (ref: string) => string | undefined // of what kind and id stand for, as in staff:1
}

// actorOf names who did it: a colleague, a terminal or a program by name, anybody else by what they are.
export function actorOf(actor: string, { t, te, name }: Words): string {
  const known = name(actor)
  if (known) return known
  const [kind, id] = actor.split(':')
  if (kind === 'staff' || kind === 'terminal' || kind === 'resident') return t(`actor_${kind}`, { id })
  const key = `actor_${kind}` as const
  return te(key) ? t(key) : actor
}

// aboutOf names what it was done to.
export function aboutOf(object: string | undefined, words: Words): string {
  if (!object) return ''
  const cut = object.indexOf(':')
  const [kind, id] = [object.slice(0, cut), object.slice(cut + 1)]
  const key = `kind_${kind}` as const
  return words.te(key) ? `${words.t(key)} ${words.name(object) ?? id}`.trim() : object
}

// states are what the names of states begin with, by the kind of the object; of others they are a refund's.
type StateOf = 'e_' | 'b_' | 'r_' | 'wh_' | 'cut_' | 'po_'
const states: Record<string, StateOf | undefined> = {
  exception: 'e_',
  binding: 'b_',
  endpoint: 'wh_',
  community: 'cut_',
  prepayment: 'po_',
}

// Where one of these is empty it says something: the whole company, and all events.
const speaks = (name: string) => /(^|_)(communities|types)$/.test(name)

export interface Change {
  name: string
  before: string
  after: string
}

// changesOf is what changed, field by field: what was, and what it became. Of what is secret there is only that it was
// entered or changed.
export function changesOf(e: AuditEvent, words: Words): Change[] {
  const names = [...new Set([...Object.keys(e.before ?? {}), ...Object.keys(e.after ?? {})])]
  const state = states[e.object?.split(':')[0] ?? ''] ?? 'r_'
  const was = (name: string) => [e.before?.[name], e.after?.[name]] as const
  const secret = names.filter((name) => was(name).includes('*'))
  const said = names
    .filter((name) => !secret.includes(name) && was(name)[0] !== was(name)[1])
    .filter((name) => speaks(name) || was(name).some(Boolean))
    .map((name) => ({
      name: nameOf(name, words),
      before: valueOf(name, was(name)[0], state, words),
      after: valueOf(name, was(name)[1], state, words),
    }))
  const entered = secret.map((name) => nameOf(name, words)).join(' · ')
  return entered ? [...said, { name: words.t('s_unsaid'), before: '', after: entered }] : said
}

// nameOf names a field; a total is one of a fee, which stands behind it.
const nameOf = (name: string, words: Words) =>
  name.startsWith('total ') ? `${words.t('s_total')} ${name.slice('total '.length)}` : inWords(`s_${name}`, name, words)

// inWords is the text of a key that the server's own word makes, or that word.
const inWords = (key: string, otherwise: string, { t, te }: Words): string => (te(key) ? t(key) : otherwise)

// kinds are what the fields tell of whose values are ids, one after the other.
const kinds: Record<string, string | undefined> = {
  communities: 'community',
  entities: 'entity',
  regions: 'region',
  deputies: 'staff',
}

// kindIn is what a field's values are ids of: those of a way to pay, such as "card swipe", are accounts.
const kindIn = (field: string) => (field.includes(' ') ? 'account' : kinds[field.replace(/^asked_/, '')])

// named puts names in place of the ids in a field's value, and leaves the days between them.
const named = (kind: string, value: string, { name }: Words) =>
  value.replace(/[^ ,]+/g, (id) => name(id.includes(':') ? id : `${kind}:${id}`) ?? id)

// inYuan are the fields that may hold an amount in yuan: of corrections, of open balances, and
// of prepayments.
const inYuan = /^(amount|available|billed|total .*)$/

function valueOf(name: string, value: string | undefined, state: StateOf, words: Words): string {
  if (value === undefined) return ''
  if (inYuan.test(name) && value.includes('.')) return '¥' + value // else it is in fen
  if (name.endsWith('communities') && (value === '' || value === 'all')) return words.t('whole_company')
  if (name.endsWith('types') && value === '') return words.t('wh_all_types')
  const kind = kindIn(name)
  if (kind) return named(kind, value, words)
  if (value === 'true' || value === 'false') return words.t(value === 'true' ? 's_yes' : 's_no')
  if (name === 'first_period') return month(value)
  if (name === 'amount' || name === 'refund_limit') return '¥' + yuan(Number(value))
  if (name.startsWith('decides_')) return linesOf(value, words)
  if (name === 'asked_by' || name === 'decided_for') return actorOf(value, words)
  if (name.endsWith('roles')) return eachOf('role', value, words, ' ')
  if (name.endsWith('rights')) return eachOf('right', value, words, ' · ')
  if (name.endsWith('_at')) return shanghai(value)
  if (name === 'status' || name === 'state') return inWords(`${state}${value}`, value, words)
  if (name === 'kind') return inWords(`po_${value}`, inWords(`over_${value}`, value, words), words)
  if (name === 'request_state') return inWords(`ap_state_${value}`, value, words)
  return name === 'outcome' ? inWords(`m_${value}`, value, words) : value
}

// linesOf are the lines of a table of authority: a role, its limit in fen, and its communities.
const linesOf = (value: string, words: Words) =>
  value
    .split(', ')
    .map((line) =>
      line
        .split(' ')
        .map((one) =>
          /^\d+$/.test(one)
            ? words.t('auth_most', { yuan: yuan(Number(one)) })
            : (words.name(one) ?? inWords(`role_${one}`, one, words)),
        )
        .join(' '),
    )
    .join(words.t('comma'))

// eachOf has each of some words in the page's.
const eachOf = (family: string, value: string, words: Words, between: string) =>
  value
    .split(' ')
    .map((one) => inWords(`${family}_${one.replace(/\W/g, '_')}`, one, words))
    .join(between)

// sourceOf is where an event came from, in few characters: the digest of an address by its beginning. Older events have
// the address itself.
export const sourceOf = (from: string) => (/^[0-9a-f]{24}$/.test(from) ? '#' + from.slice(0, 8) : from)
