import { createApp, h, shallowRef } from 'vue'
import 'vant/lib/index.css'
import '../base.css'
import './vant.css'
import './resident.css'
import './places.css'
import './fingers.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import { payersWhys } from '../institution'
import { paperTexts } from '../paper/paper'
import { LoginSession } from '../session'
import { shared } from '../texts'
import type { Tokens } from '../types'
import App from './App.vue'
import { pressByKeys } from './keys'
import { knownBy } from './known'
import { routes } from './router'

const texts: Record<string, [string, string]> = {
  ...shared,
  ...payersWhys,
  ...paperTexts,
  welcome: ['物业缴费', 'Property fees'],
  phone_hint: ['请输入手机号', 'Mobile number'],
  code: ['验证码', 'Code'],
  code_hint: ['请输入验证码', 'Code of 6 digits'],
  send: ['获取验证码', 'Send code'],
  resend: ['{n} 秒后重发', 'again in {n} s'],
  demo_code: ['演示验证码：{code}', 'Demo code: {code}'],
  my_units: ['我的房屋', 'My units'],
  bind: ['绑定房屋', 'Bind a unit'],
  phone_needed: ['请输入 11 位手机号', 'Enter a mobile number of 11 digits'],
  code_needed: ['请输入 6 位验证码', 'Enter the code of 6 digits'],
  community_needed: ['请填写小区全称', "Enter the community's whole name"],
  label_needed: ['请填写房号，如 3栋2单元1201', 'Enter the unit, such as 3-2-1201'],
  no_units: ['还没有绑定房屋', 'No unit bound yet'],
  community: ['小区名称', 'Community'],
  label_hint: ['例如 3栋2单元1201', 'such as 3-2-1201'],
  bound: ['绑定成功', 'Bound'],
  which_community: ['有多个同名小区，请选择您的物业公司', 'Several communities have this name; choose your company'],
  no_community: ['没有这个小区，请填写完整名称', 'No community of that name'],
  to_pay: ['待缴', 'To pay'],
  settled: ['已缴', 'Paid'],
  all: ['全选', 'All'],
  oldest: ['最早 {most} 笔', 'Oldest {most}'],
  pay: ['去支付', 'Pay'],
  no_bills: ['没有待缴账单', 'Nothing to pay'],
  no_paid: ['还没有缴费记录', 'No payments yet'],
  history: ['缴费记录', 'Payments'],
  open_order: ['有进行中的订单', 'order open'],
  busy: ['账单有进行中的订单，要关闭它并重新支付吗？', 'A bill has an open order. Close it and pay anew?'],
  imported: ['线下缴纳', 'paid at the office'],
  detail: ['订单详情', 'Order'],
  go_pay: ['继续支付', 'Go on paying'],
  cancel_order: ['取消订单', 'Cancel'],
  print: ['打印凭证', 'Print'],
  provisional_note: [
    '物业已收到终端的刷卡结果，待收单机构对账后最终确认。',
    "The office has the terminal's result; the acquirer's statement confirms it.",
  ],
  owed_again: ['以下账单因退款需重新缴纳', 'Owed again, because money went back'],
  pay_again: ['去缴费 ¥{amount}', 'Pay ¥{amount}'],
  nothing_owed_again: [
    '退款涉及的账单已缴清，无需再缴。',
    'The bills that the refund is of are settled; nothing is left to pay.',
  ],
  owed_again_sum: ['需重新缴纳 ¥{amount}', '¥{amount} owed again'],
  went_back: ['¥{total} 中已退回 ¥{amount}', '¥{amount} of ¥{total} went back'],
  refund_of: ['退款账单：{title}', 'of {title}'],
  refund_to: ['退回{wallet}', 'back to {wallet}'],
  receipt: ['缴费凭证', 'Receipt'],
  card: ['卡号', 'Card'],
  channel: ['支付方式', 'Paid with'],
  surplus_open: [
    '{why}的 ¥{amount}（{wallet}）已收到，物业正在处理。',
    '¥{amount} ({wallet}) {why}; the office is looking after it.',
  ],
  surplus_refunding: [
    '{why}的 ¥{amount} 正在原路退回{wallet}。',
    '¥{amount} {why}; it is on its way back to {wallet}.',
  ],
  surplus_refunded: ['{why}的 ¥{amount} 已退回{wallet}。', '¥{amount} {why}; it went back to {wallet}.'],
  surplus_prepaying: ['{why}的 ¥{amount} 正在转为预存。', '¥{amount} {why}; it becomes a prepayment.'],
  surplus_prepaid: ['{why}的 ¥{amount} 已转为预存。', '¥{amount} {why}; it is kept as a prepayment.'],
  surplus_dismissed: ['{why}的 ¥{amount} 已由物业核实处理。', '¥{amount} {why}; the office has settled it.'],
  community_hint: ['小区全称', 'Its whole name'],
  send_to_owner: ['发送验证码到登记手机', 'Send a code to the registered phone'],
  ask_office: ['没有登记手机？向物业申请', 'No such phone? Ask the office'],
  bind_means: [
    '验证码会发送到该房屋在物业登记的手机。请向业主索取，或改由物业审核。',
    'The code goes to the phone that the office has on record for this home. Ask the owner for it, or have the ' +
      'office decide.',
  ],
  code_sent_means: [
    '如果该房屋登记了手机，验证码已发送到登记手机，15 分钟内有效。请向机主索取；没有收到请核对房号，或向物业申请。',
    'If a phone is on record for this home, a code was sent to it; it is valid for 15 minutes. Ask its holder for ' +
      'it. If none came, check the room, or ask the office.',
  ],
  bind_now: ['绑定', 'Bind'],
  no_code: ['没有收到？向物业申请', 'No code? Ask the office'],
  note: ['附言（选填）', 'Note (optional)'],
  note_hint: ['例如：租户王五，租期至 2027 年 6 月', 'such as: Wang Wu, tenant until June 2027'],
  office_means: [
    '物业核实后通过申请，业主会收到通知。请在附言中说明您与房屋的关系。',
    'The office checks and approves it, and the owner is told. Say how you have to do with the home.',
  ],
  send_request: ['提交申请', 'Send the request'],
  change_home: ['修改房号', 'Change the home'],
  request_sent: ['已提交，等待物业审核', 'Sent; the office decides'],
  request_sent_means: ['审核结果会显示在“我的房屋”中。', 'You will find its answer under “My units”.'],
  to_homes: ['返回我的房屋', 'Back to my units'],
  people: ['房屋成员', 'Household'],
  people_means: [
    '以下手机号可以查看并缴纳本房屋的账单。如有不认识的号码，请立即解除。',
    'These phones can see and pay the bills of this home. End at once what you do not know.',
  ],
  nobody_bound: ['还没有其他人绑定本房屋', 'Nobody else has this home in their app'],
  bound_now: ['已绑定 {n} 人', 'Bound now: {n}'],
  bound_before: ['已解除', 'Ended'],
  me: ['本人', 'you'],
  new_mark: ['新', 'new'],
  unbind: ['解除绑定', 'Unbind'],
  unbound: ['已解除绑定', 'Unbound'],
  leave_home: [
    '解除后您将不能再查看和缴纳本房屋的账单，确定解除吗？',
    'You will no longer see or pay the bills of this home. Unbind?',
  ],
  way_code: ['凭登记手机验证码绑定', 'by a code to the registered phone'],
  way_office: ['经物业审核绑定', 'approved by the office'],
  way_earlier: ['旧版绑定', 'bound before'],
  ended_by_resident: ['本人解除', 'ended by themself'],
  ended_by_owner: ['业主解除', 'ended by the owner'],
  ended_by_office: ['物业解除', 'ended by the office'],
  ended_by_owner_changed: ['业主变更，自动解除', "ended by the owner's change"],
  my_requests: ['我的申请', 'My requests'],
  b_requested: ['待物业审核', 'The office decides'],
  b_refused: ['未通过', 'Refused'],
  b_ended: ['已解除', 'Ended'],
  withdraw: ['撤回', 'Take back'],
  office_says: ['物业：{reason}', 'The office: {reason}'],
  more_requests: ['更多申请', 'More requests'],
  news: ['有 {n} 条新的绑定动态', ': {n} new about who is bound'],
  look: ['查看', 'Look'],
  former: ['原业主', 'former owner'],
  former_means: [
    '业主登记已变更，这里只显示您名下尚未缴清的账单。',
    'Another owner is on record now; here are only the bills that you still owe.',
  ],
  // places, and what is said where there is nothing or no line
  mine: ['我的', 'Me'],
  bills: ['账单', 'Bills'],
  tab_home: ['首页', 'Home'],
  tab_history: ['缴费记录', 'Payments'],
  tab_mine: ['我的', 'Me'],
  places: ['导航', 'Places'],
  nowhere: ['没有这个页面', 'No such page'],
  nowhere_means: ['没有这个页面，链接可能已失效。', 'There is no such page; the link may be old.'],
  to_start: ['返回首页', 'To the start page'],
  switch_language_lang: ['en', 'zh-CN'],
  switch_language: ['English', '切换到中文'],
  office_knows: [
    '手机号变更、房屋信息有误，请联系物业服务台。',
    'For another phone number, or what is wrong about a home, ask at the office.',
  ],
  no_units_means: [
    '绑定后可在手机上查看账单、缴费并保存凭证。',
    'Bind one to see its bills here, pay them and keep the receipts.',
  ],
  offline: ['网络已断开，恢复后会自动更新。', 'No network; this page updates once it is back.'],
  last_known: ['暂时连不上服务器，以下是{when}的内容。', 'The server cannot be reached; this is from {when}.'],
  today_at: ['今天 {time}', 'today {time}'],
  yesterday_at: ['昨天 {time}', 'yesterday {time}'],
  in_progress: ['有一笔支付进行中', 'A payment is in progress'],
  owed_now: ['待缴 {n} 笔', '{n} to pay'],
  overdue_n: ['逾期 {n} 笔', '{n} overdue'],
  all_paid: ['已缴清', 'All paid'],
  done: ['完成', 'Done'],
  pay_anew: ['重新缴费', 'Pay again'],
  surplus_why_other: ['另行支付', 'was paid besides'],
  surplus_other: [
    '{why}的 ¥{amount}（{wallet}）由物业处理。',
    '¥{amount} ({wallet}) {why}; the office is looking after it.',
  ],
  surplus_why_order_paid: ['重复支付', 'was paid twice'],
  surplus_why_items_held: ['订单关闭后支付', 'was paid after the order closed'],
  surplus_why_items_paid: ['账单缴清后支付', 'was paid after the bills were settled'],
  surplus_why_amount: ['金额不符', 'was not the amount asked for'],
  surplus_why_unknown_order: ['未知订单', 'came for an unknown order'],
}

pressByKeys()
const who = shallowRef<Tokens>()
const session = new LoginSession('resident', (now) => {
  knownBy(now?.resident?.id)
  who.value = now
})
who.value = session.who
knownBy(who.value?.resident?.id)
void begin(
  createApp({ render: () => h(App, { session, who: who.value }) })
    .use(i18n(texts))
    .use(routes(session)),
  'cookies',
  'storage',
)
