import { expect, test } from 'vitest'
import { long, texts, type Say } from './say'
import { sayingOf } from './say.play'

// What does not compile is held by vue-tsc, which finds each @ts-expect-error below which nothing is wrong.

const table = texts({
  plain: ['甲', 'plain'],
  n_left: ['剩 {n}', '{n} left'],
  of_two: ['{name} 的 {n}', long('{n} of ', '{name}')],
  state_open: ['开', 'open'],
  state_shut: ['关', 'shut'],
})
const more = texts({ ...table, another: ['乙', 'another'] })
const t = sayingOf(table)

test('a text is said with the values that it names', () => {
  const state = 'open' as 'open' | 'shut'
  expect([t('plain'), t('n_left', { n: 2 }), t('of_two', { n: 2, name: 'x' }), t(`state_${state}`)]).toEqual([
    'plain',
    '2 left',
    '2 of x',
    'open',
  ])
})

test('whoever says the texts of a page says those of each table in it', () => {
  const inPart = (say: Say<typeof table>) => say('plain')
  expect(inPart(sayingOf(more))).toBe('plain')
  // @ts-expect-error: a table says no texts of another
  const inWhole: Say<typeof more> = t
  expect(inWhole).toBe(t)
})

export function doNotCompile(any: string, state: 'open' | 'new') {
  // @ts-expect-error: there is no such text
  t('plan')
  // @ts-expect-error: a value is missing
  t('n_left')
  // @ts-expect-error: the value has another name
  t('n_left', { m: 1 })
  // @ts-expect-error: one of two values is missing
  t('of_two', { n: 1 })
  // @ts-expect-error: a value that the text does not name
  t('n_left', { n: 1, m: 2 })
  // @ts-expect-error: the text names no values
  t('plain', { n: 1 })
  // @ts-expect-error: a key made at run time must be one of a list
  t(any)
  // @ts-expect-error: a state without words
  t(`state_${state}`)
  texts({
    // @ts-expect-error: the two languages name other values
    a: ['剩 {n}', '{m} left'],
    // @ts-expect-error: the English names no value
    b: ['剩 {n}', 'left'],
    // @ts-expect-error: what + joins has lost the names in it
    c: ['剩 {n}', '{n} ' + 'left'],
    // @ts-expect-error: one language only
    d: ['剩'],
  })
}
