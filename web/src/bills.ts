import { yuan } from './money'
import type { Say } from './say'
import type { SharedTexts } from './texts'
import type { Bill } from './types'

// billFacts says how what is owed of a bill comes about: what it was made for, what corrected it, and what is paid of
// it. Nothing where all of it is owed.
export function billFacts(
  b: Pick<Bill, 'amount' | 'billed' | 'owed' | 'corrections' | 'prepaid'>,
  t: Say<SharedTexts>,
): string {
  const facts = (b.corrections ?? []).map((c) => t(`by_${c.kind}`, { amount: yuan(c.amount) }))
  if (b.owed < b.billed) facts.push(t('bill_paid', { amount: yuan(b.billed - b.owed) }))
  if (b.prepaid) facts.push(t('bill_prepaid', { amount: yuan(b.prepaid) }))
  return facts.length ? [t('bill_of', { amount: yuan(b.amount) }), ...facts].join(t('listed')) : ''
}
