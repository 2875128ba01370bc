// Amounts are integers in fen; no division that could leave a fraction is done on them.
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${sign}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`
}

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',')

// count is how many of something there are, as people read it: 34,504.
export const count = (n: number) => (n < 0 ? '-' : '') + grouped(String(Math.abs(n)))

export function sum(amounts: number[]): number {
  return amounts.reduce((a, b) => a + b, 0)
}

// roundUp is the next sum that can be paid in notes of one kind.
export function roundUp(fen: number, note: number): number {
  return fen + ((note - (fen % note)) % note)
}

// Why a text is no amount, and what else a field may find wrong with one. Their texts are amount_….
export const refusals = [
  'missing',
  'hidden',
  'sign',
  'space',
  'form',
  'dot',
  'comma',
  'decimals',
  'zeros',
  'large',
] as const
export type Refusal = (typeof refusals)[number]
export type Misfit = Refusal | 'zero' | 'less' | 'more'

// Spaces, and what programs put around a text that is copied from them.
const space = '[\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const around = `(?:${space}|[\\u200b-\\u200e\\u202a\\u202c\\u202d\\u2060\\u2066\\u2069\\ufeff])`
const [leading, trailing, spaces] = [new RegExp(`^${around}+`), new RegExp(`${around}+$`), new RegExp(space, 'g')]
// Characters that cannot be seen, or that turn round how others are shown.
const hidden = /[\0-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/

// typed reads an amount in yuan as a person types it, as money.ParseTyped does in the server:
// money/testdata/typed.json is the table of cases for both. It is fen, never negative and far below 2^53, or why
// there is no amount.
export function typed(text: string): number | Refusal {
  text = text.replace(leading, '').replace(trailing, '')
  if (hidden.test(text)) return 'hidden'
  text = narrow(text)
    .replace(/^(¥|RMB|CNY|人民币) */i, '')
    .replace(/ *(元整?|RMB|CNY)$/i, '')
  if (text === '') return 'missing'
  if (/[-+\u2010-\u2015\u2212]/.test(text)) return 'sign'
  if (!/^[0-9., ]+$/.test(text)) return 'form'
  if (text.includes(' ')) return 'space'
  return figures(text)
}

// narrow turns full-width characters into their usual width, any space into the usual one, and 。, which input methods
// type for the point, into one.
function narrow(text: string): string {
  const half = text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  return half.replaceAll('。', '.').replaceAll('￥', '¥').replace(spaces, ' ')
}

// figures reads digits, commas and points. What is left of them is the number of fen, digit by digit.
function figures(text: string): number | Refusal {
  const [whole, cents, ...more] = text.split('.')
  const digits = whole.replaceAll(',', '')
  if (more.length || whole === '' || cents === '') return 'dot'
  if (cents?.includes(',') || (digits !== whole && !/^[1-9]\d{0,2}(,\d{3})+$/.test(whole))) return 'comma'
  if ((cents ?? '').length > 2) return 'decimals'
  if (/^0\d/.test(digits)) return 'zeros'
  if (digits.length > 10) return 'large'
  return Number(digits + (cents ?? '').padEnd(2, '0'))
}

// Entry is what a field makes of what is typed into it: fen that may be sent, or what is wrong, and by how much.
export type Entry = { fen: number; wrong?: undefined } | { fen?: number; wrong: Misfit; by?: number }

// entry reads a field for an amount that must be within what the field takes, and more than nothing but with zero.
export function entry(text: string, { least = 0, most = Infinity, zero = false } = {}): Entry {
  const fen = typed(text)
  if (typeof fen === 'string') return { wrong: fen }
  if (fen === 0 && !zero) return { fen, wrong: 'zero' }
  if (fen < least) return { fen, wrong: 'less', by: least - fen }
  if (fen > most) return { fen, wrong: 'more', by: fen - most }
  return { fen }
}
