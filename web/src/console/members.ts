import type { Said } from '../say'
import type { Member, Role } from '../types'
import type { member } from './texts/member'

// roles of staff, in the order in which they are shown.
export const roles = ['cashier', 'finance', 'operations', 'auditor'] as const

// apart keeps an auditor from having another role, which the server refuses: what was chosen last stays.
export function apart(now: Role[], before: Role[]): Role[] {
  if (now.length < 2 || !now.includes('auditor')) return now
  return before.includes('auditor') ? now.filter((r) => r !== 'auditor') : ['auditor']
}

// standing is how a member stands, as a text's key.
export function standing(m: Member): 'm_new' | 'm_disabled' | 'm_code' | 'm_active' {
  if (m.request?.state === 'requested' && m.request.new) return 'm_new'
  if (m.disabled) return 'm_disabled'
  return m.must_change ? 'm_code' : 'm_active'
}

export const standingColors = { m_new: 'warning', m_disabled: 'info', m_code: 'warning', m_active: 'success' } as const

// wishes are what a request asks for, as texts' keys with what they name.
export function wishes(
  m: Member,
  roleNames: (roles: Role[]) => string,
  place: (communities: string[], regions?: string[]) => string,
): Said<typeof member>[] {
  const r = m.request
  if (!r) return []
  const args = { roles: roleNames(r.roles ?? []), place: place(r.communities ?? [], r.regions) }
  const wish = (asked: boolean | undefined, said: Said<typeof member>) => (asked ? [said] : [])
  if (r.new) return [['wish_new', args]]
  return [
    ...wish(!!r.roles?.length, ['wish_rights', args]),
    ...wish(r.enable, ['wish_enable']),
    ...wish(r.password, ['wish_password']),
  ]
}

// deviceOf names a browser and its system by what it calls itself.
export function deviceOf(agent: string): string {
  const find = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1]
  const browser = find([
    [/MicroMessenger/, 'WeChat'],
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ])
  const system = find([
    [/Windows/, 'Windows'],
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ])
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40)
}
