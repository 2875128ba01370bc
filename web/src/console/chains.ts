import type { RouteLocationRaw } from 'vue-router'
import { today } from '../time'
import type { ConsoleText } from './texts'

// firstLooks are the deeds that an auditor looks at first: where money or rights went by a person's word alone.
export const firstLooks = [
  { verb: 'refund.out_of_band', text: 'audit_by_hand' },
  { verb: 'exception.dismissed', text: 'audit_ended' },
  { verb: 'staff.approved', text: 'audit_rights' },
  { verb: 'account.approved', text: 'audit_accounts' },
  { verb: 'phones.viewed', text: 'audit_phones' },
  { verb: 'audit.exported', text: 'audit_exports' },
  { verb: 'staff.refused', text: 'audit_refused' },
] as const satisfies { verb: string; text: ConsoleText }[]

// monthBack is the day thirty days before a day, both as yyyy-MM-dd.
export function monthBack(day: string): string {
  return new Date(Date.parse(day) - 30 * 86_400_000).toISOString().slice(0, 10)
}

// lookAt is the audit log of the last thirty days, of one deed.
export const lookAt = (verb: string): RouteLocationRaw => ({
  name: 'record',
  query: { verb, first: monthBack(today()), last: today() },
})
