import { expect, test } from 'vitest'
import type { AuthorityLine } from '../types'
import { compared, everything, lacking, lineOf, rowOf } from './authority'

const line = (more: Partial<AuthorityLine> = {}): AuthorityLine => ({
  matter: 'refund',
  role: 'operations',
  up_to: 50_000,
  communities: [],
  ...more,
})
const whole = everything().map((r) => lineOf(r)!)

test('a row says what its line says', () => {
  for (const l of [line(), line({ up_to: undefined }), line({ communities: ['a', 'b'] }), line({ up_to: 123_456_789 })])
    expect(lineOf(rowOf(l))).toEqual({ ...l, ...(l.up_to === undefined ? { up_to: undefined } : {}) })
  expect(rowOf(line({ up_to: 123_456_789 })).limit).toBe('1234567.89')
})

test('a limit is an amount above nothing, and empty is any', () => {
  const with_ = (limit: string) => lineOf({ ...rowOf(line()), limit })
  expect(with_('')?.up_to).toBeUndefined()
  expect(with_(' 500 ')?.up_to).toBe(50_000)
  for (const wrong of ['0', '-1', 'x', '1.234']) expect(with_(wrong)).toBeUndefined()
})

test('what a table gains and loses', () => {
  const more = [...whole, line()]
  expect(compared(whole, more)).toEqual({ added: [line()], removed: [] })
  expect(compared(more, whole)).toEqual({ added: [], removed: [line()] })
  expect(compared([line({ communities: ['a', 'b'] })], [line({ communities: ['b', 'a'] })]).added).toEqual([])
  expect(compared([], more)).toEqual({ added: [line()], removed: [] }) // no table is that finance decides everything
  expect(compared(more, [])).toEqual({ added: [], removed: [line()] })
  expect(compared([line()], [line({ up_to: 60_000 })])).toEqual({ added: [line({ up_to: 60_000 })], removed: [line()] })
})

test('a matter needs a line of any amount for all communities', () => {
  expect(lacking([])).toEqual([])
  expect(lacking(whole)).toEqual([])
  expect(lacking([line()])).toHaveLength(7)
  expect(lacking([...whole.slice(1), line(), line({ up_to: undefined, communities: ['a'] })])).toEqual(['refund'])
})
