import { afterEach, expect, test, vi } from 'vitest'
import type { Order } from '../types'
import { doubtful, giveUp, reader, swiped, takeCard, undo, waits } from './card'
import { Results } from './results'
import { device as pairing, play, shelf, type Ask } from './server.play'

afterEach(() => {
  vi.unstubAllGlobals()
})

const order = {
  id: 'o1',
  attempts: [{ no: 1, method: 'card_present', institution: 'shengpay', out_trade_no: '26' }],
} as unknown as Order
const device = { package: 'p', activity: 'a', extras: { action: 'pay' } }

// desk is a terminal before a server that knows the order, takes every result, and can be out of reach for them.
async function desk(reached = true) {
  const kept = shelf()
  const session = (await pairing()).session()
  const asked = play((a: Ask) => {
    if (a.path.endsWith('/device-reports'))
      return reached
        ? { status: 200, body: { acknowledged: a.path.includes('refunds') ? '26R2' : '26', accepted: true, order } }
        : { status: 0 }
    return {
      status: 200,
      body: a.path.endsWith('/device-call')
        ? device
        : { order, attempt: { ...order.attempts[0], prepared: { device } } },
    }
  })
  return { kept, session, asked, results: new Results(kept, session) }
}

test('a card is read by the device, and its result delivered', async () => {
  const d = await desk()
  const calls: unknown[] = []
  const told = await takeCard(
    d.session,
    d.results,
    async (c) => {
      calls.push(c)
      return { result: 'success' }
    },
    'k',
    order,
    () => {},
  )
  expect(told?.accepted).toBe(true)
  expect(calls).toEqual([{ institution: 'shengpay', ...device }])
  expect(d.asked.map((a) => a.path)).toEqual(['/v1/orders/o1/attempts', '/v1/orders/o1/attempts/1/device-reports'])
  expect(await d.kept.all()).toEqual([])
})

test('an application that hands back nothing reports nothing', async () => {
  const d = await desk()
  expect(
    await takeCard(
      d.session,
      d.results,
      async () => ({}),
      'k',
      order,
      () => {},
    ),
  ).toBe(undefined)
  expect(d.asked.map((a) => a.path)).toEqual(['/v1/orders/o1/attempts'])
})

test('a void is kept under the number of its refund, and not asked for again while it waits', async () => {
  const d = await desk(false)
  const refund = { no: 2, attempt: 1, out_refund_no: '26R2', status: 'pending', void: true }
  await expect(
    undo(d.session, d.results, async () => ({ result: 'success' }), order, refund as never),
  ).rejects.toThrow()
  expect(d.asked.map((a) => a.path)).toEqual([
    '/v1/orders/o1/refunds/2/device-call',
    '/v1/orders/o1/refunds/2/device-reports',
  ])
  expect(d.results.waiting).toMatchObject([
    { path: '/v1/orders/o1/refunds/2/device-reports', number: '26R2', fields: { result: 'success' } },
  ])
  const o = { ...order, refunds: [refund] } as unknown as Order
  expect([waits(o)?.no, waits(o, d.results.waiting)]).toEqual([2, undefined])
})

test('whatever the bridge hands back is a result', async () => {
  for (const [handed, fields] of [
    [
      '{"result":"success","amount":100,"more":null,"slip":{"a":1}}',
      { result: 'success', amount: '100', more: '', slip: '{"a":1}' },
    ],
    [{ result: 'success' }, { result: 'success' }],
    ['{}', {}],
    ['', {}],
    [undefined, {}],
    [null, {}],
    ['null', {}],
    ['{"result":"succ', { unreadable: '{"result":"succ' }],
    ['[1]', { unreadable: '[1]' }],
    ['"ok"', { unreadable: 'ok' }],
    ['42', { unreadable: '42' }],
  ] as const) {
    vi.stubGlobal('window', { LinliDevice: { call: async () => handed } })
    expect(await reader()!({ institution: 'shengpay', ...device })).toEqual(fields)
  }
  vi.stubGlobal('window', {
    LinliDevice: {
      call: async () => ({
        result: 'success',
        slip: '收'.repeat(100_000),
        ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, 'x'])),
      }),
    },
  })
  const long = await reader()!({ institution: 'shengpay', ...device })
  expect([long.result, Object.keys(long).length, JSON.stringify(long).length < 40_000]).toEqual(['success', 100, true])
})

