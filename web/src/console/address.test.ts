import { expect, test } from 'vitest'
import { queryWith, valueIn } from './address'
import { both } from './badges'
import { keysOf } from './keys'
import { mayHave, sees, type Role } from './pages'
import { percent } from './tiles'

const tabs = ['todo', 'pending', 'all'] as const

// Add a line for another address that somebody may type.
test.each<[string, Record<string, string | string[]>, string | readonly string[], string]>([
  ['not named', {}, tabs, 'todo'],
  ['named', { state: 'all' }, tabs, 'all'],
  ['there is none such', { state: 'nonsense' }, tabs, 'todo'],
  ['named twice', { state: ['pending', 'all'] }, tabs, 'pending'],
  ['empty', { state: '' }, tabs, 'todo'],
  ['a text', { state: '1-1 302' }, '', '1-1 302'],
  ['a text that is not named', {}, '', ''],
  ['a text that is usual', {}, 'x', 'x'],
  ['an empty text', { state: '' }, 'x', ''],
])('a filter in an address: %s', (_, query, usual, want) => {
  expect(valueIn(query, 'state', usual)).toBe(want)
})

test('an address names what is not as usual, and begins the list anew', () => {
  const usual = { q: '', state: tabs }
  expect(queryWith({ pages: '3', other: 'x' }, usual, { state: 'all' })).toEqual({ other: 'x', state: 'all' })
  expect(queryWith({ state: 'all', q: '302' }, usual, { state: 'todo' })).toEqual({ q: '302' })
  expect(queryWith({ q: '302' }, usual, { q: '' })).toEqual({})
})

test.each<[string, string, string]>([
  ['', '', ''],
  ['2', '', '2'],
  ['', '3', '3'],
  ['2', '3', '5'],
  ['50+', '3', '53+'],
  ['50+', '50+', '100+'],
])('%s and %s that wait are %s', (a, b, want) => {
  expect(both(a, b)).toBe(want)
})

test.each<[number, number, string]>([
  [0, 1, '0.0%'],
  [1, 3, '33.3%'],
  [2, 3, '66.6%'],
  [999_999, 1_000_000, '99.9%'],
  [5, 5, '100.0%'],
  [9_007_199_254_740_990, 9_007_199_254_740_991, '99.9%'],
])('%i of %i is %s', (part, whole, want) => {
  expect(percent(part, whole)).toBe(want)
})

test.each<[string, { roles?: Role[]; deed?: boolean }, Role[], boolean]>([
  ['of everybody', {}, ['cashier'], true],
  ['of finance, to a cashier', { roles: ['finance'] }, ['cashier'], false],
  ['of finance, to one who is both', { roles: ['finance'] }, ['cashier', 'finance'], true],
  ['of finance, to an auditor', { roles: ['finance'] }, ['auditor'], true],
  ['to do something, to an auditor', { deed: true }, ['auditor'], false],
  ['to do something, to operations', { deed: true }, ['operations'], true],
  ['of everybody, to somebody without a role', {}, [], true],
  ['of finance, to somebody without a role', { roles: ['finance'] }, [], false],
])('who sees a page %s', (_, page, roles, want) => {
  expect(sees(page, roles)).toBe(want)
  // and that is what the others are told
  if (roles.length) expect(mayHave(page).some((r) => roles.includes(r))).toBe(want)
})

test('g and a letter lead to a page within a moment; other keys do what is listed', () => {
  const did: string[] = []
  let now = 0
  const press = keysOf(
    { search: () => did.push('search'), help: () => did.push('help'), go: (l) => l === 'o' && !!did.push('go ' + l) },
    () => now,
  )
  globalThis.document = { querySelector: () => null } as unknown as Document
  const key = (key: string, more = {}) =>
    press({ key, target: {}, preventDefault() {}, ...more } as unknown as KeyboardEvent)
  for (const k of ['o', '/', '?', 'g', 'o', 'g', 'x', 'o', 'g']) key(k)
  now = 2000
  key('o')
  key('/', { ctrlKey: true })
  key('/', { target: { closest: () => ({}) } }) // into a field
  expect(did).toEqual(['search', 'help', 'go o'])
})
