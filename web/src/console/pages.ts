import type { Component } from 'vue'
import Accounts from './Accounts.vue'
import Approvals from './Approvals.vue'
import Authority from './Authority.vue'
import Bindings from './Bindings.vue'
import Clients from './Clients.vue'
import Collect from './Collect.vue'
import CutOvers from './CutOvers.vue'
import UnappliedFunds from './UnappliedFunds.vue'
import First from './First.vue'
import Homes from './Homes.vue'
import Import from './Import.vue'
import type { IconName } from './icons'
import Me from './Me.vue'
import Members from './Members.vue'
import Messages from './Messages.vue'
import Orders from './Orders.vue'
import Organisation from './Organisation.vue'
import Payouts from './Payouts.vue'
import Record from './Record.vue'
import Refunds from './Refunds.vue'
import Returns from './Returns.vue'
import Routes from './Routes.vue'
import Settings from './Settings.vue'
import StatementPage from './Statement.vue'
import Terminals from './Terminals.vue'
import type { Role } from '../types'
import type { ConsoleText } from './texts'
import Unconfirmed from './Unconfirmed.vue'
import Webhooks from './Webhooks.vue'

export type { Role } from '../types'
export type Group = 'charge' | 'books' | 'devices' | 'setup'
// Waits is how much waits behind a line of the menu, and behind parts of refunds; '' is nothing.
export type Waits = Partial<Record<Badge | 'requested' | 'abnormal' | 'handouts', string>>
export type Badge = 'bindings' | 'refunds' | 'payouts' | 'returns' | 'exceptions' | 'approvals' | 'webhooks'

// A ConsolePage is a line of the menu, an address, a heading and a title. roles are who may see it, everybody where
// there are none; an auditor sees every page but those that are there to do something. record: the page opens one of
// its lines at an address of its own, `#/NAME/ID`. under: it is of one record of another page, at `#/PAGE/ID/NAME`, and
// stands in no menu. placed: it can be narrowed to one community.
export interface ConsolePage {
  name: string
  title: ConsoleText
  icon: IconName
  group?: Group
  roles?: Role[]
  deed?: boolean
  badge?: Badge
  record?: boolean
  under?: string
  placed?: boolean
  key?: string
  page: Component
}

