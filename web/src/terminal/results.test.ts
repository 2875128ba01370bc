import { afterEach, expect, test, vi } from 'vitest'
import { createSSRApp } from 'vue'
import { createI18n } from 'vue-i18n'
import { renderToString } from 'vue/server-renderer'
import { Problem } from '../api'
import type { Delivered } from '../types'
import bounds from '../../../payment/card/secret.go?raw'
import { asFields, cut, Results, resultText, stored, type Fields, type Kept } from './results'
import { device, near, play, shelf, verified, wrongClock, type Answer, type Ask } from './server.play'
import Unsent from './Unsent.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const path = '/v1/orders/o1/attempts/1/device-reports'
const fields = { result: 'success', amount: '100' }
const order = { id: 'o1' }
const day = 86_400_000

// The server's terminal.Result.Text, written out: names in order, each field a line, and no two results alike.
test('what the device signs', () => {
  const text = (fields: Record<string, string>) =>
    resultText({ device: 't1', number: '26', fields, read_at: 1764172800 }, 1764000000).replace(
      'linlipay-device-result\nt1\n26\n1764000000\n1764172800\n',
      '',
    )
  expect(text({ result: 'success', amount: '100', 发卡行: '招商' })).toBe('amount=100\nresult=success\n发卡行=招商\n')
  expect(text({ '😀': '1', ａ: '2' })).toBe('ａ=2\n😀=1\n')
  expect(text({ a: '1\nb=2' })).toBe('a=1\\nb=2\n')
  expect(text({ a: '1\\nb=2' })).toBe('a=1\\\\nb=2\n')
  expect(text({ 'a=b': 'c' })).toBe('a\\=b=c\n')
  expect(text({ a: 'b=c' })).toBe('a=b=c\n')
  expect(text({})).toBe('')
})

// What the bridge hands back, how many fields of it are kept, and whether all of it is. Of a cut result the server must
// not make a whole one: by its own rule (readable in payment/devicereport.go) it is unreadable. Add a line for another.
const server = (name: string) => Number(new RegExp(`${name} += (\\d+)`).exec(bounds)![1])
const control = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f]')
const readable = (f: Fields) =>
  Object.keys(f).length <= server('fieldsMost') &&
  Object.entries(f).every(([n, v]) => !control.test(n) && new TextEncoder().encode(n + v).length <= server('fieldMost'))
const some = (n: number, value: string) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, value]))
test.each<[string, unknown, number, boolean]>([
  ['a result', { result: 'success', amount: 100 }, 2, true],
  ['a result as JSON', '{"result":"success","amount":"100"}', 2, true],
  ['no JSON', 'success', 1, true],
  ['a long text that is no JSON', 'x'.repeat(100_000), 2, false],
  ['a JSON string', JSON.stringify('success'), 1, true],
  ['a long JSON string', JSON.stringify('x'.repeat(100_000)), 2, false],
  ['a long JSON string in Chinese', JSON.stringify('卡'.repeat(100_000)), 2, false],
  ['a long list', Array(50_000).fill(1), 2, false],
  ['as many fields as are taken', some(100, 'x'), 100, true],
  ['one field more', some(101, 'x'), 100, false],
  ['many fields', some(5000, 'x'), 100, false],
  ['many fields as JSON', JSON.stringify(some(5000, 'x')), 100, false],
  ['many texts, none of them long', some(100, 'x'.repeat(500)), 100, false],
  ['one long text', { result: 'success', raw: 'x'.repeat(100_000) }, 3, false],
  [
    'names that are too long',
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 'x'.repeat(1000), ''])),
    2,
    false,
  ],
])('what is kept of %s', (_, handed, count, whole) => {
  const fields = asFields(handed)
  expect([Object.keys(fields).length, cut in fields]).toEqual([count, !whole])
  expect(whole || !readable(fields)).toBe(true)
  expect(new TextEncoder().encode(JSON.stringify(fields)).length).toBeLessThan(41_000) // of the 64 KiB of a request
})

