import { expect, test } from 'vitest'
import { digits, plain, running, soFar, step, Typed } from './code'
import type { Attempt } from './types'

const given = 45 // seconds that the server gives the payer here
const base = {
  no: 1,
  state: 'open',
  created_at: '2026-11-28T12:00:00Z',
  expires_at: '2026-11-28T12:00:45.2Z',
} as Attempt

test.each<[Partial<Attempt>, number, string]>([
  [{ state: 'starting' }, 0, 'charging'],
  [{ state: 'starting', failure: 'TIMEOUT' }, 3, 'unanswered'],
  [{}, 5, 'waiting'],
  [{}, given - 1, 'waiting'],
  [{}, given, 'last_query'],
  [{ state: 'starting' }, given + 1, 'last_query'],
  [{ expires_at: '2026-11-28T12:00:10Z' }, 10, 'last_query'],
  [{ expires_at: undefined }, 99, 'waiting'],
  [{ reversing: true }, given + 2, 'reversing'],
  [{ state: 'expiring' }, 50, 'reversing'],
  [{ state: 'succeeded', disposition: 'applied' }, 5, 'paid'],
  [{ state: 'succeeded', disposition: 'unapplied' }, 5, 'surplus'],
  [{ state: 'failed' }, 5, 'refused'],
  [{ state: 'ended', reversing: true }, 50, 'reversed'],
  [{ state: 'ended' }, 9, 'not_paid'],
])('%o after %i s is %s', (change, seconds, want) => {
  const got = step({ ...base, ...change }, seconds)
  expect(got).toBe(want)
  expect(running(got)).toBe(['starting', 'open', 'expiring'].includes({ ...base, ...change }.state))
})

test.each<[string, boolean]>([
  ['10', true],
  ['15', true],
  ['09', false],
  ['16', false],
])('WeChat codes have 18 digits and begin with 10 to 15, not with %s: %o', (prefix, is) => {
  expect(digits(prefix + '0'.repeat(16)) !== undefined).toBe(is)
  expect(digits(prefix + '0'.repeat(17))).toBe(undefined)
})

test.each<[string, number, boolean]>([
  ['25', 16, true],
  ['30', 24, true],
  ['28', 19, true],
  ['24', 18, false],
  ['31', 18, false],
  ['25', 15, false],
  ['30', 25, false],
  ['62', 19, true],
  ['62', 18, false],
  ['62', 20, false],
  ['63', 19, false],
])('a code that begins with %s and has %i digits: %o', (prefix, length, is) => {
  expect(digits(prefix.padEnd(length, '0')) !== undefined).toBe(is)
})

test('only the digits of a payment code are read from a QR', () => {
  expect(
    ['134567890123456789', ' 2800000000000000 ', 'https://x/134567890123456789', '123', '13456789012345678x'].map(
      digits,
    ),
  ).toEqual(['134567890123456789', '2800000000000000', undefined, undefined, undefined])
})

const wechat = '134567890123456789'

// What scanners send, one line a trap: what they put around a code, and how their digits look.
test.each<[string, string, string | undefined]>([
  ['as it is', wechat, wechat],
  ['spaces and lines', ` ${wechat}\r\n`, wechat],
  ['a tab', `${wechat}\t`, wechat],
  ['in groups of four', '1345 6789 0123 4567 89', wechat],
  ['full-width digits', '１３４５６７８９０１２３４５６７８９', wechat],
  ['half of them full-width', '１３４５６７890123456789', wechat],
  ['the kind of the symbol', `]C1${wechat}`, wechat],
  ['that of a QR', `]Q3${wechat}`, wechat],
  ['STX and ETX', `\u0002${wechat}\u0003`, wechat],
  ['a letter before', `A${wechat}`, wechat],
  ['signs around', `*${wechat}#`, wechat],
  ['letters around', `scan:${wechat}end`, wechat],
  ['read twice over', wechat + wechat, wechat],
  ['Alipay, 18', '281234567890123456', '281234567890123456'],
  ['Alipay, 24', '301234567890123456789012', '301234567890123456789012'],
  ['UnionPay', '6212345678901234567', '6212345678901234567'],
  ['two codes', `${wechat}281234567890123456`, undefined],
  ['a letter within', '1345678901234567x89', undefined],
  ['too short', wechat.slice(1), undefined],
  ['an address', 'https://qr.alipay.com/1234', undefined],
  ['nothing', '', undefined],
])('a scan with %s', (_, text, want) => {
  expect(digits(text)).toBe(want)
})

test.each([
  ['１２ 3', '123'],
  [']C1345', '345'],
  ['abc', ''],
  ['12-34', '1234'],
])('the digits of %s', (text, want) => {
  expect(plain(text)).toBe(want)
})

test.each([
  [']', ']'],
  [']C', ']C'],
  [']C1', ''],
  [']C1134', '134'],
  ['134]', '134]'],
  ['134]Q', '134]Q'],
  ['134]Q3134', '134134'],
  [']C]', ']'],
  ['A134Z', '134'],
  ['］Ｃ', ']C'],
])('%o, typed so far, stands as %o', (text, want) => {
  expect(soFar(text)).toBe(want)
  expect(
    [...text].reduce((box, key) => soFar(box + key), ''),
    'key by key',
  ).toBe(want)
})

// Keys as they come: a scanner's are fast; an input method hides the digit, which the key's place still tells.
test.each<[string, number, (d: string) => { key: string; code: string; isComposing?: boolean }, string | undefined]>([
  ['fast', 5, (d) => ({ key: d, code: 'Digit' + d }), wechat],
  ['at 90 ms', 90, (d) => ({ key: d, code: 'Digit' + d }), wechat],
  ['by a person', 180, (d) => ({ key: d, code: 'Digit' + d }), undefined],
  ['from the number pad', 5, (d) => ({ key: d, code: 'Numpad' + d }), wechat],
  ['behind an input method', 5, (d) => ({ key: 'Process', code: 'Digit' + d }), wechat],
  ['while it composes', 5, (d) => ({ key: d, code: 'Digit' + d, isComposing: true }), wechat],
  ['full-width', 5, (d) => ({ key: String.fromCharCode(d.charCodeAt(0) + 0xfee0), code: 'Digit' + d }), wechat],
])('keys that come %s', (_, gap, key, want) => {
  const typed = new Typed()
  typed.key({ key: '7', code: 'Digit7', timeStamp: 1 }) // a person's, long before
  typed.key({ key: 'Shift', code: 'ShiftLeft', timeStamp: 5000 })
  ;[...wechat].forEach((d, i) => typed.key({ ...key(d), timeStamp: 5000 + gap * (i + 1) }))
  expect(typed.code).toBe(want)
})