// pages are the console's pages, in the order of the menu. key is the letter behind `g` that leads there.
export const pages: ConsolePage[] = [
  { name: 'first', title: 'first_page', icon: 'first', key: 'h', page: First },
  {
    name: 'collect',
    title: 'collect',
    icon: 'collect',
    group: 'charge',
    deed: true,
    record: true,
    placed: true,
    key: 'c',
    page: Collect,
  },
  {
    name: 'orders',
    title: 'orders',
    icon: 'orders',
    group: 'charge',
    record: true,
    placed: true,
    key: 'o',
    page: Orders,
  },
  {
    name: 'refunds',
    title: 'refunds',
    icon: 'refunds',
    group: 'charge',
    roles: ['cashier', 'finance', 'operations'],
    badge: 'refunds',
    record: true,
    placed: true,
    key: 'r',
    page: Refunds,
  },
  {
    name: 'payouts',
    title: 'payouts',
    icon: 'payouts',
    group: 'charge',
    roles: ['cashier', 'finance'],
    badge: 'payouts',
    record: true,
    placed: true,
    key: 'x',
    page: Payouts,
  },
  {
    name: 'homes',
    title: 'homes',
    icon: 'homes',
    group: 'charge',
    roles: ['cashier', 'operations'],
    record: true,
    placed: true,
    key: 'u',
    page: Homes,
  },
  { name: 'statement', title: 'statement', icon: 'homes', under: 'homes', page: StatementPage },
  {
    name: 'bindings',
    title: 'bindings',
    icon: 'bindings',
    group: 'charge',
    roles: ['cashier', 'operations'],
    badge: 'bindings',
    placed: true,
    key: 'b',
    page: Bindings,
  },
  {
    name: 'import',
    title: 'import',
    icon: 'import',
    group: 'charge',
    roles: ['operations'],
    deed: true,
    key: 'd',
    page: Import,
  },
  {
    name: 'cutovers',
    title: 'cutovers',
    icon: 'cutovers',
    group: 'books',
    roles: ['finance', 'operations'],
    record: true,
    key: 'f',
    page: CutOvers,
  },
  {
    name: 'returns',
    title: 'returns',
    icon: 'returns',
    group: 'books',
    roles: ['finance'],
    badge: 'returns',
    record: true,
    placed: true,
    key: 'q',
    page: Returns,
  },
  {
    name: 'exceptions',
    title: 'exceptions',
    icon: 'exceptions',
    group: 'books',
    roles: ['finance'],
    badge: 'exceptions',
    record: true,
    placed: true,
    key: 'e',
    page: UnappliedFunds,
  },
  {
    name: 'unconfirmed',
    title: 'unconfirmed',
    icon: 'unconfirmed',
    group: 'books',
    roles: ['cashier', 'finance'],
    record: true,
    placed: true,
    key: 'w',
    page: Unconfirmed,
  },
  {
    name: 'messages',
    title: 'messages',
    icon: 'messages',
    group: 'books',
    roles: ['finance', 'operations'],
    record: true,
    key: 'm',
    page: Messages,
  },
  {
    name: 'terminals',
    title: 'terminals',
    icon: 'terminals',
    group: 'devices',
    placed: true,
    key: 't',
    page: Terminals,
  },
  {
    name: 'approvals',
    title: 'approvals',
    icon: 'approvals',
    group: 'setup',
    roles: ['finance', 'operations'],
    badge: 'approvals',
    key: 'p',
    page: Approvals,
  },
  {
    name: 'organisation',
    title: 'organisation',
    icon: 'organisation',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'n',
    page: Organisation,
  },
  {
    name: 'authority',
    title: 'authority',
    icon: 'authority',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'q',
    page: Authority,
  },
  {
    name: 'settings',
    title: 'settings',
    icon: 'settings',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'v',
    page: Settings,
  },
  {
    name: 'accounts',
    title: 'accounts',
    icon: 'accounts',
    group: 'setup',
    roles: ['finance', 'operations'],
    record: true,
    key: 'a',
    page: Accounts,
  },
  {
    name: 'routes',
    title: 'routes',
    icon: 'routes',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'y',
    page: Routes,
  },
  {
    name: 'webhooks',
    title: 'webhooks',
    icon: 'webhooks',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'z',
    page: Webhooks,
    badge: 'webhooks',
    record: true,
  },
  {
    name: 'staff',
    title: 'staff',
    icon: 'staff',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 's',
    page: Members,
  },
  {
    name: 'clients',
    title: 'api_clients',
    icon: 'clients',
    group: 'setup',
    roles: ['finance', 'operations'],
    key: 'k',
    page: Clients,
  },
  { name: 'record', title: 'record', icon: 'record', group: 'setup', roles: ['finance'], key: 'l', page: Record },
  { name: 'me', title: 'my_account', icon: 'me', group: 'setup', key: 'i', page: Me },
]

// groups of the menu, in its order.
export const groups: Group[] = ['charge', 'books', 'devices', 'setup']

// sees reports whether somebody with these roles may see a page.
export function sees(page: Pick<ConsolePage, 'roles' | 'deed'>, roles: readonly string[]): boolean {
  if (roles.includes('auditor')) return !page.deed
  return !page.roles || page.roles.some((r) => roles.includes(r))
}

// mayHave are the roles with which a page can be seen, to tell who lacks one.
export function mayHave(page: Pick<ConsolePage, 'roles' | 'deed'>): Role[] {
  const roles: Role[] = page.roles ?? ['cashier', 'finance', 'operations']
  return page.deed ? roles : [...roles, 'auditor']
}
