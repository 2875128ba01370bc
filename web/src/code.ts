import { call, newKey, Problem, type Session } from './api'
import type { Attempt, Order } from './types'

// A payment code (付款码) as the desk sees it, step by step.

export const patience = 45 // seconds that the payer has to enter the password

export type Step = 'charging' | 'unanswered' | 'waiting' | 'last_query' | 'reversing' | 'paid' | 'surplus' | 'refused' | 'reversed' | 'not_paid'

// step says where a payment code's attempt stands, seconds after it began.
export function step(a: Attempt, seconds: number): Step {
  switch (a.state) {
    case 'succeeded': return a.disposition === 'exceptional' ? 'surplus' : 'paid'
    case 'failed': return 'refused'
    case 'ended': return a.reversing ? 'reversed' : 'not_paid'
  }
  if (a.reversing || a.state === 'leaving') return 'reversing'
  if (seconds >= patience) return 'last_query'
  if (a.state === 'open') return 'waiting'
  return a.failure ? 'unanswered' : 'charging'
}

// running reports whether the step is not the end.
export function running(s: Step): boolean {
  return ['charging', 'unanswered', 'waiting', 'last_query', 'reversing'].includes(s)
}

// The published forms of payment codes: WeChat Pay, Alipay, UnionPay.
const codes = /^(?:1[0-5]\d{16}|(?:2[5-9]|30)\d{14,22}|62\d{17})$/

// digits reads a payment code from the text of a QR; undefined is something else.
export function digits(text: string): string | undefined {
  return codes.test(text.trim()) ? text.trim() : undefined
}

// charged is the order's last attempt by payment code.
export function charged(o: Order): Attempt | undefined {
  return o.attempts.filter((a) => a.method === 'code').pop()
}

// charge hands a code to the institution, once, and returns the order as it then is. What went wrong is in problem unless the attempt tells it.
export async function charge(session: Session, before: Order, code: string): Promise<{ order?: Order; problem?: Problem }> {
  try {
    return { order: (await call<{ order: Order }>('POST', `/v1/orders/${before.id}/code`, { session, key: newKey(), body: { code } })).order }
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    const order = await call<Order>('GET', `/v1/orders/${before.id}`, { session }).catch(() => undefined)
    const told = order && (order.status === 'paid' || order.attempts.filter((a) => a.method === 'code').length > before.attempts.filter((a) => a.method === 'code').length)
    return { order, problem: told ? undefined : e }
  }
}
