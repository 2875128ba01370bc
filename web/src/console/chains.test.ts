import { expect, test } from 'vitest'
import { firstLooks, monthBack } from './chains'

test('what an auditor looks at first is told of by the audit log', () => {
  const go = Object.values(
    import.meta.glob<string>('../../../audit/verb.go', { query: '?raw', import: 'default', eager: true }),
  ).join('')
  const verbs = new Set([...go.matchAll(/ Verb = "([\w.]+)"/g)].map((m) => m[1]))
  expect(verbs.size).toBeGreaterThan(30)
  expect(firstLooks.map((l) => l.verb).filter((v) => !verbs.has(v))).toEqual([])
})

test.each([
  ['2026-11-29', '2026-10-30'],
  ['2026-03-01', '2026-01-30'],
  ['2028-03-01', '2028-01-31'],
])('thirty days before %s is %s', (day, want) => {
  expect(monthBack(day)).toBe(want)
})
