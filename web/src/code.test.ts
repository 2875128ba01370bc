import { expect, test } from 'vitest'
import { digits, patience, running, step } from './code'
import type { Attempt } from './types'

const base = { no: 1, state: 'open' } as Attempt

test.each<[Partial<Attempt>, number, string]>([
  [{ state: 'starting' }, 0, 'charging'], [{ state: 'starting', failure: 'TIMEOUT' }, 3, 'unanswered'], [{}, 5, 'waiting'], [{}, patience, 'last_query'],
  [{ state: 'starting' }, patience + 1, 'last_query'], [{ reversing: true }, patience + 2, 'reversing'], [{ state: 'leaving' }, 50, 'reversing'],
  [{ state: 'succeeded', disposition: 'kept' }, 5, 'paid'], [{ state: 'succeeded', disposition: 'exceptional' }, 5, 'surplus'], [{ state: 'failed' }, 5, 'refused'],
  [{ state: 'ended', reversing: true }, 50, 'reversed'], [{ state: 'ended' }, 9, 'not_paid'],
])('%o after %i s is %s', (change, seconds, want) => {
  const got = step({ ...base, ...change }, seconds)
  expect(got).toBe(want)
  expect(running(got)).toBe(['starting', 'open', 'leaving'].includes({ ...base, ...change }.state))
})

test.each<[string, boolean]>([
  ['10', true], ['15', true], ['09', false], ['16', false],
])('WeChat codes have 18 digits and begin with 10 to 15, not with %s: %o', (prefix, is) => {
  expect(digits(prefix + '0'.repeat(16)) !== undefined).toBe(is)
  expect(digits(prefix + '0'.repeat(17))).toBe(undefined)
})

test.each<[string, number, boolean]>([
  ['25', 16, true], ['30', 24, true], ['28', 19, true], ['24', 18, false], ['31', 18, false], ['25', 15, false], ['30', 25, false],
  ['62', 19, true], ['62', 18, false], ['62', 20, false], ['63', 19, false],
])('a code that begins with %s and has %i digits: %o', (prefix, length, is) => {
  expect(digits(prefix.padEnd(length, '0')) !== undefined).toBe(is)
})

test('only the digits of a payment code are read from a QR', () => {
  expect(['134567890123456789', ' 2800000000000000 ', 'https://x/134567890123456789', '123', '13456789012345678x'].map(digits))
    .toEqual(['134567890123456789', '2800000000000000', undefined, undefined, undefined])
})