test('the last card payment, and the void that waits for this terminal', () => {
  const refunds = [
    { no: 1, void: true, status: 'succeeded' },
    { no: 2, void: true, status: 'pending', device_report: {} },
    { no: 3, status: 'pending' },
    { no: 4, void: true, status: 'pending' },
  ]
  const o = {
    attempts: [
      { no: 1, method: 'card_present' },
      { no: 2, method: 'card_present' },
      { no: 3, method: 'code' },
    ],
    refunds,
  } as unknown as Order
  expect([swiped(o)?.no, waits(o)?.no]).toEqual([2, 4])
  expect(waits({ ...o, refunds: refunds.slice(0, 3) } as unknown as Order)).toBe(undefined)
})

// What the sandbox's card reader answers to its list, and to being told to leave the call.
function sandbox(waiting: { id: string; out_trade_no: string }[], leave: number) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, o?: RequestInit) => {
    asked.push(`${o?.method ?? 'GET'} ${url} ${o?.body ?? ''}`.trim())
    return o ? new Response('{}', { status: leave }) : new Response(JSON.stringify(waiting))
  })
  return asked
}

test('a call that waits for a card is given up in the trial, and none that has its card', async () => {
  vi.stubGlobal('window', {})
  const asked = sandbox(
    [
      { id: 'x', out_trade_no: '25' },
      { id: 'y', out_trade_no: '26' },
    ],
    200,
  )
  expect(await giveUp('26', 'http://s')).toBe('given_up')
  expect(asked).toEqual(['GET http://s/cards/calls', 'POST http://s/cards/calls/y {"do":"leave"}'])
  sandbox([{ id: 'y', out_trade_no: '26' }], 404) // somebody was faster
  expect(await giveUp('26', 'http://s')).toBe('too_late')
  sandbox([], 200)
  expect(await giveUp('26', 'http://s')).toBe('too_late')
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('offline')
  })
  expect(await giveUp('26', 'http://s')).toBe('unknown')
})

test.each([
  ['says that it gave up', { cancel: (out: string) => out === '26' }, 'given_up'],
  ['says that it did not', { cancel: async () => false }, 'too_late'],
  ['says neither', { cancel: () => 'yes' as unknown as boolean }, 'too_late'],
  [
    'breaks',
    {
      cancel: () => {
        throw new Error('gone')
      },
    },
    'unknown',
  ],
  ['cannot be asked', {}, 'unknown'],
])('only its own word says that the device charged nothing: it %s', async (_, bridge, want) => {
  vi.stubGlobal('window', { LinliDevice: { call: () => '{}', ...bridge } })
  expect(await giveUp('26')).toBe(want)
})

test.each([
  ['no card', [], [], false],
  ['a card that is read, or of which nothing was heard', [{ method: 'card_present', state: 'open' }], [], true],
  ['one that the institution is asked about', [{ method: 'card_present', state: 'expiring' }], [], true],
  [
    'one that was declined',
    [{ method: 'card_present', state: 'open', device_report: { succeeded: false } }],
    [],
    false,
  ],
  ['one that ended', [{ method: 'card_present', state: 'ended' }], [], false],
  ['one that was paid', [{ method: 'card_present', state: 'succeeded' }], [], false],
  ['a result that was not taken', [{ method: 'card_present', state: 'ended' }], [{ open: true }], true],
  ['one that finance found out about', [{ method: 'card_present', state: 'ended' }], [{ open: false }], false],
])('whether a card may have been charged unseen: %s', (_, attempts, untaken, want) => {
  expect(doubtful({ attempts, rejected_reports: untaken } as unknown as Order)).toBe(want)
})