// What the server answers to a result, and whether the terminal still has it then, and after a restart. Only a
// successful answer that names the result lets it go.
test.each<[string, Answer, boolean]>([
  ['it has it', { status: 200, body: { acknowledged: '26', accepted: true, order } }, false],
  [
    'it has it, and it was not taken',
    { status: 200, body: { acknowledged: '26', accepted: false, reason: '金额与订单不符', order } },
    false,
  ],
  ['it has another', { status: 200, body: { acknowledged: '27', accepted: true, order } }, true],
  ['it does not say so', { status: 200, body: { id: 'o1', version: 2 } }, true],
  ['somebody else says yes to everything', { status: 200, body: '<html>' }, true],
  ['nothing', { status: 204 }, true],
  ['an acknowledgement within an error', { status: 400, body: { acknowledged: '26', accepted: true } }, true],
  ['no line', { status: 0 }, true],
  ['400', { status: 400, body: { code: 'invalid_request' } }, true],
  ['401', { status: 401, body: { code: 'unauthenticated' } }, true],
  ['403', { status: 403, body: { code: 'forbidden' } }, true],
  ['404', { status: 404, body: { code: 'not_found' } }, true],
  ['409', { status: 409, body: { code: 'wrong_state' } }, true],
  ['410', { status: 410, body: {} }, true],
  ['413', { status: 413, body: {} }, true],
  ['415', { status: 415, body: {} }, true],
  ['422', { status: 422, body: {} }, true],
  ['429', { status: 429, body: {} }, true],
  ['500', { status: 500, body: {} }, true],
  ['502', { status: 502, body: 'bad gateway' }, true],
  ['503', { status: 503, body: {} }, true],
])('%s', async (_, answer, stays) => {
  const [kept, d] = [shelf(), await device()]
  const asked = play((a) => (a.path === path ? { ...answer } : undefined))
  const told = await new Results(kept, d.session()).report(path, '26', fields).catch((e: unknown) => e)
  expect(told instanceof Error).toBe(stays)
  expect((await kept.all()).length).toBe(stays ? 1 : 0)
  expect(await verified(d, asked[0], '26')).toBe(true)

  const after = new Results(kept, d.session()) // the page starts anew
  const sent = play((a) =>
    a.path === path ? { status: 200, body: { acknowledged: '26', accepted: true, order } } : undefined,
  )
  await after.load()
  await after.deliverAll(true)
  expect(sent.length).toBe(stays ? 1 : 0)
  if (stays)
    expect([sent[0].body.fields, sent[0].body.read_at, await verified(d, sent[0], '26')]).toEqual([
      fields,
      asked[0].body.read_at,
      true,
    ])
  expect(await kept.all()).toEqual([])
})

// A device's clock, in days off, when it gets its token, when the card is read, and when the result is sent again.
// The server judges by its own.
test.each([
  [2, 0, 0],
  [-2, 0, 0],
  [0, 2, 2],
  [0, -2, -2],
  [2, 2, 2],
  [2, 0, -3],
  [0, 400, 0],
  [-20000, 0, 0],
])('a clock %d days off at the token, %d at the card, %d later', async (atToken, atCard, later) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const began = Date.UTC(2026, 10, 24)
  let server = began
  const set = (days: number) => vi.setSystemTime(server + days * day)
  const [kept, d] = [shelf(), await device()]
  const session = d.session()
  const results = new Results(kept, session)
  let line = false
  const judge = async (a: Ask): Promise<Answer | undefined> => {
    if (a.path === '/v1/terminals/tokens') return near(a.body.timestamp, server) ? undefined : wrongClock(401, server)
    if (!line) return { status: 0 }
    if (!(await verified(d, a, '26'))) return { status: 403, body: { code: 'forbidden' } }
    return near(a.body.timestamp, server)
      ? { status: 200, body: { acknowledged: '26', accepted: true, order } }
      : wrongClock(400, server)
  }
  play(judge)
  set(atToken)
  expect(await session.token(false)).toBe('token')
  set(atCard)
  await expect(results.report(path, '26', fields)).rejects.toThrow()
  expect((await kept.all())[0].read_at).toBe(Math.floor((server + atCard * day) / 1000))
  line = true
  server += 60_000 * 5
  set(later)
  await results.deliverAll(true)
  expect([results.waiting, await kept.all(), d.refused.mock.calls.length]).toEqual([[], [], 0])
})

