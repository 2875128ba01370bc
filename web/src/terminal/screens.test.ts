import { expect, test } from 'vitest'
import { after, patience, screens, shown, type Happening, type Place, type Screen, type Stand } from './screens'

const all = Object.keys(screens) as Screen[]
const ofOrder: Screen[] = ['code', 'card', 'sent', 'again', 'over'] // what an order at 'pay' shows
const places = all.filter((s) => !ofOrder.includes(s)) as Place[]
const unattended: Screen[] = ['loading', 'pairing', 'idle'] // where the terminal stands when nobody is there
const paying: Screen[] = ['pay', 'code', 'card', 'sent', 'again'] // where money may be under way
const visited = all.filter((s) => !unattended.includes(s) && !paying.includes(s))
const serving = places.filter((s) => s !== 'loading' && s !== 'pairing')

test('each screen is a component of its name', () => {
  const files = Object.keys(import.meta.glob('./screens/*.vue')).map((f) => f.replace(/.*\/(.*)\.vue$/, '$1'))
  expect(files.map((f) => f.toLowerCase()).sort()).toEqual([...all].sort())
})

test('every place is reached from the start', () => {
  const reached = new Set<Place>(['loading'])
  for (const place of reached) for (const to of Object.values(screens[place].on ?? {})) reached.add(to)
  expect([...reached].sort()).toEqual([...places].sort())
})

test.each<[Place, Happening, Place]>([
  ['find', 'several', 'units'],
  ['units', 'owed', 'bills'],
  ['bills', 'held', 'busy'],
  ['busy', 'ordered', 'pay'],
  ['pay', 'paid', 'paid'],
  ['closed', 'paid', 'paid'], // the money came late
  ['paid', 'owed', 'bills'], // what another payee gets
  ['idle', 'nobody', 'idle'], // the answer to who has left
  ['idle', 'paid', 'idle'],
  ['bills', 'closed', 'bills'],
  ['pairing', 'ordered', 'pairing'], // the server has ended the pairing
  ['paid', 'closed', 'paid'],
])('at %s, %s leads to %s', (place, what, to) => {
  expect(after(place, what)).toBe(to)
})

test.each(visited)('%s is left by itself', (screen) => {
  expect(patience(screen, false)).toBeGreaterThan(0)
})

test.each(serving)('%s is left for the start, for an order, and when the pairing ends', (place) => {
  expect((['home', 'ordered', 'unpaired'] as const).map((what) => after(place, what))).toEqual([
    'idle',
    'pay',
    'pairing',
  ])
})

test.each(places)('going back from %s comes to an end', (place) => {
  const walked: Place[] = []
  for (let at = place; !walked.includes(at); at = after(at, 'back')) walked.push(at)
  expect(after(walked.at(-1)!, 'back')).toBe(walked.at(-1))
})

test.each(paying)('%s waits for the order, however long nobody touches it', (screen) => {
  expect(patience(screen, false)).toBe(0)
})

test.each(all)('%s stays while a result of its order is unsent', (screen) => {
  expect(patience(screen, true)).toBe(0)
})

const still: Stand = { code: false, again: false, over: false }
test.each<[Partial<Stand>, Screen]>([
  [{}, 'pay'],
  [{ code: true }, 'code'],
  [{ code: true, card: 'asking' }, 'code'],
  [{ card: 'reading' }, 'card'],
  [{ card: 'sending' }, 'sent'],
  [{ card: 'asking' }, 'sent'],
  [{ card: 'reading', over: true }, 'card'],
  [{ card: 'sending', over: true }, 'sent'],
  [{ again: true }, 'again'],
  [{ over: true }, 'over'],
  [{ over: true, again: true }, 'over'],
])('an order that stands as %o is shown as %s', (stand, screen) => {
  expect(shown('pay', { ...still, ...stand })).toBe(screen)
  expect(shown('bills', { ...still, ...stand })).toBe('bills')
})
