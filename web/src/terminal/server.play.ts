import { vi } from 'vitest'
import { DeviceSession } from './device'
import type { Kept, Shelf } from './results'
import { resultText } from './results'

// What the tests of the terminal play: a disk, a device with its key, and a server with a clock of its own.

export interface Ask {
  path: string
  body: Record<string, unknown>
  token: string
}
export interface Answer {
  status: number
  body?: unknown
} // 0 is no line

// shelf is a disk: it outlasts the pages that use it.
export function shelf(): Shelf & { fails: boolean } {
  const kept = new Map<number, Kept>()
  let last = 0
  return {
    fails: false,
    async all() {
      return [...kept.values()].map((r) => structuredClone(r))
    },
    async add(r) {
      if (this.fails) throw new Error('the disk is full')
      const whole = { ...r, id: ++last }
      kept.set(whole.id, structuredClone(whole))
      return whole
    },
    async remove(id) {
      kept.delete(id)
    },
  }
}

// device is a pairing with a key of its own.
export async function device(id = 't1', former: Record<string, CryptoKey> = {}) {
  const keys = (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair
  const refused = vi.fn()
  return {
    id,
    keys,
    refused,
    session: () => new DeviceSession({ id, key: keys.privateKey }, refused, async (id) => former[id]),
  }
}

// play stands in for fetch. Tokens are given to whoever asks, unless answer says something else; the requests are
// returned, those for tokens left out.
export function play(answer: (a: Ask) => Answer | undefined | Promise<Answer | undefined>): Ask[] {
  const asked: Ask[] = []
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>
    const a = {
      path,
      body: JSON.parse(String(init.body ?? '{}')) as Record<string, unknown>,
      token: (headers.Authorization ?? '').replace('Bearer ', ''),
    }
    const token = path === '/v1/terminals/tokens'
    if (!token) asked.push(a)
    const told =
      (await answer(a)) ??
      (token ? { status: 200, body: { access_token: 'token', expires_in: 900 } } : { status: 404, body: {} })
    if (!told.status) throw new TypeError('no line')
    return new Response(JSON.stringify(told.body), { status: told.status })
  })
  return asked
}

const bytes = (base64: unknown) => Uint8Array.from(atob(String(base64)), (c) => c.charCodeAt(0))

// verified reports whether a device signed a result that was sent, for the number of its payment.
export function verified(d: { id: string; keys: CryptoKeyPair }, a: Ask, number: string): Promise<boolean> {
  const text = resultText(
    { device: d.id, number, fields: a.body.fields as Record<string, string>, read_at: Number(a.body.read_at) },
    Number(a.body.timestamp),
  )
  return crypto.subtle.verify('Ed25519', d.keys.publicKey, bytes(a.body.signature), new TextEncoder().encode(text))
}

// near reports whether a time in seconds is within five minutes of the server's.
export const near = (seconds: unknown, server: number) => Math.abs(Number(seconds) * 1000 - server) <= 300_000

export const wrongClock = (status: number, server: number): Answer => ({
  status,
  body: {
    code: status === 401 ? 'unauthenticated' : 'invalid_request',
    detail: '设备时间不准确，请校准时钟。',
    server_time: new Date(server).toISOString(),
  },
})
