import { call } from '../api'
import type { Attempt, Delivered, DeviceCall, Order, Refund } from '../types'
import type { DeviceSession } from './device'
import { asFields, type Fields, type Results } from './results'

// Bank cards: our call goes to the acquirer's application on the device, and what that hands back is kept until the
// server has it (results.ts).

// The bridge to the device: the native shell that shows this page installs it. docs/institutions/cards.md describes it.
interface Bridge {
  call(request: string): Promise<unknown> | unknown
  cancel?(outTradeNo: string): Promise<boolean> | boolean
}
declare global {
  interface Window {
    LinliDevice?: Bridge
  }
}

export interface Call extends DeviceCall {
  institution: string
}
export type Reader = (c: Call) => Promise<Fields>

// reader finds what takes cards here: the device's application through the bridge, or in a trial the sandbox's card
// reader; undefined is nothing.
export function reader(trial?: string): Reader | undefined {
  if (window.LinliDevice) return async (c) => asFields(await window.LinliDevice!.call(JSON.stringify(c)))
  if (trial) return (c) => readInTrial(trial, c)
  return undefined
}

// readInTrial waits until somebody holds a card to the sandbox's card reader, on its wallet page.
async function readInTrial(base: string, c: Call): Promise<Fields> {
  const r = await fetch(base + '/cards/calls', {
    method: 'POST',
    body: JSON.stringify({ institution: c.institution, fields: c.extras }),
  })
  const answer = (await r.json()) as { fields: Fields; error?: string }
  if (!r.ok) throw new Error(answer.error)
  return answer.fields
}

// What came of asking the application to wait for no card any more: it waits no more and nothing was charged; a card
// was there already and its result comes; or nobody can tell.
export type GivenUp = 'given_up' | 'too_late' | 'unknown'

// giveUp asks the application to wait for no card any more. Only its own word says that nothing was charged.
export async function giveUp(outTradeNo: string, trial?: string): Promise<GivenUp> {
  try {
    if (!window.LinliDevice) return trial ? await giveUpInTrial(trial, outTradeNo) : 'unknown'
    if (!window.LinliDevice.cancel) return 'unknown'
    return (await window.LinliDevice.cancel(outTradeNo)) === true ? 'given_up' : 'too_late'
  } catch {
    return 'unknown'
  }
}

// giveUpInTrial takes the call away from the sandbox's card reader, unless somebody has held a card to it.
async function giveUpInTrial(base: string, outTradeNo: string): Promise<GivenUp> {
  const waiting = (await (await fetch(base + '/cards/calls')).json()) as { id: string; out_trade_no: string }[]
  const mine = waiting.filter((c) => c.out_trade_no === outTradeNo).pop()
  if (!mine) return 'too_late'
  const r = await fetch(`${base}/cards/calls/${mine.id}`, { method: 'POST', body: JSON.stringify({ do: 'leave' }) })
  return r.ok ? 'given_up' : 'too_late'
}

// doubtful reports whether a card may have been charged for an order without anybody here knowing: its result did not
// come, or was not taken. To charge once more might take the money twice.
export function doubtful(o: Order): boolean {
  const a = swiped(o)
  const silent = !!a && a.state !== 'ended' && a.state !== 'failed' && a.state !== 'succeeded' && !a.device_report
  return silent || !!o.rejected_reports?.some((u) => u.open)
}

// takeCard opens an attempt, has the card read, and reports the result. An application that hands back nothing leaves
// the attempt to the institution. The key is the same until an answer has come: what is asked for again is one
// attempt.
export async function takeCard(
  session: DeviceSession,
  results: Results,
  read: Reader,
  key: string,
  o: Order,
  onOpen: (o: Order) => void,
): Promise<Delivered | undefined> {
  const body = { wallet: 'card', method: 'card_present' }
  const { order, attempt } = await call<{ order: Order; attempt: Attempt }>('POST', `/v1/orders/${o.id}/attempts`, {
    session,
    key,
    body,
  })
  onOpen(order)
  const device = attempt.prepared?.device
  if (!device) return undefined // an earlier answer was lost, and the attempt has ended since
  const fields = await read({ institution: attempt.institution, ...device })
  if (!Object.keys(fields).length) return undefined
  return results.report(`/v1/orders/${o.id}/attempts/${attempt.no}/device-reports`, attempt.out_trade_no, fields)
}

const voidPath = (o: Order, r: Refund) => `/v1/orders/${o.id}/refunds/${r.no}/device-reports`

// undo has the application void the payment of a refund (撤销), and reports it.
export async function undo(
  session: DeviceSession,
  results: Results,
  read: Reader,
  o: Order,
  r: Refund,
): Promise<Delivered | undefined> {
  const device = await call<DeviceCall>('GET', `/v1/orders/${o.id}/refunds/${r.no}/device-call`, { session })
  const fields = await read({ institution: o.attempts.find((a) => a.no === r.attempt)!.institution, ...device })
  if (!Object.keys(fields).length) return undefined
  return results.report(voidPath(o, r), r.out_refund_no, fields)
}

// swiped is the order's last card payment.
export const swiped = (o: Order): Attempt | undefined => o.attempts.filter((a) => a.method === 'card_present').pop()

// waits is the refund of an order that this terminal is to void; not one whose void it did and has not delivered yet.
export function waits(o: Order, unsent: { path: string }[] = []): Refund | undefined {
  const done = (r: Refund) => !!r.device_report || unsent.some((u) => u.path === voidPath(o, r))
  return o.refunds?.find((r) => r.void && r.status === 'pending' && !done(r))
}
