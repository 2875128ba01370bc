import { call, Problem, type Session } from './api'
import { intentions } from './intention'
import type { Attempt, Order } from './types'

// A payment code (付款码) as the desk sees it, step by step.

// patience is how many seconds the payer has to enter the password, as the server says.
export const patience = (a: Pick<Attempt, 'created_at' | 'expires_at'>) =>
  a.expires_at ? Math.max(0, Math.round((Date.parse(a.expires_at) - Date.parse(a.created_at)) / 1000)) : Infinity

export type Step =
  | 'charging'
  | 'unanswered'
  | 'waiting'
  | 'last_query'
  | 'reversing'
  | 'paid'
  | 'surplus'
  | 'refused'
  | 'reversed'
  | 'not_paid'

// step says where a payment code's attempt stands, seconds after it began.
export function step(a: Attempt, seconds: number): Step {
  switch (a.state) {
    case 'succeeded':
      return a.disposition === 'unapplied' ? 'surplus' : 'paid'
    case 'failed':
      return 'refused'
    case 'ended':
      return a.reversing ? 'reversed' : 'not_paid'
  }
  if (a.reversing || a.state === 'expiring') return 'reversing'
  if (seconds >= patience(a)) return 'last_query'
  if (a.state === 'open') return 'waiting'
  return a.failure ? 'unanswered' : 'charging'
}

// running reports whether the step is not the end.
export function running(s: Step): boolean {
  return ['charging', 'unanswered', 'waiting', 'last_query', 'reversing'].includes(s)
}

// The published forms of payment codes: WeChat Pay, Alipay, UnionPay.
const codes = /^(?:1[0-5]\d{16}|(?:2[5-9]|30)\d{14,22}|62\d{17})$/

// bare is what a scanner read, in narrow characters and without the kind of the symbol (]C1) that it may put before.
const bare = (text: string) => text.normalize('NFKC').replace(/\][A-Za-z]\d/g, '')

// plain are the digits of what a scanner or a person typed. Scanners put letters or signs around them as they are set
// up, and an input method makes them wide.
export function plain(text: string): string {
  return bare(text).replace(/\D/g, '')
}

// soFar is plain for a code that is still being typed: the kind of the symbol comes key by key, and its digit, which
// comes last, is none of the code's.
export function soFar(text: string): string {
  return plain(text) + (/\][A-Za-z]?$/.exec(bare(text))?.[0] ?? '')
}

// digits reads a payment code from what a scanner read; undefined is something else. A code that was read twice over is
// that code; one with letters or signs within is none.
export function digits(text: string): string | undefined {
  const whole = /^[^\d/]{0,6}([\d\s]+)[^\d/]{0,6}$/.exec(bare(text))?.[1].replace(/\s/g, '') ?? ''
  const half = whole.slice(0, whole.length / 2)
  if (codes.test(half) && whole === half + half) return half
  return codes.test(whole) ? whole : undefined
}

// Typed is what comes of keys, as those of a scanner that types as a keyboard does: fast, whatever has the focus. A
// scanner that ends a code by nothing is known by its speed, which no person has for sixteen digits.
export const fast = 100 // ms between two keys of a scanner, at most

export class Typed {
  text = ''
  private last = 0

  // key takes a key's digit, or what an input method hides it behind, and reports whether it goes on from the one
  // before.
  key(e: { key: string; code: string; timeStamp: number; isComposing?: boolean }): boolean {
    const on = e.timeStamp - this.last <= fast
    this.last = e.timeStamp
    if (!on) this.text = ''
    const hidden = e.isComposing || e.key === 'Process' || e.key === 'Unidentified'
    this.text += hidden ? (/^(?:Digit|Numpad)(\d)$/.exec(e.code)?.[1] ?? '') : [...e.key].length === 1 ? e.key : ''
    return on
  }

  get code(): string | undefined {
    return digits(this.text)
  }
  clear() {
    this.text = ''
    this.last = 0
  }
}

// charged is the order's last attempt by payment code.
export function charged(o: Order): Attempt | undefined {
  return o.attempts.filter((a) => a.method === 'code').pop()
}

const charges = intentions('code')

// charge hands a code to the institution, once, and returns the order as it then is. What went wrong is in problem
// unless the attempt tells it.
export async function charge(
  session: Session,
  before: Order,
  code: string,
): Promise<{ order?: Order; problem?: Problem }> {
  try {
    const path = `/v1/orders/${before.id}/attempts`
    return await charges.once([before.id, code], (key) =>
      call<{ order: Order }>('POST', path, { session, key, body: { method: 'code', auth_code: code } }),
    )
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    const order = await call<Order>('GET', `/v1/orders/${before.id}`, { session }).catch(() => undefined)
    const told =
      order &&
      (order.status === 'paid' ||
        order.attempts.filter((a) => a.method === 'code').length >
          before.attempts.filter((a) => a.method === 'code').length)
    return { order, problem: told ? undefined : e }
  }
}
