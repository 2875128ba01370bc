import { expect, test } from 'vitest'
import { apart } from './members'

test('an auditor has no other role, whichever is chosen last', () => {
  expect(apart(['cashier', 'finance'], ['cashier'])).toEqual(['cashier', 'finance'])
  expect(apart(['cashier', 'finance', 'auditor'], ['cashier', 'finance'])).toEqual(['auditor'])
  expect(apart(['auditor', 'cashier'], ['auditor'])).toEqual(['cashier'])
  expect(apart(['auditor'], [])).toEqual(['auditor'])
  expect(apart([], ['auditor'])).toEqual([])
})
