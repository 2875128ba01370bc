import type { ApiClient, ApiKey, Right } from '../types'
import type { ConsoleText } from './texts'

// rights of API clients, in the order in which they are shown.
export const rights = [
  'units.read',
  'bills.read',
  'orders.read',
  'orders.write',
  'refunds.write',
  'workbooks.write',
  'terminals.read',
] as const satisfies readonly Right[]

// rightText is the text of a right.
export const rightText = (r: Right) => `right_${r.replace('.', '_')}` as ConsoleText & `right_${string}`

export const clientColors = {
  waiting: 'warning',
  active: 'success',
  expired: 'info',
  refused: 'info',
  revoked: 'info',
} as const

// goodKeys are those of a client that count: there are two at most.
export const goodKeys = (c: ApiClient): ApiKey[] => c.keys.filter((k) => k.active)

// rotatable reports whether another key can be made: not beside two that count.
export const rotatable = (c: ApiClient) => c.state === 'active' && goodKeys(c).length < 2
