// What the server of the demo puts into its start page; there is nothing of it in production.
import type { Role } from '../types'

export interface Staff {
  login: string
  password: string
  name: string
  roles: Role[]
}
export interface Resident {
  phone: string
  name: string
  unit: string
}
export interface Demo {
  wallet_url: string
  password: string
  companies: { name: string; staff: Staff[]; terminals: { name: string; code: string }[] }[]
  residents: Resident[]
}

const island = document.getElementById('demo')?.textContent
export const demo: Demo | undefined = island ? JSON.parse(island) : undefined
