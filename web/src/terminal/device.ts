import { call, Problem, type Session } from '../api'
import type { Terminal, Tokens } from '../types'

// The device's key is made here, cannot be taken out of the browser, and only its public half is sent.

interface Device { id: string; key: CryptoKey }

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('linlipay-terminal', 1)
    open.onupgradeneeded = () => open.result.createObjectStore('device')
    open.onsuccess = () => resolve(open.result)
    open.onerror = () => reject(open.error)
  })
}

async function transact<T>(mode: IDBTransactionMode, work: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await database()
  return new Promise((resolve, reject) => {
    const request = work(db.transaction('device', mode).objectStore('device'))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))

export const paired = () => transact<Device | undefined>('readonly', (s) => s.get('this'))
export const unpair = () => transact('readwrite', (s) => s.delete('this'))

export async function pair(code: string): Promise<Terminal> {
  const keys = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']) as CryptoKeyPair
  const publicKey = base64(await crypto.subtle.exportKey('raw', keys.publicKey))
  const { terminal } = await call<{ terminal: Terminal }>('POST', '/v1/terminals/pair', { body: { code, public_key: publicKey } })
  await transact('readwrite', (s) => s.put({ id: terminal.id, key: keys.privateKey }, 'this'))
  return terminal
}

// DeviceSession gets its tokens by signing with the device's key.
export class DeviceSession implements Session {
  terminal?: Terminal
  private current = ''
  private until = 0
  private pending?: Promise<string>
  private ahead = 0 // seconds that the server's clock is ahead of ours

  constructor(private readonly device: Device, private readonly onRefused: () => void) {}

  token(renew: boolean): Promise<string> {
    if (!renew && this.until > Date.now() + 30_000) return Promise.resolve(this.current)
    this.pending ??= this.prove().finally(() => { this.pending = undefined })
    return this.pending
  }

  private async prove(): Promise<string> {
    try {
      return await this.sign()
    } catch (e) {
      if (!(e instanceof Problem) || e.status !== 401) throw e
      if (typeof e.extra.server_time === 'string') {
        this.ahead = Math.round((Date.parse(e.extra.server_time) - Date.now()) / 1000)
        return this.sign()
      }
      this.onRefused()
      throw e
    }
  }

  get id(): string { return this.device.id }

  // timestamp is now by the server's clock, in seconds.
  timestamp(): number { return Math.floor(Date.now() / 1000) + this.ahead }

  // signed is the device's signature over a text, in base64.
  async signed(text: string): Promise<string> {
    return base64(await crypto.subtle.sign('Ed25519', this.device.key, new TextEncoder().encode(text)))
  }

  private async sign(): Promise<string> {
    const timestamp = this.timestamp()
    const nonce = crypto.randomUUID()
    const signature = await this.signed(`linlipay-terminal\n${this.device.id}\n${timestamp}\n${nonce}\n`)
    const t = await call<Tokens>('POST', '/v1/terminals/token', { body: { terminal: this.device.id, timestamp, nonce, signature } })
    this.current = t.access_token
    this.until = Date.now() + t.expires_in * 1000
    this.terminal = t.terminal
    return t.access_token
  }
}
