import { expect, test } from 'vitest'
import { near } from './when'

const t = (key: string, named: Record<string, string>) => `${key} ${named.time}`
const now = Date.parse('2026-11-28T01:00:00+08:00')

test.each([
  ['2026-11-28T00:59:00+08:00', 'today_at 00:59'],
  ['2026-11-27T23:59:00+08:00', 'yesterday_at 23:59'],
  ['2026-11-27T00:00:00+08:00', 'yesterday_at 00:00'],
  ['2026-11-26T23:59:00+08:00', '2026-11-26 23:59'],
  ['2025-11-28T01:00:00+08:00', '2025-11-28 01:00'],
])('%s is said as %s', (at, said) => {
  expect(near(Date.parse(at), t, now)).toBe(said)
})
