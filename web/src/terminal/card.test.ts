import { afterEach, expect, test, vi } from 'vitest'
import type { Order } from '../types'
import { resultText, send, swiped, takeCard, undo, unsent, waits } from './card'
import type { DeviceSession } from './device'

afterEach(() => { vi.unstubAllGlobals() })

// The server's terminal.ResultText, written out: names in order, each field a line.
test('what the device signs', () => {
  expect(resultText('t1', '26', 1764000000, { result: 'success', amount: '100', 发卡行: '招商' }))
    .toBe('linlipay-device-result\nt1\n26\n1764000000\namount=100\nresult=success\n发卡行=招商\n')
})

const session = { id: 't1', timestamp: () => 1764000000, signed: async (text: string) => 'over ' + text, token: async () => 'token' } as unknown as DeviceSession
const order = { id: 'o1', attempts: [{ no: 1, method: 'swipe', institution: 'shengpay', out_trade_no: '26' }] } as unknown as Order
const device = { package: 'p', activity: 'a', extras: { action: 'pay' } }
const opened = { order, attempt: { ...order.attempts[0], prepared: { device } } }

// answer plays the server: the next answers in order, each a status and a body; 0 is no line. The paths asked for are returned.
function answer(...answers: [number, unknown][]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const [status, body] = answers.shift() ?? [0, '']
    if (!status) throw new TypeError('no line')
    return new Response(JSON.stringify(body), { status })
  })
  return asked
}

function storage() {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v) })
}

test('a result is kept until the server has it, and sent again as it was signed', async () => {
  storage()
  answer([201, opened], [0, ''])
  const calls: unknown[] = []
  await expect(takeCard(session, async (c) => { calls.push(c); return { result: 'success' } }, order, () => {})).rejects.toThrow()
  expect(calls).toEqual([{ institution: 'shengpay', ...device }])
  const [kept] = unsent()
  expect(kept).toEqual({ path: '/v1/orders/o1/attempts/1/device', body: { fields: { result: 'success' }, timestamp: 1764000000, signature: 'over linlipay-device-result\nt1\n26\n1764000000\nresult=success\n' } })
  answer([503, {}])
  await expect(send(session)).rejects.toThrow()
  expect(unsent()).toEqual([kept])
  const asked = answer([200, { id: 'o1', version: 2 }])
  expect(await send(session)).toEqual({ id: 'o1', version: 2 })
  expect(asked).toEqual(['/v1/orders/o1/attempts/1/device'])
  expect(unsent()).toEqual([])
})

test('a result that the server refuses for good is not sent for ever', async () => {
  storage()
  answer([201, opened], [400, { code: 'invalid' }])
  await expect(takeCard(session, async () => ({ result: 'success' }), order, () => {})).rejects.toThrow()
  expect(unsent()).toEqual([])
})

test('an application that hands back nothing reports nothing', async () => {
  storage()
  const asked = answer([201, opened])
  expect(await takeCard(session, async () => ({}), order, () => {})).toBe(undefined)
  expect(asked).toEqual(['/v1/orders/o1/attempts'])
})

test('a void is signed with the number of its refund', async () => {
  storage()
  const refund = { no: 2, attempt: 1, out_refund_no: '26R2', status: 'pending', void: true }
  const asked = answer([200, device], [0, ''])
  await expect(undo(session, async () => ({ result: 'success' }), order, refund as never)).rejects.toThrow()
  expect(asked).toEqual(['/v1/orders/o1/refunds/2/call', '/v1/orders/o1/refunds/2/device'])
  expect(unsent()[0].body.signature).toContain('\n26R2\n')
})

test('the last card payment, and the void that waits for this terminal', () => {
  const refunds = [{ no: 1, void: true, status: 'succeeded' }, { no: 2, void: true, status: 'pending', reported: {} }, { no: 3, status: 'pending' }, { no: 4, void: true, status: 'pending' }]
  const o = { attempts: [{ no: 1, method: 'swipe' }, { no: 2, method: 'swipe' }, { no: 3, method: 'code' }], refunds } as unknown as Order
  expect([swiped(o)?.no, waits(o)?.no]).toEqual([2, 4])
  expect(waits({ ...o, refunds: refunds.slice(0, 3) } as unknown as Order)).toBe(undefined)
})
