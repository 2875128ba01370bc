import { shallowRef } from 'vue'
import { kept } from './kept'

// Both is a text in both languages.
type Both = readonly [zh: string, en: string]
const inWords = (both: Both) => both[language.current === 'en' ? 1 : 0]

// Problem is what the API answers when something is wrong: a stable code, a text for the person, which is in both
// languages where this page says it, and the request's id (RFC 9457).
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string | Both,
    readonly requestId: string,
    readonly extra: Record<string, unknown>,
  ) {
    super(typeof detail === 'string' ? detail : undefined)
    if (typeof detail !== 'string') Object.defineProperty(this, 'message', { get: () => inWords(detail) })
  }
}

// Session gives the headers that say who asks, renewing what stands behind them when it must.
export interface Session {
  readonly person?: string // whose tabs share a stream
  headers(renew: boolean): Promise<Record<string, string>>
}

// language is the one that this browser's pages speak; what is drawn with it is drawn anew when it changes.
const spoken = shallowRef(keptLanguage())
function keptLanguage(): 'zh' | 'en' {
  return kept.get('lang') === 'en' ? 'en' : 'zh'
}
export const language = {
  get current(): 'zh' | 'en' {
    return spoken.value
  },
  set current(l: 'zh' | 'en') {
    kept.set('lang', l)
    spoken.value = l
    const secure = location.protocol === 'https:' ? '; secure' : ''
    try {
      document.cookie = `lang=${l}; path=/; max-age=31536000; samesite=lax${secure}`
    } catch {
      /* the server goes by what the browser prefers */
    }
  },
}

// What is chosen in one tab holds in all: else a page of one language gets the server's texts in the other.
globalThis.addEventListener?.('storage', (e) => {
  if (e.key === 'lang' || e.key === null) spoken.value = keptLanguage()
})

async function asProblem(r: Response): Promise<Problem> {
  const body = (await r.json().catch(() => ({}))) as Record<string, unknown>
  const text = ['暂时无法连接服务器，请稍后重试。', 'The server cannot be reached; please try again.'] as const
  return new Problem(
    r.status,
    String(body.code ?? 'unavailable'),
    body.detail === undefined ? text : String(body.detail),
    String(body.request_id ?? ''),
    body,
  )
}

function offline(): Problem {
  const text = ['网络连接失败，请检查网络。', 'No connection; please check the network.'] as const
  return new Problem(0, 'offline', text, '', {})
}

export interface CallOptions {
  body?: unknown
  key?: string
  session?: Session
  headers?: Record<string, string>
  signal?: AbortSignal
}

// call asks the API; a session that was refused is renewed once.
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  for (const renew of [false, true]) {
    const headers: Record<string, string> = {
      'Accept-Language': language.current === 'en' ? 'en' : 'zh-CN',
      ...options.headers,
    }
    if (options.session) Object.assign(headers, await options.session.headers(renew))
    if (options.key) headers['Idempotency-Key'] = options.key
    if (options.body !== undefined)
      headers['Content-Type'] = options.body instanceof Blob ? options.body.type : 'application/json'
    const r = await fetch(path, {
      method,
      headers,
      body: options.body === undefined || options.body instanceof Blob ? options.body : JSON.stringify(options.body),
      signal: options.signal,
    }).catch(() => {
      throw offline()
    })
    if (r.status === 401 && options.session && !renew) continue
    if (!r.ok) throw await asProblem(r)
    if (r.status === 204) return undefined as T
    const kind = r.headers?.get('Content-Type') ?? ''
    return (await (kind.startsWith('text/csv') ? r.text() : kind.includes('spreadsheetml') ? r.blob() : r.json())) as T
  }
  throw offline()
}

// newKey makes an Idempotency-Key: one per thing the person wants, kept over the tries to get it.
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

// within is a signal that gives up after a while (AbortSignal.timeout, which Chromium has since 103).
export function within(ms: number): AbortSignal {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), ms)
  return stop.signal
}
