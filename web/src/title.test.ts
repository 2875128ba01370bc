import { afterEach, expect, test, vi } from 'vitest'
import { billTitle, month } from './title'

const lang = vi.hoisted(() => ({ current: 'zh' }))
vi.mock('./api', () => ({ language: lang }))
afterEach(() => {
  lang.current = 'zh'
})

// title, in Chinese, in English: a line a trap
test.each([
  ['物业费 2026年11月', '物业费 2026年11月', '物业费 Nov 2026'],
  ['物业费 2026年1月', '物业费 2026年1月', '物业费 Jan 2026'],
  ['物业费 2026-01', '物业费 2026年1月', '物业费 Jan 2026'], // an order of before
  ['2025年3月补收 2026年12月', '2025年3月补收 2026年12月', '2025年3月补收 Dec 2026'],
  ['物业费 2026-13', '物业费 2026-13', '物业费 2026-13'],
  ['物业费 2026年13月', '物业费 2026年13月', '物业费 2026年13月'],
  ['车位 2026-11-1', '车位 2026-11-1', '车位 2026-11-1'],
  ['预存款', '预存款', 'Prepayment'], // an order that pays ahead
  ['预存款 2026年11月', '预存款 2026年11月', '预存款 Nov 2026'], // a bill of a fee of that name
  ['', '', ''],
])('%s', (title, zh, en) => {
  expect(billTitle(title)).toBe(zh)
  lang.current = 'en'
  expect(billTitle(title)).toBe(en)
})

test('a period', () => {
  expect(['2026-11', '2026-01', ''].map(month)).toEqual(['2026年11月', '2026年1月', ''])
  lang.current = 'en'
  expect(['2026-11', '2026-01'].map(month)).toEqual(['Nov 2026', 'Jan 2026'])
})
