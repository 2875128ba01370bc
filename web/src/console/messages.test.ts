import { expect, test } from 'vitest'
import { messageTold } from './messages'
import { message } from './texts/message'

// What became of a notification, the server's note, and what people read.
test.each([
  ['booked', undefined, undefined],
  ['ignored', '', undefined],
  ['rejected', 'forbidden: The notification was not accepted: no such merchant account.', 'msg_no_account'],
  ['rejected', 'forbidden: The notification was not accepted: does not verify.: no signature', 'msg_unsigned'],
  ['rejected', 'forbidden: The notification was not accepted: another amount or currency than asked.', 'msg_amount'],
  [
    'rejected',
    'forbidden: The notification was not accepted: another amount than the institution says now.',
    'msg_amount',
  ],
  [
    'rejected',
    'forbidden: The notification was not accepted: the refund belongs to another merchant account.',
    'msg_elsewhere',
  ],
  ['rejected', 'forbidden: The notification was not accepted: the institution does not confirm it.', 'msg_unconfirmed'],
  ['rejected', 'something new', 'msg_rejected'],
  ['failed', 'conflict: The order is being changed: context deadline exceeded', 'msg_failed'],
  ['received', 'does not verify', 'msg_failed'],
] as const)('%s %s is said as %s', (outcome, note, key) => {
  const said = messageTold({ outcome, note })
  expect(said?.key).toBe(key)
  if (key) expect([key in message, said?.detail]).toEqual([true, note])
})

const files = import.meta.glob<string>('../../../payment/*.go', { query: '?raw', import: 'default', eager: true })
test('every reason of the server not to believe a notification has words', () => {
  const reasons = Object.values(files).flatMap((text) =>
    [...text.matchAll(/\brejected\("([^"]+)"\)/g)].map((m) => m[1]),
  )
  expect(reasons.length).toBeGreaterThan(4)
  expect(reasons.filter((note) => messageTold({ outcome: 'rejected', note })!.key === 'msg_rejected')).toEqual([])
})
