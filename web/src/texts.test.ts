import { expect, test } from 'vitest'
import { shared } from './texts'
import { cardTypes, exceptionReasons, exceptionStates, institutions, refundStates, wallets, whys } from './types'

test('every state, reason, wallet and institution has words in both languages', () => {
  const keys = [...refundStates.map((s) => 'r_' + s), ...exceptionStates.map((s) => 'e_' + s), ...exceptionReasons.map((s) => 'reason_' + s), ...whys.map((s) => 'why_' + s),
    ...wallets.map((s) => 'w_' + s), ...cardTypes.map((s) => 'type_' + s), ...institutions]
  const words = keys.flatMap((k) => shared[k] ?? [k])
  expect(words.length).toBe(keys.length * 2)
  expect(words.filter((w) => !w || keys.includes(w))).toEqual([])
})
