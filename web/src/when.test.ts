import { expect, test } from 'vitest'
import { sayingOf } from './say.play'
import { shared } from './texts'
import { near } from './when'

const t = sayingOf(shared)
const now = Date.parse('2026-11-28T01:00:00+08:00')

test.each([
  ['2026-11-28T00:59:00+08:00', 'today 00:59'],
  ['2026-11-27T23:59:00+08:00', 'yesterday 23:59'],
  ['2026-11-27T00:00:00+08:00', 'yesterday 00:00'],
  ['2026-11-26T23:59:00+08:00', '2026-11-26 23:59'],
  ['2025-11-28T01:00:00+08:00', '2025-11-28 01:00'],
])('%s is said as %s', (at, said) => {
  expect(near(Date.parse(at), t, now)).toBe(said)
})
