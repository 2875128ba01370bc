import { inject, type InjectionKey } from 'vue'
import type { LoginSession } from '../session'
import type { Order } from '../types'
import type { Badge, Role } from './pages'

// What App knows and every page under it needs.
export interface Desk {
  // home is where a person lives, as people tell it from others: units of two communities often have the same name.
  home: (o: Order) => string
  // may reports whether who is logged in has one of some roles.
  may: (...some: Role[]) => boolean
  // heard is told of every order that has changed, so that the menu's counts are those of now.
  heard: (o: Order) => void
  // waits is how much waits behind a line of the menu, '' is nothing; recount counts one of them anew.
  waits: Partial<Record<Badge, string>>
  recount: (badge: Badge) => void
  logOut: () => void
}

export const deskKey: InjectionKey<Desk> = Symbol('desk')

export const useDesk = () => inject(deskKey)!

// homeOf is the community, where its name is known, and the unit; money of no unit is called by its order's title.
export function homeOf(o: Pick<Order, 'community' | 'unit' | 'title'>, names: Map<string, string>): string {
  return [names.get(o.community), o.unit.label || o.title].filter(Boolean).join(' · ')
}

// named gives a cell its column's name, behind which it stands on a phone (console.css).
export function named({ column }: { column: { label?: string } }): Record<`--${string}`, string> {
  return { '--name': JSON.stringify(column.label ?? '') }
}

// audits reports whether it is an auditor who looks: they are shown everything and no button that changes something.
export function audits(session: LoginSession): boolean {
  return session.who?.staff?.roles.includes('auditor') ?? false
}
