import { beforeEach, expect, test } from 'vitest'
import { Problem } from './api'
import { intentions, life, refused } from './intention'
import { keptInTab } from './kept'

const lost = new Problem(0, 'offline', '', '', {})
const problem = (status: number, code = 'x') => new Problem(status, code, '', '', {})

beforeEach(() => keptInTab.remove('linlipay-intentions-pay'))

// pressed are the keys that the server was sent, for what was asked for each time and what came of it.
async function pressed(...times: [what: unknown, comes: Problem | 'done' | 'reload'][]): Promise<string[]> {
  const keys: string[] = []
  let some = intentions('pay')
  for (const [what, comes] of times) {
    const answer = comes === 'done' ? Promise.resolve() : Promise.reject(comes)
    if (comes === 'reload') {
      void some.once(what, (key) => (keys.push(key), new Promise(() => {})))
      some = intentions('pay')
    } else await some.once(what, (key) => (keys.push(key), answer)).catch(() => undefined)
    answer.catch(() => undefined)
  }
  return keys.map((key) => String(keys.indexOf(key)))
}

// Add a line for another way in which a person comes to ask again. Each try is the number of the first with its key.
const [a, b] = [{ bills: ['a'] }, { bills: ['b'] }]
test.each<[string, [unknown, Problem | 'done' | 'reload'][], string]>([
  [
    'an answer that was lost',
    [
      [a, lost],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'lost twice',
    [
      [a, lost],
      [a, lost],
      [a, 'done'],
    ],
    '000',
  ],
  [
    'a server that is down',
    [
      [a, problem(503)],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'a reload while it is sent',
    [
      [a, 'reload'],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'not logged in',
    [
      [a, problem(401)],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'too fast',
    [
      [a, problem(429)],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'somebody is at it',
    [
      [a, problem(409, 'stale')],
      [a, 'done'],
    ],
    '00',
  ],
  [
    'done, and wanted again',
    [
      [a, 'done'],
      [a, 'done'],
    ],
    '01',
  ],
  [
    'refused, and wanted again',
    [
      [a, problem(422)],
      [a, 'done'],
    ],
    '01',
  ],
  [
    'another order holds a bill',
    [
      [a, problem(409, 'order_open')],
      [a, 'done'],
    ],
    '01',
  ],
  [
    'something else',
    [
      [a, lost],
      [b, 'done'],
    ],
    '01',
  ],
  [
    'something else between',
    [
      [a, lost],
      [b, 'done'],
      [a, 'done'],
    ],
    '010',
  ],
  [
    'done after it was lost, and wanted again',
    [
      [a, lost],
      [a, 'done'],
      [a, 'done'],
    ],
    '002',
  ],
])('%s', async (_, times, keys) => {
  expect((await pressed(...times)).join('')).toBe(keys)
})

test('two presses at once are one intention, and the first answer ends no later one', async () => {
  const some = intentions('pay')
  const [first, second] = [some.begin(a), some.begin(a)]
  expect(second.key).toBe(first.key)
  first.done()
  const later = some.begin(a)
  expect(later.key).not.toBe(first.key)
  second.done()
  expect(some.begin(a).key).toBe(later.key)
})

test('what nobody heard of for long is wanted anew', () => {
  let now = 1
  const some = intentions('pay', { now: () => now })
  const first = some.begin(a)
  now += life - 1
  expect(some.begin(a).key).toBe(first.key)
  now += life
  expect(some.begin(a).key).not.toBe(first.key)
})

test('nothing of what is wanted is kept in the tab, and of secrets not even that', () => {
  intentions('pay').begin({ reason: '退给李四' })
  expect(keptInTab.get('linlipay-intentions-pay')).not.toContain('李四')
  keptInTab.remove('linlipay-intentions-pay')
  intentions('pay', { kept: false }).begin({ private_key_pem: 'x' })
  expect(keptInTab.get('linlipay-intentions-pay')).toBeNull()
})

test.each([[null], ['{'], ['{}'], ['[1]']])('a tab that holds %s begins anew', (text) => {
  if (text) keptInTab.set('linlipay-intentions-pay', text)
  expect(intentions('pay').begin(a).key).toHaveLength(32)
})

test('only the server refuses', () =>
  expect([refused(lost), refused(new Error('x')), refused(problem(403))]).toEqual([false, false, true]))