test('one that is stuck holds up no other, and is sent more seldom', async () => {
  const [kept, d] = [shelf(), await device()]
  const delivered: Delivered[] = []
  let seen = 0
  const results = new Results(
    kept,
    d.session(),
    () => seen++,
    (t) => delivered.push(t),
  )
  let open = false
  const asked = play((a) =>
    a.path.endsWith('/device-reports')
      ? a.path.includes('stuck')
        ? { status: 403, body: { code: 'forbidden', detail: '设备签名未通过校验。', request_id: 'R1' } }
        : open
          ? { status: 200, body: { acknowledged: a.path.includes('o2') ? '02' : '03', accepted: true, order } }
          : { status: 503, body: {} }
      : undefined,
  )
  await expect(results.report('/v1/orders/stuck/attempts/1/device-reports', '01', fields)).rejects.toThrow(
    '设备签名未通过校验',
  )
  await expect(results.report('/v1/orders/o2/attempts/1/device-reports', '02', fields)).rejects.toThrow()
  await expect(results.report('/v1/orders/o3/refunds/1/device-reports', '03', fields)).rejects.toThrow()
  expect(results.of({ id: 'o2' } as never).map((r) => r.number)).toEqual(['02'])
  open = true
  asked.length = 0
  await results.deliverAll()
  // Those of different payments go side by side, and a signature takes as long as it takes: none is first.
  expect(asked.map((a) => a.path).sort()).toEqual([
    '/v1/orders/o2/attempts/1/device-reports',
    '/v1/orders/o3/refunds/1/device-reports',
  ])
  expect(delivered.map((t) => t.acknowledged).sort()).toEqual(['02', '03'])
  expect(results.waiting.map((r) => [r.number, (results.problem(r) as Problem).requestId])).toEqual([['01', 'R1']])
  asked.length = 0
  await results.deliverAll(true) // a person asks, or the line is back
  expect(asked.length).toBe(1)
  expect((await kept.all()).map((r) => r.number)).toEqual(['01'])
  expect(seen).toBeGreaterThan(6)
})

test('a result that hangs on the line holds up no other', async () => {
  const [kept, d] = [shelf(), await device()]
  const results = new Results(kept, d.session())
  play((a) => (a.path.endsWith('/device-reports') ? { status: 0 } : undefined))
  await expect(results.report('/v1/orders/o1/attempts/1/device-reports', '01', fields)).rejects.toThrow()
  await expect(results.report('/v1/orders/o2/attempts/1/device-reports', '02', fields)).rejects.toThrow()
  play((a) =>
    a.path.includes('o1')
      ? new Promise(() => {})
      : a.path.endsWith('/device-reports')
        ? { status: 200, body: { acknowledged: '02', accepted: true, order } }
        : undefined,
  )
  void results.deliverAll(true)
  await vi.waitFor(() => expect(results.waiting.map((r) => r.number)).toEqual(['01']))
})

test('results of one payment are sent in their order', async () => {
  const [kept, d] = [shelf(), await device()]
  const results = new Results(kept, d.session())
  play((a) => (a.path === path ? { status: 0 } : undefined))
  for (const result of ['success', 'failed']) await expect(results.report(path, '26', { result })).rejects.toThrow()
  const asked = play((a) =>
    a.path === path ? { status: 200, body: { acknowledged: '26', accepted: true, order } } : undefined,
  )
  await Promise.all([results.deliverAll(true), results.deliverAll(true)])
  expect(asked.map((a) => (a.body.fields as { result: string }).result)).toEqual(['success', 'failed'])
  expect(await kept.all()).toEqual([])
})

