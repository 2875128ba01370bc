import { call, language, Problem, type Session } from './api'
import { kept, takesCookies } from './kept'
import type { Tokens } from './types'

interface Kept {
  until: number
  who: Tokens
}

// LoginSession is a person's session in this browser. Its tokens are in cookies, which no script can read; kept here is
// who is logged in, and until when the access token is good. A refresh token is exchanged by one tab at a time, and the
// others go on with the cookies that it got.
export class LoginSession implements Session {
  private readonly name: string
  private readonly header: Record<string, string>
  private was?: string // the person whose page this is

  // onChange is told who is logged in now, and why nobody is any more where the server said so.
  constructor(
    kind: 'staff' | 'resident',
    private readonly onChange: (who?: Tokens, why?: string) => void,
  ) {
    this.name = `linlipay-${kind}`
    this.header = { 'Linli-Session': kind } // the server takes the cookies of no request without it
    this.was = this.person
    addEventListener('storage', (e) => {
      if (e.key === this.name) this.elsewhere()
    })
  }

  get who(): Tokens | undefined {
    return this.read()?.who
  }

  // person is who is logged in, as what is theirs alone is named by.
  get person(): string | undefined {
    const who = this.who
    const id = who?.staff?.id ?? who?.resident?.id
    return id && `${this.name.replace('linlipay-', '')}:${id}`
  }

  // elsewhere takes note of what another tab did. Where another person logged in there, the cookies are theirs now, and
  // what this page shows and has half done is not: it begins anew.
  private elsewhere() {
    const { was, person } = this
    this.was = person ?? was
    if (was && person && was !== person) location.reload()
    else this.onChange(this.who)
  }

  // logIn asks for a session, and throws what was wrong.
  async logIn(path: string, body: unknown) {
    this.write(await call<Tokens>('POST', path, { body, headers: this.header }))
  }

  // end logs out. It throws where the server cannot be reached: then the person is still logged in.
  async end() {
    await call('POST', '/v1/tokens/revocation', { headers: this.header })
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
    await alone(this.name, async () => {
      if (this.read()?.until !== seen?.until) return // another tab was faster
      try {
        this.write(await call<Tokens>('POST', '/v1/tokens/renewal', { headers: this.header }))
      } catch (e) {
        if (e instanceof Problem && e.status === 401) this.forget(takesCookies() ? e.message : noCookies())
        throw e
      }
    })
  }

  private forget(why?: string) {
    kept.remove(this.name)
    this.onChange(undefined, why)
  }

  // read is what is kept. An entry of before, which holds tokens, is removed.
  private read(): Kept | undefined {
    const raw = kept.get(this.name)
    if (!raw) return undefined
    const entry = JSON.parse(raw) as Kept & { access?: string }
    if (entry.access === undefined) return entry
    kept.remove(this.name)
    return undefined
  }

  private write(t: Tokens) {
    kept.set(this.name, JSON.stringify({ until: Date.now() + t.expires_in * 1000, who: t } satisfies Kept))
    this.was = this.person
    this.onChange(t)
  }
}

const noCookies = () =>
  language.current === 'en'
    ? 'This browser blocks cookies, without which nobody can stay logged in. Allow them for this site, and log ' +
      'in again.'
    : '浏览器阻止了 Cookie，无法保持登录。请在浏览器设置中允许本站的 Cookie，然后重新登录。'

const running = new Map<string, Promise<unknown>>()

// alone runs what may run in one tab at a time. Where the browser has no locks (Safari before 15.4, and any by plain
// http) it is one at a time in this tab: the server answers a token that two tabs exchange at once the same.
function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work) as Promise<T>
  const next = (running.get(name) ?? Promise.resolve()).then(work, work)
  running.set(name, next)
  return next
}
