import { inject, type InjectionKey } from 'vue'
import type { LoginSession } from '../session'
import type { Order } from '../types'

// What App knows and every page under it needs.
export interface Desk {
  // heard is told of every order that has changed, so that the menu's counts are those of now.
  heard: (o: Order) => void
}

export const deskKey: InjectionKey<Desk> = Symbol('desk')

export const useDesk = () => inject(deskKey)!

// named gives a cell its column's name, behind which it stands on a phone (console.css).
export function named({ column }: { column: { label?: string } }): Record<`--${string}`, string> {
  return { '--name': JSON.stringify(column.label ?? '') }
}

// audits reports whether it is an auditor who looks: they are shown everything and no button that changes something.
export function audits(session: LoginSession): boolean {
  return session.who?.staff?.roles.includes('auditor') ?? false
}
