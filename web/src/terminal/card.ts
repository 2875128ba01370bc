import { call, newKey } from '../api'
import type { Attempt, DeviceCall, Order, Refund } from '../types'
import type { DeviceSession } from './device'

// Bank cards: our call goes to the acquirer's application on the device, and what that hands back is signed and sent until the server has it.

export type Fields = Record<string, string>

// The bridge to the device: the native shell that shows this page installs it. docs/institutions/cards.md describes it.
declare global { interface Window { LinliDevice?: { call(request: string): Promise<string> | string } } }

export interface Call extends DeviceCall { institution: string }

// reader finds what takes cards here: the device's application through the bridge, or in a trial the sandbox's card reader; undefined is nothing.
export function reader(trial?: string): ((c: Call) => Promise<Fields>) | undefined {
  if (window.LinliDevice) return async (c) => JSON.parse(await window.LinliDevice!.call(JSON.stringify(c))) as Fields
  if (trial) return (c) => readInTrial(trial, c)
  return undefined
}

// readInTrial waits until somebody holds a card to the sandbox's card reader, on its wallet page.
async function readInTrial(base: string, c: Call): Promise<Fields> {
  const r = await fetch(base + '/cards/calls', { method: 'POST', body: JSON.stringify({ institution: c.institution, fields: c.extras }) })
  const answer = await r.json() as { fields: Fields; error?: string }
  if (!r.ok) throw new Error(answer.error)
  return answer.fields
}

// resultText is what the device signs: a line for each field, by name.
export function resultText(id: string, number: string, timestamp: number, fields: Fields): string {
  return `linlipay-device-result\n${id}\n${number}\n${timestamp}\n` + Object.keys(fields).sort().map((name) => `${name}=${fields[name]}\n`).join('')
}

// A result that the server does not have yet. It holds no secret, and outlives a reload.
interface Unsent { path: string; body: { fields: Fields; timestamp: number; signature: string } }
const place = 'linlipay-results'
export const unsent = (): Unsent[] => JSON.parse(localStorage.getItem(place) ?? '[]') as Unsent[]
const keep = (some: Unsent[]) => localStorage.setItem(place, JSON.stringify(some))

// send hands over every result that is kept, oldest first. One that the server refuses for good is dropped and its refusal thrown; without a line it stays.
export async function send(session: DeviceSession): Promise<Order | undefined> {
  let last: Order | undefined
  for (const result of unsent()) {
    try {
      last = await call<Order>('POST', result.path, { session, body: result.body })
    } catch (e) {
      const status = (e as { status?: number }).status ?? 0
      if (status < 400 || status === 401 || status === 429 || status >= 500) throw e
      drop(result)
      throw e
    }
    drop(result)
  }
  return last
}

const drop = (done: Unsent) => keep(unsent().filter((u) => u.path !== done.path || u.body.signature !== done.body.signature))

async function report(session: DeviceSession, path: string, number: string, fields: Fields): Promise<Order | undefined> {
  const timestamp = session.timestamp()
  const body = { fields, timestamp, signature: await session.signed(resultText(session.id, number, timestamp, fields)) }
  keep([...unsent(), { path, body }])
  return send(session)
}

// takeCard opens an attempt, has the card read, and reports the result. An application that hands back nothing leaves the attempt to the institution.
export async function takeCard(session: DeviceSession, read: (c: Call) => Promise<Fields>, o: Order, onOpen: (o: Order) => void): Promise<Order | undefined> {
  const { order, attempt } = await call<{ order: Order; attempt: Attempt }>('POST', `/v1/orders/${o.id}/attempts`, { session, key: newKey(), body: { wallet: 'card', method: 'swipe' } })
  onOpen(order)
  const fields = await read({ institution: attempt.institution, ...attempt.prepared!.device! })
  if (!Object.keys(fields).length) return undefined
  return report(session, `/v1/orders/${o.id}/attempts/${attempt.no}/device`, attempt.out_trade_no, fields)
}

// undo has the application void the payment of a refund (撤销), and reports it.
export async function undo(session: DeviceSession, read: (c: Call) => Promise<Fields>, o: Order, r: Refund): Promise<Order | undefined> {
  const device = await call<DeviceCall>('GET', `/v1/orders/${o.id}/refunds/${r.no}/call`, { session })
  const fields = await read({ institution: o.attempts.find((a) => a.no === r.attempt)!.institution, ...device })
  if (!Object.keys(fields).length) return undefined
  return report(session, `/v1/orders/${o.id}/refunds/${r.no}/device`, r.out_refund_no, fields)
}

// swiped is the order's last card payment.
export const swiped = (o: Order): Attempt | undefined => o.attempts.filter((a) => a.method === 'swipe').at(-1)

// waits is the refund of an order that this terminal is to void.
export const waits = (o: Order): Refund | undefined => o.refunds?.find((r) => r.void && r.status === 'pending' && !r.reported)
