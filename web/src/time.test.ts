import { expect, test } from 'vitest'
import { Clock, minutes, shanghai } from './time'

test('times are printed in Shanghai', () => {
  expect(shanghai('2026-11-30T16:00:05Z')).toBe('2026-12-01 00:00:05')
})

test('a countdown follows the server even when the device is an hour off', () => {
  let own = Date.parse('2026-11-24T09:00:00Z')
  const clock = new Clock(() => own)
  clock.tell('2026-11-24T10:00:00Z')
  expect(clock.secondsUntil('2026-11-24T10:05:00Z')).toBe(300)
  own += 299_001
  expect(clock.secondsUntil('2026-11-24T10:05:00Z')).toBe(1)
  own += 60_000
  expect(clock.secondsUntil('2026-11-24T10:05:00Z')).toBe(0)
  expect(minutes(65)).toBe('1:05')
})
