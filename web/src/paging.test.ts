import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ref } from 'vue'
import { paged, whole } from './paging'
import type { Page } from './types'

// A server with a list of n numbers, in pages no longer than 200.
function serve(n: number) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const args = new URL(path, 'http://x').searchParams
    const from = Number(args.get('cursor') || 0)
    const to = Math.min(from + Math.min(Number(args.get('limit')), 200), n)
    const page = {
      items: Array.from({ length: to - from }, (_, i) => from + i),
      next: to < n ? String(to) : undefined,
      at_most: 200,
    }
    return { ok: true, status: 200, json: async () => page }
  })
  return asked
}

const session = { headers: async () => ({ Authorization: 'Bearer token' }) }
beforeEach(() => vi.stubGlobal('localStorage', { getItem: () => 'zh' }))
afterEach(() => vi.unstubAllGlobals())

test('a whole list is read to its end, with what stands beside it', async () => {
  for (const n of [0, 1, 199, 200, 201, 501]) {
    const asked = serve(n)
    const page = await whole<Page<number> & { at_most: number }>('/v1/list?status=unpaid', session)
    expect(page.items).toEqual(Array.from({ length: n }, (_, i) => i))
    expect([page.next, page.at_most, asked.length]).toEqual([undefined, 200, Math.max(1, Math.ceil(n / 200))])
    expect(asked[0]).toBe('/v1/list?status=unpaid&limit=200')
  }
})

test('a page without an answer fails the whole list rather than shorten it', async () => {
  serve(300)
  const answer = fetch
  let calls = 0
  vi.stubGlobal('fetch', (path: string) => (++calls > 1 ? Promise.reject(new Error('no line')) : answer(path)))
  await expect(whole<Page<number>>('/v1/list', session)).rejects.toThrow()
})

test('a list that is shown page by page says that there is more, and begins anew', async () => {
  serve(51)
  const list = paged<number>(
    () => '/v1/list',
    () => session,
  )
  await list.load()
  expect([list.items.value.length, list.next.value]).toEqual([50, '50'])
  await list.more()
  expect([list.items.value.length, list.next.value]).toEqual([51, ''])
  await list.load()
  expect([list.items.value.length, list.next.value, list.busy.value]).toEqual([50, '50', false])
})

test('a list that remembers how many pages it shows comes back with as many', async () => {
  for (const [n, shown, length, requests] of [
    [120, 2, 100, 1],
    [120, 3, 120, 1],
    [900, 9, 450, 3],
    [30, 4, 30, 1],
  ]) {
    const asked = serve(n)
    const list = paged<number>(
      () => '/v1/list',
      () => session,
      ref(shown),
    )
    await list.load()
    expect([list.items.value.length, list.next.value, asked.length]).toEqual([
      length,
      length < n ? String(length) : '',
      requests,
    ])
    expect(list.items.value).toEqual(Array.from({ length }, (_, i) => i))
  }
  serve(120)
  const pages = ref(1)
  const list = paged<number>(
    () => '/v1/list',
    () => session,
    pages,
  )
  await list.load()
  await list.more()
  await list.refresh()
  expect([pages.value, list.items.value.length]).toEqual([2, 100])
})
