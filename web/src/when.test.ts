import { afterEach, expect, test, vi } from 'vitest'
import { createRenderer, h, nextTick } from 'vue'
import { sayingOf } from './say.play'
import { shared } from './texts'
import { near, useNear } from './when'

const lang = vi.hoisted(() => ({ current: 'zh' }))
vi.mock('./api', () => ({ language: lang }))
afterEach(() => {
  lang.current = 'zh'
  vi.useRealTimers()
})

const t = sayingOf(shared)
const day = '2026-11-28'

test.each([
  ['2026-11-28T23:59:59+08:00', '今天 23:59', 'today 23:59'],
  ['2026-11-28T00:00:00+08:00', '今天 00:00', 'today 00:00'],
  ['2026-11-27T16:00:00Z', '今天 00:00', 'today 00:00'],
  ['2026-11-27T15:59:59Z', '昨天 23:59', 'yesterday 23:59'],
  ['2026-11-27T00:00:00+08:00', '昨天 00:00', 'yesterday 00:00'],
  ['2026-11-29T00:00:00+08:00', '明天 00:00', 'tomorrow 00:00'],
  ['2026-11-29T23:59:59+08:00', '明天 23:59', 'tomorrow 23:59'],
  ['2026-11-30T00:00:00+08:00', '11月30日 00:00', 'Nov 30 00:00'],
  ['2026-11-26T23:59:00+08:00', '11月26日 23:59', 'Nov 26 23:59'],
  ['2025-12-31T16:00:00Z', '1月1日 00:00', 'Jan 1 00:00'],
  ['2025-12-31T15:59:59Z', '2025年12月31日', 'Dec 31, 2025'],
  ['2027-01-02T01:00:00+08:00', '2027年1月2日', 'Jan 2, 2027'],
])('%s is said as %s, or %s', (at, chinese, english) => {
  expect(near(at, sayingOf(shared, false), day)).toBe(chinese)
  lang.current = 'en'
  expect(near(at, t, day)).toBe(english)
  expect(near(Date.parse(at), t, day)).toBe(english)
})

test('the day before the first of a year is yesterday', () => {
  expect(near('2026-12-31T23:59:00+08:00', t, '2027-01-01')).toBe('yesterday 23:59')
})

test('a page that stands open over midnight in Shanghai says yesterday of what was today', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T23:59:50+08:00') })
  let said = ''
  const Line = {
    setup() {
      const near = useNear(t)
      return () => ((said = near('2026-11-28T14:05:00+08:00')), null)
    },
  }
  const node = () => ({})
  const nothing = () => {}
  const { createApp } = createRenderer({
    createElement: node,
    createText: node,
    createComment: node,
    insert: nothing,
    remove: nothing,
    patchProp: nothing,
    setText: nothing,
    setElementText: nothing,
    parentNode: () => null,
    nextSibling: () => null,
  })
  const app = createApp({ render: () => h(Line) })
  app.mount({})
  await nextTick()
  expect(said).toBe('today 14:05')
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(60_000)
  await nextTick()
  expect(said).toBe('yesterday 14:05')
  app.unmount()
  await nextTick()
  expect(vi.getTimerCount()).toBe(0)
})
