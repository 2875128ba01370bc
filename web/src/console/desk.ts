import { inject, type InjectionKey, type Ref } from 'vue'
import type { LoginSession } from '../session'
import type { Badge, Role, Waits } from './pages'

// What App knows and every page under it needs.
export interface Desk {
  // may reports whether who is logged in has one of some roles.
  may: (...some: Role[]) => boolean
  // waits is how much waits; recount counts anew what waits behind a line of the menu.
  waits: Waits
  recount: (badge: Badge) => void
  logOut: () => void
  // missing is the record that the address names and that there is not.
  missing: Ref<Missing | undefined>
}

export interface Missing {
  what: 'order' | 'unit' | 'account' | 'endpoint'
  id: string
}

export const deskKey: InjectionKey<Desk> = Symbol('desk')

export const useDesk = () => inject(deskKey)!

// named gives a cell its column's name, behind which it stands on a phone (sizes.css).
export function named({ column }: { column: { label?: string } }): Record<`--${string}`, string> {
  return { '--name': JSON.stringify(column.label ?? '') }
}

// audits reports whether it is an auditor who looks: they are shown everything and no button that changes something.
export function audits(session: LoginSession): boolean {
  return session.who?.staff?.roles.includes('auditor') ?? false
}
