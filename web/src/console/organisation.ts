import { typed } from '../money'
import type { LegalEntity, Organisation, OrganisationChange, Place, Stay } from '../types'

// An organisation as its page shows it: what holds today, what is planned, and what was.

// creditDigits are the characters of a unified social credit code in the order of their values (GB 32100).
const creditDigits = '0123456789ABCDEFGHJKLMNPQRTUWXY'

// creditCode reports whether a text is a unified social credit code, as access/creditcode.go checks it.
export function creditCode(text: string): boolean {
  const values = [...text].map((c) => creditDigits.indexOf(c))
  if (values.length !== 18 || values.includes(-1)) return false
  let [sum, weight] = [0, 1]
  for (const value of values.slice(0, 17)) {
    sum += value * weight
    weight = (weight * 3) % 31
  }
  return values[17] === (31 - (sum % 31)) % 31
}

// standing is how an entity or a region stands on a day, as a text's key.
export function standing(of: { from: string; to: string }, today: string): 'org_open' | 'org_closed' | 'org_future' {
  if (of.from && of.from > today) return 'org_future'
  return of.to && of.to < today ? 'org_closed' : 'org_open'
}

// planned is the stay that begins next after a day, undefined for none.
export const planned = (stays: Stay[], today: string) => stays.find((s) => s.from > today)

// belonging are the communities that belong to an entity or a region today.
export const belonging = (o: Organisation, what: 'entity' | 'region', id: string) =>
  o.places.filter((p) => p[what] === id).length

// revisionOf is what a move of some communities names: the sum of theirs.
export const revisionOf = (places: Place[]) => places.reduce((sum, p) => sum + p.revision, 0)

// found are the communities that a search and the filters leave; '-' is no region.
export function found(o: Organisation, q: string, entity: string, region: string): Place[] {
  const text = q.trim().toLowerCase()
  return o.places.filter(
    (p) =>
      (!text || p.name.toLowerCase().includes(text)) &&
      (!entity || p.entity === entity) &&
      (!region || (region === '-' ? !p.region : p.region === region)),
  )
}

// nameOf is what people call an entity or a region.
export const nameOf = (some: { id: string; name: string }[], id: string) => some.find((x) => x.id === id)?.name ?? id

// bodyOf is an entity as a request has it.
export const bodyOf = (e: LegalEntity) => ({
  kind: e.kind,
  name: e.name.trim(),
  tax_number: e.tax_number.replaceAll(' ', '').toUpperCase(),
  seal: e.seal.trim(),
  series: e.series.trim().toUpperCase(),
  books: e.books.trim(),
  accounts: e.accounts
    .filter((a) => a.bank.trim() || a.number.trim())
    .map((a) => ({ bank: a.bank.trim(), number: a.number.replace(/[\s-]/g, '') })),
  from: e.from ?? '',
  to: e.to ?? '',
})

// limitOf reads an amount that may be zero, in fen; undefined is none.
export function limitOf(text: string): number | undefined {
  const fen = typed(text)
  return typeof fen === 'number' ? fen : undefined
}

// changeTitle says what a change of the organisation is about.
export function changeTitle(c: OrganisationChange, t: (key: string) => string): string {
  if (c.entity) return `${t(c.new ? 'org_new_entity' : 'org_change_entity')} · ${c.entity.name}`
  return t(c.move ? 'org_move' : 'set_change')
}

