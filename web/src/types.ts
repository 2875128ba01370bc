// What the API answers; see /openapi.json. Amounts are integers in fen.

export type OrderStatus = 'pending' | 'closing' | 'paid' | 'closed'

export interface Item { ref: string; title: string; amount: number }

export interface Attempt {
  no: number; out_trade_no: string; institution: string; method: string; state: string; amount: number
  transaction_id?: string; received?: number; disposition?: string; why_refund?: string; paid_at?: string; failure?: string
}

export interface TimelineEvent { at: string; what: string; attempt?: number; by?: string; note?: string }

export interface Order {
  id: string; version: number; status: OrderStatus; close_reason?: string; unit: { id: string; label: string }
  payer: { name: string; phone: string }; origin: { kind: string; terminal?: string; staff?: string }
  title: string; amount: number; items: Item[]; attempts: Attempt[]; paid_by?: number; timeline?: TimelineEvent[]
  created_at: string; expires_at: string; paid_at?: string; closed_at?: string
  qr: { url: string; png: string; svg: string }; now: string
}

export interface Bill {
  id: string; unit: string; fee: string; period: string; title: string; amount: number; due_date: string
  status: 'unpaid' | 'paid'; overdue: boolean; order?: string; open_order?: string; paid_at?: string
}

export interface Unit { id: string; community: string; community_name: string; label: string; owner: string; phone: string }
export interface Community { id: string; name: string }
export interface Page<T> { items: T[]; next?: string }
export interface Terminal { id: string; name: string; community: string; community_name: string; company_name?: string; paired_at: string; last_seen_at: string }
export interface Staff { id: string; name: string; company: string; company_name: string; roles: string[] }

export interface Tokens {
  access_token: string; expires_in: number; refresh_token?: string
  staff?: Staff; resident?: { id: string; phone: string }; terminal?: Terminal
}

// The transaction that an order keeps.
export function transaction(o: Order): string {
  return o.attempts.find((a) => a.no === o.paid_by)?.transaction_id ?? ''
}