test('a device that was paired anew signs with the key that read the card', async () => {
  const [kept, former] = [shelf(), await device('t1')]
  play((a) => (a.path === path ? { status: 0 } : undefined))
  await expect(new Results(kept, former.session()).report(path, '26', fields)).rejects.toThrow()
  const d = await device('t2', { t1: former.keys.privateKey })
  const results = new Results(kept, d.session())
  const asked = play((a) =>
    a.path === path ? { status: 200, body: { acknowledged: '26', accepted: true, order } } : undefined,
  )
  await results.load()
  await results.deliverAll(true)
  expect([asked.length, asked[0].body.terminal, await verified(former, asked[0], '26')]).toEqual([1, 't1', true])
  expect(await kept.all()).toEqual([])
})

test('a disk that takes nothing does not lose the result while the page lives', async () => {
  const [kept, d] = [shelf(), await device()]
  const results = new Results(kept, d.session())
  kept.fails = true
  play((a) => (a.path === path ? { status: 0 } : undefined))
  await expect(results.report(path, '26', fields)).rejects.toThrow()
  await results.load()
  expect(results.waiting.map(stored)).toEqual([false])
  const paired = new Results(kept, d.session(), undefined, undefined, results.unwritten) // the device is paired anew
  await paired.load()
  expect(paired.waiting).toEqual(results.waiting)
  await expect(paired.report(path, '27', fields)).rejects.toThrow()
  expect(new Set(paired.waiting.map((r) => r.id)).size).toBe(2)
  paired.unwritten.pop()
  play((a) => (a.path === path ? { status: 200, body: { acknowledged: '26', accepted: true, order } } : undefined))
  await results.deliverAll(true)
  expect(results.waiting).toEqual([])
})

// Whether a refusal of the token ends the pairing: only the server's own, again and again.
test.each<[string, Answer[], boolean, boolean]>([
  ['the device is not known', Array<Answer>(3).fill({ status: 401, body: { code: 'unauthenticated' } }), false, true],
  ['the line brought the proof twice', [{ status: 401, body: { code: 'unauthenticated' } }], true, false],
  ['the clock is off', [wrongClock(401, Date.now())], true, false],
  ['the clock is off, and off again', [wrongClock(401, Date.now() + day), wrongClock(401, Date.now())], true, false],
  ['the clock is never right', Array<Answer>(3).fill(wrongClock(401, Date.now())), false, false],
  ['something before the server refuses', [{ status: 401, body: '<html>' }], false, false],
  ['no line', [{ status: 0 }], false, false],
  ['503', [{ status: 503, body: {} }], false, false],
])('a token, and %s', async (_, answers, given, ended) => {
  const d = await device()
  play((a) => (a.path === '/v1/terminals/tokens' ? answers.shift() : undefined))
  expect(
    await d
      .session()
      .token(false)
      .catch(() => ''),
  ).toBe(given ? 'token' : '')
  expect(d.refused.mock.calls.length > 0).toBe(ended)
})

// Where results wait, what the last try came to, and what people are told. Add a line for another.
const waits = (id: number): Kept => ({ id, device: 't1', path, number: '26', fields, read_at: 0 })
const no = new Problem(503, 'unavailable', '', '', {})
test.each<[string, Kept[], Problem | undefined, boolean, string[]]>([
  ['nothing waits', [], undefined, false, []],
  ['one is on its way', [waits(1)], undefined, false, []],
  ['one did not get through', [waits(1)], no, false, ['unsent 1']],
  ['the pairing ended', [waits(1)], undefined, true, ['unsent_unpaired 1']],
  ['one is on no disk', [waits(-1)], undefined, false, ['unstored 1']],
  ['one is on no disk and did not get through', [waits(1), waits(-1)], no, false, ['unstored 1', 'unsent 2']],
])('what people are told when %s', async (_, results, problem, unpaired, told) => {
  const words = ['unsent', 'unsent_unpaired', 'unstored', 'retry', 'request']
  const messages = { en: Object.fromEntries(words.map((w) => [w, `${w} {n}`])) }
  const app = createSSRApp(Unsent, { results, problem, unpaired }).use(
    createI18n({ legacy: false, locale: 'en', messages }),
  )
  expect((await renderToString(app)).match(/\buns\w+ \d/g) ?? []).toEqual(told)
})
