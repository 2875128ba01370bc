import { useAddress } from './address'
import type { ConsoleText } from './texts'

// Lists are sorted by the API: `sort=amount`, or the other way round `sort=-amount`.

// Sorting is one field that a list can be sorted by. Of times and amounts people want the newest and the largest first,
// of names the beginning.
export interface Sorting {
  by: string
  name: ConsoleText
  kind: 'time' | 'size' | 'name'
}

// ways are the two ways round of a field, the one that people want first before the other.
export const ways = (s: Sorting): string[] => (s.kind === 'name' ? [s.by, `-${s.by}`] : [`-${s.by}`, s.by])

// sortsOf are the orders that an address may name, the usual one first.
export function sortsOf(usual: string, fields: readonly Sorting[]): [string, ...string[]] {
  return [usual, ...fields.flatMap(ways).filter((s) => s !== usual)]
}

// direction is what a column's head says of the order (aria-sort).
export function direction(sort: string, by: string): 'ascending' | 'descending' | 'none' {
  if (sort === by) return 'ascending'
  return sort === `-${by}` ? 'descending' : 'none'
}

// next is the order after a column's head was pressed: the way round that people want first, then the other, then the
// usual order.
export function next(sort: string, field: Sorting, usual: string): string {
  const [first, second] = ways(field)
  if (sort === first) return second
  return sort === second && !ways(field).includes(usual) ? usual : first
}

// useSorting is the order of a page's list, which stands in its address; usual is the API's own, '' where that is none
// of a field's.
export function useSorting(usual: string, ...fields: Sorting[]) {
  const { sort } = useAddress({ sort: sortsOf(usual, fields) })
  return { sort, fields, usual, of: (by: string) => fields.find((f) => f.by === by)! }
}

// wayName says which way round an order is.
export function wayName(sort: string, field: Sorting): ConsoleText {
  const first = sort === ways(field)[0]
  if (field.kind === 'time') return first ? 'newest_first' : 'oldest_first'
  if (field.kind === 'size') return first ? 'largest_first' : 'smallest_first'
  return first ? 'in_order' : 'in_reverse'
}
