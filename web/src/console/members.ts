import type { Member } from '../types'

// roles of staff, in the order in which they are shown.
export const roles = ['cashier', 'finance', 'operations', 'auditor'] as const

// apart keeps an auditor from having another role, which the server refuses: what was chosen last stays.
export function apart(now: string[], before: string[]): string[] {
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
  roleNames: (roles: string[]) => string,
  place: (communities: string[], regions?: string[]) => string,
): { key: string; args: Record<string, string> }[] {
  const r = m.request
  if (!r) return []
  const args = { roles: roleNames(r.roles ?? []), place: place(r.communities ?? [], r.regions) }
  return [
    ...(r.new ? [{ key: 'wish_new', args }] : []),
    ...(r.roles?.length && !r.new ? [{ key: 'wish_rights', args }] : []),
    ...(r.enable && !r.new ? [{ key: 'wish_enable', args }] : []),
    ...(r.password && !r.new ? [{ key: 'wish_password', args }] : []),
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

// texts of the pages of staff and of one's own account.
export const memberTexts: Record<string, [string, string]> = {
  staff: ['员工', 'Staff'],
  my_account: ['我的账号', 'My account'],
  role: ['角色', 'Roles'],
  role_cashier: ['收银', 'Cashier'],
  role_finance: ['财务', 'Finance'],
  role_operations: ['运营', 'Operations'],
  role_auditor: ['审计员', 'Auditor'],
  does_cashier: ['收款、申请退款、交班', 'collects, asks for refunds'],
  does_finance: ['对账、审批退款、处理异常款', 'reconciles, approves refunds, unapplied funds'],
  does_operations: ['终端、商户号、员工', 'terminals, merchant accounts, staff'],
  does_auditor: [
    '查看全部与操作日志，不能更改；不兼任其他角色',
    'sees all and the audit log, changes nothing; no other role',
  ],
  staff_hint: [
    '授予权限（添加员工、增加角色或小区、重新启用、重置密码）须由另一位财务或运营人员审批；停用、收回权限和退出登录立即生效。',
    'Giving rights (a new member, more roles or communities, enabling, another password) waits for another person ' +
      'in finance or operations; taking them takes effect at once.',
  ],
  add_member: ['添加员工', 'Add a member'],
  change_rights: ['修改权限', 'Change rights'],
  reset_password: ['重置密码', 'Reset password'],
  devices: ['登录设备', 'Sessions'],
  reach: ['权限范围', 'Reach'],
  reach_regions: ['按区域', 'Regions'],
  reach_communities: ['按小区', 'Communities'],
  reach_company_means: ['全部小区，以后新增的也包括在内', 'all communities, those that come later too'],
  reach_regions_means: [
    '区域内的小区，以后加入区域的也包括在内',
    'the communities of regions, those that join later too',
  ],
  reach_communities_means: ['只有所选的小区', 'the chosen communities alone'],
  person_name: ['姓名', 'Name'],
  login_hint: [
    '2 至 64 个字母、数字、点、下划线或减号，用于登录，不可更改',
    '2 to 64 letters, digits, dots, underscores or hyphens; it cannot be changed',
  ],
  m_active: ['在用', 'Active'],
  m_disabled: ['已停用', 'Disabled'],
  m_code: ['待设置密码', 'Password to be set'],
  m_new: ['待审批', 'To be approved'],
  yourself: ['本人', 'you'],
  no_staff: ['没有其他员工', 'No other staff'],
  waits_for_two: ['待审批', 'To be approved'],
  a_change_waits: ['有变更待审批', 'a change waits'],
  wish_new: ['添加为 {roles}，范围：{place}', 'To be added as {roles}, for {place}'],
  wish_rights: ['改为 {roles}，范围：{place}', 'To have {roles}, for {place}'],
  wish_enable: ['重新启用账号', 'To be enabled again'],
  wish_password: ['重置登录密码', 'To get a one-time password'],
  has_now: ['现为 {roles}，范围：{place}', 'Has {roles}, for {place}'],
  no_role: ['无角色', 'no role'],
  asked_by_at: ['{name} 于 {at} 申请', 'asked by {name}, {at}'],
  decide_by: ['{at} 前有效', 'until {at}'],
  own_request: ['本人提出，须由他人审批', 'your own; another person decides'],
  about_you: ['与您本人有关，须由他人审批', 'about you; another person decides'],
  withdraw: ['撤回', 'Withdraw'],
  withdrawn: ['已撤回', 'Withdrawn'],
  approve_member: ['批准后立即生效。', 'It takes effect at once.'],
  approve_code: [
    '批准后会显示一次性密码的后半部分，请您亲自告诉本人，不要告诉申请人。',
    'You are shown the second half of the one-time password then: tell the person yourself, and not who asked.',
  ],
  refused_why: ['已驳回：{note}', 'Refused: {note}'],
  member_expired: ['申请已过期', 'The request expired'],
  member_approved: ['已批准', 'Approved'],
  reset_sure: [
    '重置后须由另一位财务或运营人员批准；批准前原密码仍可使用，批准后原密码失效，所有登录退出。',
    'Another person in finance or operations must approve. Until then the old password is good; after that it is ' +
      'not, and all sessions end.',
  ],
  off_sure: [
    '停用后 {name} 立即不能登录，一分钟内所有设备退出。重新启用须由他人审批。',
    '{name} cannot log in any more, and is out of all devices within a minute. Enabling again needs another person.',
  ],
  off_done: ['已停用', 'Disabled'],
  enable_sure: [
    '重新启用 {name} 须由另一位财务或运营人员批准。',
    'Another person in finance or operations must approve that {name} is enabled again.',
  ],
  asked_done: ['已提交，等待他人审批', 'Asked for; another person decides'],
  saved_now: ['已生效', 'In force'],
  code_title: ['一次性密码', 'One-time password'],
  code_first: ['前半部分', 'First half'],
  code_second: ['后半部分', 'Second half'],
  code_first_hint: [
    '请亲自把前半部分告诉 {name}。另一位财务或运营人员批准后会得到后半部分。',
    'Tell {name} this half yourself. Whoever approves gets the second one.',
  ],
  code_second_hint: [
    '请亲自把后半部分告诉 {name}。前半部分在申请人那里。',
    'Tell {name} this half yourself. Who asked has the first one.',
  ],
  code_use: [
    '登录时输入：前半部分-后半部分（中间一个减号），登录后须设置自己的密码，3 天内有效。关闭后不再显示。',
    'The password is: first half, a hyphen, second half. It is good for three days, and changed at the log-in. It ' +
      'is not shown again.',
  ],
  noted: ['已记下', 'I have noted it'],
  no_sessions: ['没有登录的设备', 'Not logged in anywhere'],
  this_device: ['本机', 'this device'],
  opened_at: ['{at} 登录', 'logged in {at}'],
  used_at: ['最近使用 {at}', 'last used {at}'],
  end_session: ['退出', 'End'],
  end_all: ['全部退出', 'End all'],
  end_others: ['退出其他设备', 'Log out elsewhere'],
  ended_now: ['已退出', 'Ended'],
  unknown_device: ['未知设备', 'unknown device'],
  change_password: ['修改密码', 'Change password'],
  current_password: ['当前密码', 'Current password'],
  new_password: ['新密码', 'New password'],
  new_again: ['再输一次新密码', 'New password again'],
  password_hint: [
    '至少 12 个字符，不要用常见的密码。修改后其他设备须重新登录。',
    '12 characters or more, none that is common. Other devices are logged out.',
  ],
  passwords_differ: ['两次输入不一致', 'The two are not the same'],
  password_changed: ['密码已修改', 'Password changed'],
  set_password: ['设置您的密码', 'Choose your password'],
  set_password_hint: [
    '您正在使用一次性密码，请先设置自己的密码。',
    'You came in with a one-time password: choose your own first.',
  ],
  one_time_password: ['一次性密码', 'One-time password'],
  unpair: ['解除配对', 'Unpair'],
  unpair_sure: [
    '解除后终端 {name} 立即不能收款，须用新的配对码重新配对。尚未送达的刷卡结果保留在终端上。',
    'The terminal {name} takes no money any more and must be paired again with a new code. Card results that wait ' +
      'stay on it.',
  ],
  unpaired_now: ['已解除配对', 'Unpaired'],
  paired_at: ['配对时间', 'Paired'],
}
