import { yuan } from '../money'

// widthOf is how wide a column of amounts is, so that none breaks within its figures: as narrow as can be, and as wide
// as the longest, with what stands before it.
export function widthOf(amounts: (number | undefined)[], least = 105, before = 1): number {
  const longest = amounts.reduce<number>((most, a) => Math.max(most, yuan(a ?? 0).length), 0)
  return Math.max(least, 24 + 8 * (longest + before))
}
