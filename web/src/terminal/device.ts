import { call, language, newKey, Problem, within, type Session } from '../api'
import type { Terminal, Tokens } from '../types'
import { keep, type Device } from './storage'

// The device's key is made here, cannot be taken out of the browser, and only its public half is sent. It is Ed25519
// where the browser has that (Chromium 137, Safari 17, Firefox 129), and P-256, which all have, where it has not.

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const lacking = () =>
  new Problem(
    0,
    'no_keys',
    language.current === 'en'
      ? 'This browser cannot make the key of a terminal: it has neither Ed25519 (from Chromium 137, Safari 17, ' +
          'Firefox 129) nor ECDSA P-256 (from Chromium 37, Safari 11, Firefox 34). Please update it.'
      : '此浏览器无法生成终端密钥：不支持 Ed25519（Chromium 137、Safari 17、Firefox 129 起支持），也不支持 ECDSA P-256（Chromium 37、Safari 11、' +
          'Firefox 34 起支持）。请升级浏览器。',
    '',
    {},
  )

async function newKeys(): Promise<CryptoKeyPair> {
  for (const kind of [{ name: 'Ed25519' }, p256]) {
    const keys = await Promise.resolve()
      .then(() => crypto.subtle.generateKey(kind, false, ['sign', 'verify']))
      .catch(() => undefined)
    if (keys) return keys as CryptoKeyPair
  }
  throw lacking()
}

const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))

export async function pair(code: string): Promise<Terminal> {
  const keys = await newKeys()
  const publicKey = base64(await crypto.subtle.exportKey('raw', keys.publicKey))
  const { terminal } = await call<{ terminal: Terminal }>('POST', '/v1/terminals', {
    body: { code, public_key: publicKey },
  })
  await keep({ id: terminal.id, key: keys.privateKey })
  return terminal
}

const proofs = 3 // how often a token is asked for before the pairing is given up
export const patience = 20_000 // ms that an answer to the device may take

// DeviceSession gets its tokens by signing with the device's key.
export class DeviceSession implements Session {
  terminal?: Terminal
  private current = ''
  private until = 0
  private pending?: Promise<string>
  private ahead = 0 // seconds that the server's clock is ahead of ours

  // formerKey gives the key of a former pairing of this device.
  constructor(
    private readonly device: Device,
    private readonly onRefused: (why: Problem) => void,
    private readonly formerKey: (id: string) => Promise<CryptoKey | undefined>,
  ) {}

  async headers(renew: boolean): Promise<Record<string, string>> {
    return { Authorization: `Bearer ${await this.token(renew)}` }
  }

  token(renew: boolean): Promise<string> {
    if (!renew && this.until > Date.now() + 30_000) return Promise.resolve(this.current)
    this.pending ??= this.prove().finally(() => {
      this.pending = undefined
    })
    return this.pending
  }

  // prove asks for a token. A clock that is off is told the time, however often somebody moves it; and a proof that
  // the line brought twice is made anew. Only the server's own refusal, again and again, ends the pairing.
  private async prove(): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.sign()
      } catch (e) {
        const refused = e instanceof Problem && e.status === 401 && e.code === 'unauthenticated'
        const clock = this.learn(e)
        if (!refused || tries === proofs) {
          if (refused && !clock) this.onRefused(e)
          throw e
        }
      }
    }
  }

  get id(): string {
    return this.device.id
  }

  // learn takes the server's time from a refusal that tells it, and reports whether it does: what was signed can be
  // signed anew.
  learn(e: unknown): boolean {
    const told = e instanceof Problem && typeof e.extra.server_time === 'string' ? Date.parse(e.extra.server_time) : NaN
    if (Number.isNaN(told)) return false
    this.ahead = Math.round((told - Date.now()) / 1000)
    return true
  }

  // timestamp is now by the server's clock, in seconds.
  timestamp(): number {
    return Math.floor(Date.now() / 1000) + this.ahead
  }

  // signed is the signature over a text in base64: by the device's key, or by that of a former pairing.
  async signed(text: string, id = this.device.id): Promise<string> {
    const key = id === this.device.id ? this.device.key : await this.formerKey(id)
    if (!key) throw new Error(`no key of ${id}`)
    return base64(
      await crypto.subtle.sign(
        key.algorithm.name === 'ECDSA' ? p256 : key.algorithm.name,
        key,
        new TextEncoder().encode(text),
      ),
    )
  }

  private async sign(): Promise<string> {
    const timestamp = this.timestamp()
    const nonce = newKey()
    const signature = await this.signed(`linlipay-terminal\n${this.device.id}\n${timestamp}\n${nonce}\n`)
    const body = { terminal: this.device.id, timestamp, nonce, signature }
    const t = await call<Tokens>('POST', '/v1/terminals/tokens', { body, signal: within(patience) })
    this.current = t.access_token!
    this.until = Date.now() + t.expires_in * 1000
    this.terminal = t.terminal
    return this.current
  }
}
