import { call, Problem, type Session } from './api'
import type { Tokens } from './types'

interface Kept { until: number; who: Tokens }

// LoginSession is a person's session in this browser. Its tokens are in cookies, which no script can read; kept here is
// who is logged in, and until when the access token is good. A refresh token is exchanged by one tab at a time, and the
// others go on with the cookies that it got.
export class LoginSession implements Session {
  private readonly name: string
  private readonly header: Record<string, string>

  // onChange is told who is logged in now, and why nobody is any more where the server said so.
  constructor(kind: 'staff' | 'resident', private readonly onChange: (who?: Tokens, why?: string) => void) {
    this.name = `linlipay-${kind}`
    this.header = { 'Linli-Session': kind } // the server takes the cookies of no request without it
    addEventListener('storage', (e) => { if (e.key === this.name) this.onChange(this.who) })
  }

  get who(): Tokens | undefined { return this.read()?.who }

  // logIn asks for a session, and throws what was wrong.
  async logIn(path: string, body: unknown) {
    this.write(await call<Tokens>('POST', path, { body, headers: this.header }))
  }

  // end logs out. It throws where the server cannot be reached: then the person is still logged in.
  async end() {
    await call('POST', '/v1/token/revoke', { headers: this.header })
    this.forget()
  }

  async headers(renew: boolean): Promise<Record<string, string>> {
    const seen = this.read()
    if (!seen) throw new Problem(401, 'unauthenticated', '', '', {})
    if (renew || seen.until < Date.now() + 30_000) await this.renew(seen)
    return this.header
  }

  // renew exchanges the tokens, and learns what the person may do now.
  async renew(seen = this.read()) {
    await navigator.locks.request(this.name, async () => {
      if (this.read()?.until !== seen?.until) return // another tab was faster
      try {
        this.write(await call<Tokens>('POST', '/v1/token/refresh', { headers: this.header }))
      } catch (e) {
        if (e instanceof Problem && e.status === 401) this.forget(e.message)
        throw e
      }
    })
  }

  private forget(why?: string) {
    localStorage.removeItem(this.name)
    this.onChange(undefined, why)
  }

  // read is what is kept. An entry of before, which holds tokens, is removed.
  private read(): Kept | undefined {
    const raw = localStorage.getItem(this.name)
    if (!raw) return undefined
    const kept = JSON.parse(raw) as Kept & { access?: string }
    if (kept.access === undefined) return kept
    localStorage.removeItem(this.name)
    return undefined
  }

  private write(t: Tokens) {
    localStorage.setItem(this.name, JSON.stringify({ until: Date.now() + t.expires_in * 1000, who: t } satisfies Kept))
    this.onChange(t)
  }
}
