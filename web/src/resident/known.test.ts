import { beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '../api'
import { known, knownBy } from './known'

// no component is mounted here
vi.mock('vue', async (real) => ({ ...(await real<typeof import('vue')>()), onUnmounted: () => {} }))

// A tab's storage, whose keys are its own properties, as a browser's are.
beforeEach(() => {
  const tab = Object.create({
    getItem(k: string) {
      return (this as Record<string, string>)[k] ?? null
    },
    setItem(k: string, v: string) {
      ;(this as Record<string, string>)[k] = v
    },
    removeItem(k: string) {
      delete (this as Record<string, string>)[k]
    },
  }) as Storage
  vi.stubGlobal('sessionStorage', tab)
  vi.stubGlobal('addEventListener', () => {})
})

const away = () => Promise.reject(new Problem(0, 'offline', '', '', {}))

async function seen(get: () => Promise<string>) {
  const { value, busy } = known(() => 'homes', get)
  await vi.waitFor(() => expect(busy.value).toBe(false))
  return value.value
}

test('without a line a person sees what they saw last', async () => {
  knownBy('wang')
  await seen(async () => '1栋 101')
  knownBy('wang') // a reload, or a renewed session
  expect(await seen(away)).toBe('1栋 101')
})

test.each([
  [
    'after a log-out',
    () => {
      knownBy(undefined)
      knownBy('li')
    },
  ],
  ['in a tab that slept through the log-out', () => knownBy('li')],
])('nobody sees what another person saw, %s', async (_, change) => {
  knownBy('wang')
  await seen(async () => '1栋 101')
  change()
  expect(await seen(away)).toBeUndefined()
})

test('what comes after a log-out is not kept', async () => {
  knownBy('wang')
  let come = (_: string) => {}
  const looking = seen(
    () =>
      new Promise((ok) => {
        come = ok
      }),
  )
  knownBy(undefined)
  come('1栋 101')
  await looking
  expect(JSON.stringify(sessionStorage)).not.toContain('101')
})
