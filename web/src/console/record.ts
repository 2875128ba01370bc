import { yuan } from '../money'
import type { AuditEvent } from '../types'

// How an event of the audit log reads. A word that is not in these tables stands as it was written.

export const recordTexts: Record<string, [string, string]> = {
  record: ['操作日志', 'Audit log'],
  record_hint: [
    '谁在何时、从哪里做了什么，前后有何变化。只能追加，每条的哈希接着上一条；不含姓名、电话和密钥。',
    'Who did what, when and from where, and what changed by it. Lines are only ever added, each hashed over the ' +
      'one before; no name, telephone number or key is in them.',
  ],
  who: ['操作人', 'Who'],
  what: ['操作', 'What'],
  about: ['对象', 'About'],
  changes: ['变化', 'Change'],
  from_where: ['来源', 'From'],
  at: ['时间', 'When'],
  anybody: ['全部操作人', 'Anybody'],
  anything: ['全部操作', 'Anything'],
  object_hint: ['订单号，或类型:编号', 'order number, or kind:id'],
  first_day: ['起始日期', 'From'],
  last_day: ['截止日期', 'To'],
  between: ['至', 'to'],
  export_csv: ['导出 CSV', 'Export CSV'],
  clear: ['清除筛选', 'Clear filters'],
  no_events: ['没有符合条件的操作', 'Nothing was done like that'],
  no_events_means: ['换一段时间，或清除筛选。', 'Choose another time, or clear the filters.'],
  no_events_yet: ['还没有操作记录', 'Nothing was done yet'],
  no_events_yet_means: [
    '登录、退款、商户号和员工的变更会列在这里。',
    'Log-ins, refunds and changes of accounts and staff are listed here.',
  ],
  times: ['一分钟内 {n} 次', '{n} times within a minute'],
  exported: ['已导出，此次导出已记入日志', 'Exported; that is in the log too'],
  actor_shell: ['服务器命令行', 'command line'],
  actor_system: ['系统', 'the system'],
  actor_unknown: ['未登录者', 'not logged in'],
  actor_staff: ['员工 {id}', 'staff {id}'],
  actor_terminal: ['终端 {id}', 'terminal {id}'],
  actor_resident: ['住户 {id}', 'resident {id}'],
  kind_order: ['订单', 'order'],
  kind_refund: ['退款', 'refund'],
  kind_exception: ['异常款', 'unapplied funds'],
  kind_attempt: ['支付', 'payment'],
  kind_account: ['商户号', 'account'],
  kind_binding: ['绑定', 'binding'],
  kind_unit: ['房屋', 'unit'],
  kind_routes: ['支付路由', 'routes'],
  kind_staff: ['员工', 'staff'],
  kind_terminal: ['终端', 'terminal'],
  kind_message: ['通知消息', 'message'],
  s_status: ['状态', 'status'],
  s_state: ['状态', 'state'],
  s_amount: ['金额', 'amount'],
  s_roles: ['角色', 'roles'],
  s_communities: ['小区', 'communities'],
  s_disabled: ['停用', 'disabled'],
  s_outcome: ['结果', 'outcome'],
  s_search: ['查询（摘要）', 'search (digest)'],
  s_phone: ['手机号（摘要）', 'phone (digest)'],
  s_login: ['登录名（摘要）', 'login (digest)'],
  s_name: ['名称', 'name'],
  s_asked_by: ['申请人', 'asked by'],
  s_lines: ['条数', 'lines'],
  s_exception: ['异常款', 'unapplied funds'],
  s_request: ['申请编号', 'request'],
  s_request_state: ['申请状态', 'request is'],
  s_one_time_password: ['一次性密码', 'one-time password'],
  s_asked_roles: ['申请的角色', 'roles asked for'],
  s_asked_communities: ['申请的小区', 'communities asked for'],
  s_asked_enable: ['申请启用', 'enabling asked for'],
  s_asked_password: ['申请重置密码', 'new password asked for'],
  s_resident: ['住户', 'resident'],
  s_tenure: ['业主任次', 'tenure'],
  s_unsaid: ['已填写或更改', 'entered or changed'],
  s_yes: ['是', 'yes'],
  s_no: ['否', 'no'],
  s_verb: ['操作', 'what'],
  s_from: ['起', 'from'],
  s_to: ['止', 'to'],
  s_actor: ['操作人（摘要）', 'who (digest)'],
  s_object: ['对象（摘要）', 'about (digest)'],
  s_workbook_sha256: ['文件 SHA-256', 'SHA-256 of the file'],
}

type Words = {
  t: (key: string, args?: Record<string, unknown>) => string
  te: (key: string) => boolean
  name: (actor: string) => string | undefined
}

// actorOf names who did it: a colleague by name, anybody else by what they are.
export function actorOf(actor: string, { t, te, name }: Words): string {
  const known = name(actor)
  if (known) return known
  const [kind, id] = actor.split(':')
  return te('actor_' + kind) ? t('actor_' + kind, { id }) : actor
}

// aboutOf names what it was done to.
export function aboutOf(object: string | undefined, words: Words): string {
  if (!object) return ''
  const cut = object.indexOf(':')
  const [kind, id] = [object.slice(0, cut), object.slice(cut + 1)]
  const person = kind === 'staff' && words.name(object)
  return words.te('kind_' + kind) ? `${words.t('kind_' + kind)} ${person || id}`.trim() : object
}

// states are what the names of states begin with, by the kind of the object; of others they are a refund's.
const states: Record<string, string> = { exception: 'e_', binding: 'b_' }

export interface Change {
  name: string
  before: string
  after: string
}

// changesOf is what changed, field by field: what was, and what it became. Of what is secret there is only that it was
// entered or changed.
export function changesOf(e: AuditEvent, words: Words): Change[] {
  const names = [...new Set([...Object.keys(e.before ?? {}), ...Object.keys(e.after ?? {})])]
  const state = states[e.object?.split(':')[0] ?? ''] ?? 'r_'
  const unsaid = names.filter((name) => [e.before?.[name], e.after?.[name]].every((v) => !v || v === '*'))
  const said = names
    .filter((name) => !unsaid.includes(name) || name === 'communities')
    .map((name) => ({
      name: words.te('s_' + name) ? words.t('s_' + name) : name,
      before: valueOf(name, e.before?.[name], state, words),
      after: valueOf(name, e.after?.[name], state, words),
    }))
  const hidden = unsaid.filter((name) => name !== 'communities')
  return hidden.length ? [...said, { name: words.t('s_unsaid'), before: '', after: hidden.join(' · ') }] : said
}

function valueOf(name: string, value: string | undefined, state: string, words: Words): string {
  if (value === undefined) return ''
  if (name.endsWith('communities') && (value === '' || value === 'all')) return words.t('whole_company')
  if (value === 'true' || value === 'false') return words.t(value === 'true' ? 's_yes' : 's_no')
  if (name === 'amount' || name === 'refund_limit') return '¥' + yuan(Number(value))
  if (name === 'asked_by') return actorOf(value, words)
  if (name.endsWith('roles'))
    return value
      .split(' ')
      .map((r) => (words.te('role_' + r) ? words.t('role_' + r) : r))
      .join(' ')
  const key =
    (name === 'status' || name === 'state'
      ? state
      : name === 'request_state'
        ? 'ap_state_'
        : name === 'outcome'
          ? 'm_'
          : '') + value
  return key !== value && words.te(key) ? words.t(key) : value
}
