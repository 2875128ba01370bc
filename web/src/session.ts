import { call, Problem, type Session } from './api'
import type { Tokens } from './types'

interface Kept { access: string; until: number; refresh: string; who: Tokens }

// LoginSession keeps a person's tokens in this browser. A refresh token is good once, so only one tab at a time renews, and the others take over what
// it got.
export class LoginSession implements Session {
  constructor(private readonly name: string, private readonly onEnd: () => void) {}

  get who(): Tokens | undefined { return this.read()?.who }

  open(t: Tokens) { this.write(t) }

  async end() {
    const kept = this.read()
    localStorage.removeItem(this.name)
    this.onEnd()
    if (kept) await call('POST', '/v1/token/revoke', { body: { refresh_token: kept.refresh } }).catch(() => undefined)
  }

  async token(renew: boolean): Promise<string> {
    const seen = this.read()
    if (!seen) throw this.ended()
    if (!renew && seen.until > Date.now() + 30_000) return seen.access
    return navigator.locks.request(this.name, async () => {
      const kept = this.read()
      if (!kept) throw this.ended()
      if (kept.access !== seen.access) return kept.access // another tab was faster
      try {
        return this.write(await call<Tokens>('POST', '/v1/token/refresh', { body: { refresh_token: kept.refresh } })).access
      } catch (e) {
        if (e instanceof Problem && e.status === 401) {
          localStorage.removeItem(this.name)
          this.onEnd()
        }
        throw e
      }
    })
  }

  private ended(): Problem { return new Problem(401, 'unauthenticated', '', '', {}) }

  private read(): Kept | undefined {
    const raw = localStorage.getItem(this.name)
    return raw ? JSON.parse(raw) as Kept : undefined
  }

  private write(t: Tokens): Kept {
    const kept = { access: t.access_token, until: Date.now() + t.expires_in * 1000, refresh: t.refresh_token ?? '', who: t }
    localStorage.setItem(this.name, JSON.stringify(kept))
    return kept
  }
}
