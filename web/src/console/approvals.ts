import { organisationTexts } from './organisation'
import type { Community, Difference, Institution, MerchantAccount } from '../types'

// What is said of changes that one person asks for and another decides (待审批).
export const approvalTexts: Record<string, [string, string]> = {
  approvals: ['待审批', 'To be approved'],
  approvals_hint: [
    '组织、设置、商户号与支付路由的变更由一人提交、另一人批准后生效。',
    'Changes of the organisation, settings, merchant accounts and routes are asked for by one person and take effect ' +
      'when another approves.',
  ],
  approvals_none: ['没有待审批的变更', 'Nothing waits for approval'],
  approvals_none_hint: [
    '有人提交组织、设置、商户号或支付路由的变更后，会出现在这里，由另一人核对后批准。',
    'When somebody asks for a change of the organisation, settings, a merchant account or routes it stands here, ' +
      'for another person to check and approve.',
  ],
  ap_state_requested: ['待审批', 'To be approved'],
  ap_state_approved: ['已批准', 'Approved'],
  ap_state_refused: ['已驳回', 'Rejected'],
  ap_state_withdrawn: ['已撤回', 'Withdrawn'],
  ap_state_expired: ['已过期', 'Expired'],
  ap_new: ['新增商户号', 'New merchant account'],
  ap_change: ['修改商户号', 'Change of a merchant account'],
  ap_enable: ['启用商户号', 'Enabling a merchant account'],
  ap_routes: ['支付路由', 'Routes'],
  ap_by: ['{name} 于 {at} 提交', 'asked by {name} at {at}'],
  ap_until: ['{at} 前有效', 'can be decided until {at}'],
  ap_reason: ['说明', 'Reason'],
  ap_reason_field: ['说明（给审批人看，可不填）', 'Reason, for whoever approves (may be empty)'],
  ap_item: ['项目', 'What'],
  ap_before: ['变更前', 'Before'],
  ap_after: ['变更后', 'After'],
  ap_nothing: ['（空）', '(none)'],
  ap_default: ['（默认）', '(by default)'],
  ap_secret: ['密钥只显示指纹或“已填写”', 'Of secrets only fingerprints, or that they are there, are shown'],
  ap_set: ['已填写', 'set'],
  ap_secret_changed: ['已更改', 'changed'],
  ap_outdated: [
    '提交之后内容已变更，此申请不能批准：请驳回，或由申请人撤回后重新提交。',
    'What this would change has changed since: it cannot be approved. Reject it, or have it withdrawn and asked ' +
      'for anew.',
  ],
  ap_approve_sure: [
    '批准后立即生效，款项将按新的配置收取。请先核对变更前后的内容。',
    'It takes effect at once: money is then taken as it says. Compare before and after first.',
  ],
  ap_approved: ['已批准，立即生效', 'Approved; it is in force'],
  ap_refused: ['已驳回', 'Rejected'],
  ap_withdrawn: ['已撤回', 'Withdrawn'],
  ap_withdraw: ['撤回', 'Withdraw'],
  ap_test: ['检测待审批的配置', 'Test what is asked for'],
  ap_who: ['可由 {names} 审批', '{names} can approve it'],
  ap_mine: ['您提交的申请，须由另一人审批。', 'You asked for this; another person decides.'],
  ap_nobody: ['没有其他人可以审批', 'Nobody else may approve'],
  ap_nobody_hint: [
    '请由服务器管理员添加第二位负责全公司的财务或运营人员：',
    'Have whoever runs the server add a second person, in finance or operations of the whole company:',
  ],
  ap_submit: ['提交审批', 'Ask for approval'],
  ap_submitted: ['已提交，等待另一人审批', 'Asked for; another person must approve'],
  ap_submit_hint: [
    '提交后须由另一位财务或运营人员批准才生效。',
    'It takes effect once another person, in finance or operations, approves.',
  ],
  ap_replace: ['已有待审批的申请：提交后替换它', 'A request waits already: this one takes its place'],
  ap_replace_sure: [
    '已有待审批的申请，提交后将替换它。确定替换吗？',
    'A request waits already, and this one takes its place. Replace it?',
  ],
  ap_moved: ['更换接口地址时，须重新填写全部密钥。', 'With another address every secret must be entered again.'],
  ap_not_yet: ['未生效', 'Not in force'],
  ap_last: ['最近一次申请：', 'Last request: '],
  yes: ['是', 'yes'],
  no: ['否', 'no'],
}

export type Says = (key: string, args?: Record<string, unknown>) => string

// fieldOf names what a difference is about: a setting as the institution calls it, or a way to pay.
export function fieldOf(d: Difference, t: Says, settings: Institution['settings'] = []): string {
  const fixed: Record<string, string> = { name: 'name', communities: 'collects_for', disabled: 'disabled' }
  if (fixed[d.field]) return t(fixed[d.field])
  if (organisationTexts[d.field]) return t(d.field)
  if (d.field.includes(' · ')) return d.field // a community, and what of it
  const [wallet, method] = d.field.split(' ')
  return method
    ? `${t('w_' + wallet)} ${t('method_' + method)}`
    : (settings.find((s) => s.name === d.field)?.label ?? d.field)
}

// valueOf is one side of a difference in words; '' is nothing.
export function valueOf(
  d: Difference,
  side: 'before' | 'after',
  t: Says,
  places: Community[] = [],
  accounts: MerchantAccount[] = [],
): string {
  const value = d[side] ?? ''
  if (d.field === 'communities')
    return value
      ? value
          .split(', ')
          .map((id) => places.find((c) => c.id === id)?.name ?? id)
          .join(t('comma'))
      : t('whole_company')
  if (d.field === 'disabled') return t(value === 'true' ? 'yes' : 'no')
  if (d.field.startsWith('set_') || d.field === 'org_kind') return settled(d.field, value, t)
  if (d.field.includes(' ') && !d.field.includes(' · '))
    return (
      value &&
      value
        .split(', ')
        .map((id) => accounts.find((a) => a.id === id)?.name || id)
        .join(' → ')
    )
  if (d.secret && value === '••••••') return t(side === 'after' && d.before ? 'ap_secret_changed' : 'ap_set')
  return value
}

// settled is a company's setting, or the kind of a legal entity, in words.
function settled(field: string, value: string, t: Says): string {
  if (!value) return ''
  if (field === 'org_kind') return t('org_' + value)
  if (field === 'set_unapplied') return t('unapplied_' + value)
  return field === 'set_refund_limit' ? `¥${value}` : t('set_minutes', { n: value })
}
