import { beforeEach, expect, test, vi } from 'vitest'
import { call } from './api'
import { LoginSession } from './session'

// A browser's storage and locks, and a server that answers in turn.
let kept: Map<string, string>
let asked: { path: string; headers: Record<string, string>; body?: string }[]
let answers: { status: number; body?: unknown }[]
beforeEach(() => {
  kept = new Map()
  asked = []
  answers = []
  vi.stubGlobal('localStorage', {
    getItem: (k: string) => kept.get(k) ?? null,
    setItem: (k: string, v: string) => kept.set(k, v),
    removeItem: (k: string) => kept.delete(k),
  })
  let last = Promise.resolve<unknown>(undefined)
  vi.stubGlobal('navigator', {
    locks: { request: (_: string, work: () => Promise<unknown>) => (last = last.then(work, work)) },
  })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('document', { cookie: 'linlipay-probe=1' })
  vi.stubGlobal('fetch', async (path: string, o: { headers: Record<string, string>; body?: string }) => {
    asked.push({ path, headers: o.headers, body: o.body })
    const a = answers.shift()
    if (!a) throw new TypeError('offline')
    return new Response(a.status === 204 ? null : JSON.stringify(a.body ?? {}), { status: a.status })
  })
})

const staff = {
  id: '1',
  name: '李',
  company: 'c',
  company_name: '甲',
  roles: ['cashier'],
  communities: [],
  must_change: false,
}
const entered = { status: 200, body: { expires_in: 900, staff } }

async function loggedIn(said: unknown[] = []) {
  const session = new LoginSession('staff', (who, why) => said.push([who?.staff?.name, why]))
  answers.push(entered)
  await session.logIn('/v1/members/sessions', { login: 'li', password: 'x' })
  asked = []
  return session
}

test('what is kept of a log-in holds no token, and every request names whose cookies it uses', async () => {
  const session = await loggedIn()
  answers.push({ status: 200 })
  await call('GET', '/v1/orders', { session })
  expect(asked[0].headers['Linli-Session']).toBe('staff')
  expect(asked[0].headers.Authorization).toBe(undefined)
  expect([...kept.values()].join()).not.toMatch(/token|access|refresh|password/)
})

test('an entry of before, with its tokens, is removed', () => {
  kept.set(
    'linlipay-staff',
    JSON.stringify({ access: 'a.b.c', refresh: 'r', until: 9e15, who: { access_token: 'a.b.c' } }),
  )
  expect(new LoginSession('staff', () => {}).who).toBe(undefined)
  expect(kept.size).toBe(0)
})

test('a refused request is sent again once the tokens were renewed, by one of several at a time', async () => {
  const session = await loggedIn()
  answers.push({ status: 401 }, { status: 401 }, entered, { status: 200 }, { status: 200 })
  vi.setSystemTime(Date.now() + 1000)
  await Promise.all([call('GET', '/v1/a', { session }), call('GET', '/v1/b', { session })])
  vi.useRealTimers()
  expect(asked.filter((a) => a.path === '/v1/tokens/renewal').length).toBe(1)
})

test('a session that the server ended is over, with what it said', async () => {
  const said: unknown[] = []
  const session = await loggedIn(said)
  answers.push(
    { status: 401 },
    { status: 401, body: { code: 'unauthenticated', detail: '该账号已停用，请联系管理员。' } },
  )
  await expect(call('GET', '/v1/orders', { session })).rejects.toThrow()
  expect(said[said.length - 1]).toEqual([undefined, '该账号已停用，请联系管理员。'])
  expect(kept.size).toBe(0)
})

test('without a line nobody is logged out, neither by a renewal nor by wanting to', async () => {
  const session = await loggedIn()
  answers.push({ status: 401 })
  await expect(call('GET', '/v1/orders', { session })).rejects.toThrow()
  await expect(session.end()).rejects.toThrow()
  expect(session.who?.staff?.name).toBe('李')
  answers.push({ status: 204 })
  await session.end()
  expect(session.who).toBe(undefined)
})