// organisationTexts are those of the pages 组织 and 设置.
export const organisationTexts: Record<string, [string, string]> = {
  organisation: ['组织', 'Organisation'],
  organisation_hint: [
    '公司主体是收款、开票和记账的法人或分公司；区域用来分配员工权限。小区从某一天起归属某个主体和区域，之前的账单和订单仍属原主体。',
    'A legal entity (a corporation or a branch) takes the money and keeps the books; regions give rights. A ' +
      'community belongs to them from a day on; bills and orders of before stay with the entity that they had.',
  ],
  entities: ['公司主体', 'Legal entities'],
  legal_entity: ['公司主体', 'Legal entity'],
  regions: ['区域', 'Regions'],
  region: ['区域', 'Region'],
  communities_in: ['小区归属', 'Where communities belong'],
  add_entity: ['添加主体', 'Add an entity'],
  edit_entity: ['修改主体', 'Change the entity'],
  add_region: ['添加区域', 'Add a region'],
  edit_region: ['修改区域', 'Change the region'],
  move_communities: ['调整归属', 'Move'],
  move_some: ['调整 {n} 个小区的归属', 'Move {n} communities'],
  select_to_move: ['先勾选小区，再调整归属', 'Choose communities to move them'],
  no_regions: ['还没有区域', 'No regions yet'],
  no_regions_means: [
    '把小区分到区域后，员工权限可以按区域给：以后加入区域的小区自动包括在内。',
    'With regions, staff can have rights by region: communities that join one later are included.',
  ],
  no_places: ['没有符合条件的小区', 'No such communities'],
  no_places_means: ['导入房屋台账后，小区会出现在这里。', 'Once units are imported their communities stand here.'],
  org_corporation: ['法人', 'Corporation'],
  org_branch: ['分公司', 'Branch'],
  org_first: ['默认', 'default'],
  org_first_means: ['未指定主体的小区属于它', 'has the communities that nobody has placed'],
  org_open: ['在用', 'Open'],
  org_closed: ['已停用', 'Closed'],
  org_future: ['未开始', 'Not begun'],
  org_name: ['名称', 'Name'],
  org_kind: ['类型', 'Kind'],
  org_tax_number: ['统一社会信用代码', 'Unified social credit code'],
  org_seal: ['印章文字', 'Text of the seal'],
  org_series: ['票据号段', 'Receipt series'],
  org_books: ['账套', 'Books'],
  org_accounts: ['银行账户', 'Bank accounts'],
  org_from: ['开始日期', 'First day'],
  org_to: ['最后一天', 'Last day'],
  org_bank: ['开户行', 'Bank'],
  org_number: ['账号', 'Account number'],
  org_add_account: ['添加银行账户', 'Add a bank account'],
  org_drop_account: ['移除第 {n} 个银行账户', 'Remove bank account {n}'],
  org_no_tax: ['未填写', 'not filled in'],
  org_seal_hint: ['打印在票据上；不填则为名称', 'printed on receipts; the name where it is empty'],
  org_series_hint: [
    '票据编号的开头，1 至 6 个大写字母或数字',
    'what receipt numbers begin with, 1 to 6 capitals or figures',
  ],
  org_books_hint: ['财务软件中的账套代码', 'the code of the books in your accounting software'],
  org_to_hint: [
    '填写后，从次日起停用；须先为其小区另行指定',
    'it closes after that day; place its communities elsewhere first',
  ],
  org_bad_code: [
    '不是有效的统一社会信用代码，请与营业执照逐位核对',
    'This is no valid code; compare it with the licence',
  ],
  org_code_left: ['18 位，还差 {n} 位', '18 characters, {n} to go'],
  org_code_good: ['校验通过', 'valid'],
  org_since_ever: ['一直', 'always'],
  org_of: ['{n} 个小区', '{n} communities'],
  org_next: ['{day} 起：{name}', 'from {day}: {name}'],
  org_no_region: ['不属于任何区域', 'No region'],
  org_leave: ['不变', 'Stays as it is'],
  org_move_from: ['从哪一天起', 'From which day on'],
  org_move_hint: [
    '从这一天起的新账单属于新主体；之前的账单和订单不变。',
    'New bills are the new entity’s from that day on; bills and orders of before stay as they are.',
  ],
  org_move_nothing: ['请选择新的主体或区域', 'Choose another entity or region'],
  org_history: ['归属记录', 'History'],
  org_change_entity: ['修改公司主体', 'Change of a legal entity'],
  org_new_entity: ['新增公司主体', 'New legal entity'],
  org_move: ['调整小区归属', 'Move of communities'],
  org_more: ['再显示 {n} 个', '{n} more'],
  org_approve_sure: [
    '批准后立即生效。请先核对变更前后的内容。',
    'It takes effect at once. Compare before and after first.',
  ],
  all_entities: ['全公司', 'the whole company'],
  account_entity_means: [
    '只收该主体的账单，其他主体的订单不会用这个商户号',
    'takes the money of this entity’s bills, and of no other’s',
  ],
  by_entity: ['全部主体', 'All entities'],
  by_region: ['全部区域', 'All regions'],
  find_community: ['小区名称', 'Community'],
  settings: ['设置', 'Settings'],
  settings_hint: [
    '本公司的收款规则。修改须由另一位财务或运营人员批准，只影响之后的订单和退款。',
    'The rules for this company’s money. Another person in finance or operations approves a change; it holds for ' +
      'orders and refunds after it.',
  ],
  set_change: ['修改设置', 'Change of settings'],
  set_edit: ['修改', 'Change'],
  set_unapplied: ['异常款的处理', 'Unapplied money'],
  set_unapplied_means: [
    '重复支付、超时到账等订单收不下的款项',
    'money that its order cannot keep: paid twice, or too late',
  ],
  unapplied_refund: ['自动原路退回', 'goes back by itself'],
  unapplied_prepay: ['转为该房屋的预存款', 'becomes the unit’s prepayment'],
  unapplied_person: ['等待财务处理', 'waits for finance'],
  set_refund_limit: ['免审批退款额度', 'Refunds without approval'],
  set_refund_limit_means: [
    '一个订单累计退款不超过此额度时，不需要第二个人审批；0 表示全部须审批',
    'up to this much of an order goes back without a second person; 0 is nothing',
  ],
  set_desk_minutes: ['前台与终端订单有效时间', 'Orders at counters and terminals'],
  set_phone_minutes: ['手机订单有效时间', 'Orders on phones'],
  set_minutes_means: ['1 至 120 分钟，超时未付的订单自动关闭', '1 to 120 minutes; what is not paid by then closes'],
  set_minutes: ['{n} 分钟', '{n} minutes'],
  kind_entity: ['公司主体', 'legal entity'],
  kind_region: ['区域', 'region'],
  kind_community: ['小区', 'community'],
  kind_settings: ['设置', 'settings'],
  s_kind: ['类型', 'kind'],
  s_tax_number: ['统一社会信用代码', 'credit code'],
  s_seal: ['印章文字', 'seal'],
  s_series: ['票据号段', 'receipt series'],
  s_books: ['账套', 'books'],
  s_accounts: ['银行账户', 'bank accounts'],
  s_entities: ['所属主体', 'legal entity'],
  s_regions: ['所属区域', 'region'],
  s_unapplied: ['异常款的处理', 'unapplied money'],
  s_refund_limit: ['免审批退款额度', 'refunds without approval'],
  s_desk_minutes: ['前台订单有效分钟', 'minutes at a counter'],
  s_phone_minutes: ['手机订单有效分钟', 'minutes on a phone'],
  set_all_approved: ['全部须审批', 'each needs approval'],
}
