import { expect, test } from 'vitest'
import { patience, screens, shown, wayBack, type Screen, type Stand } from './screens'

const all = Object.keys(screens) as Screen[]
const unattended: Screen[] = ['loading', 'pairing', 'idle'] // where the terminal stands when nobody is there
const paying: Screen[] = ['pay', 'code', 'card', 'sent', 'again'] // where money may be under way
const visited = all.filter((s) => !unattended.includes(s) && !paying.includes(s))

test.each(visited)('%s is left by itself, and leads back to the start', (screen) => {
  expect(patience(screen, false)).toBeGreaterThan(0)
  const walked: Screen[] = [screen]
  for (let at = wayBack(screen); at && at !== 'idle'; at = wayBack(at)) {
    expect(walked).not.toContain(at)
    walked.push(at)
  }
  expect(wayBack(walked.at(-1)!)).toBe('idle')
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
