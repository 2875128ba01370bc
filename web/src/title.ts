import { language } from './api'

// month is a period, yyyy-MM, as people write it: 2026年11月, or Nov 2026.
export function month(period: string): string {
  const [, year, no] = period.match(/^(\d{4})-(0[1-9]|1[0-2])$/) ?? []
  if (!year) return period
  const english = () => new Date(2000, +no - 1).toLocaleString('en-US', { month: 'short' })
  return language.current === 'en' ? `${english()} ${year}` : `${year}年${+no}月`
}

// ahead is the title of an order's item that pays ahead, as the server says it.
const ahead = '预存款'

// billTitle is the title of a bill, or of an order's item, in the reader's language. The server says it in Chinese, and
// that of an old order with yyyy-MM; the fee's name in it stays as it was typed.
export function billTitle(title: string): string {
  if (title === ahead) return language.current === 'en' ? 'Prepayment' : title
  return title.replace(/ (\d{4})(?:年(\d{1,2})月|-(\d{2}))$/, (all, year, no, two) => {
    const period = `${year}-${two ?? no.padStart(2, '0')}`
    return month(period) === period ? all : ' ' + month(period)
  })
}
