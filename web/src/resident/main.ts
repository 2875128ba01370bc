import { createApp } from 'vue'
import 'vant/lib/index.css'
import '../base.css'
import './resident.css'
import { i18n } from '../i18n'
import { shared } from '../texts'
import App from './App.vue'

const texts: Record<string, [string, string]> = {
  ...shared,
  welcome: ['物业缴费', 'Property fees'], phone_hint: ['请输入手机号', 'Mobile number'], code: ['验证码', 'Code'], code_hint: ['请输入验证码', 'Code of 6 digits'], send: ['获取验证码', 'Send code'],
  resend: ['{n} 秒后重发', 'again in {n} s'], demo_code: ['演示验证码：{code}', 'Demo code: {code}'], my_units: ['我的房屋', 'My units'], bind: ['绑定房屋', 'Bind a unit'],
  no_units: ['还没有绑定房屋', 'No unit bound yet'], community: ['小区名称', 'Community'], label_hint: ['例如 3栋2单元1201', 'such as 3-2-1201'], owner: ['业主姓名', "Owner's name"],
  tail: ['登记手机号后四位', 'Last 4 digits of the registered phone'], bound: ['绑定成功', 'Bound'], which_community: ['有多个同名小区，请选择您的物业公司', 'Several communities have this name; choose your company'], no_community: ['没有这个小区，请填写完整名称', 'No community of that name'],
  to_pay: ['待缴', 'To pay'], settled: ['已缴', 'Paid'], all: ['全选', 'All'], oldest: ['最早 {most} 笔', 'Oldest {most}'], pay: ['去支付', 'Pay'], no_bills: ['没有待缴账单', 'Nothing to pay'], no_paid: ['还没有缴费记录', 'No payments yet'],
  history: ['缴费记录', 'Payments'], open_order: ['有进行中的订单', 'order open'], busy: ['账单有进行中的订单，要关闭它并重新支付吗？', 'A bill has an open order. Close it and pay anew?'],
  imported: ['线下缴纳', 'paid at the office'], detail: ['订单详情', 'Order'], go_pay: ['继续支付', 'Go on paying'], cancel_order: ['取消订单', 'Cancel'], print: ['打印凭证', 'Print'],
  provisional_note: ['物业已收到终端的刷卡结果，待收单机构对账后最终确认。', "The office has the terminal's result; the acquirer's statement confirms it."],
  owed_again: ['以下账单因退款需重新缴纳', 'Owed again, because money went back'], pay_again: ['去缴费 ¥{amount}', 'Pay ¥{amount}'], nothing_owed_again: ['退款涉及的账单已缴清，无需再缴。', 'The bills that the refund is of are settled; nothing is left to pay.'],
  owed_again_sum: ['需重新缴纳 ¥{amount}', '¥{amount} owed again'], went_back: ['¥{total} 中已退回 ¥{amount}', '¥{amount} of ¥{total} went back'], refund_of: ['退款账单：{title}', 'of {title}'], refund_to: ['退回{wallet}', 'back to {wallet}'],
  receipt: ['缴费凭证', 'Receipt'], card: ['卡号', 'Card'], channel: ['支付方式', 'Paid with'],
  surplus_open: ['{why}的 ¥{amount}（{wallet}）已收到，物业正在处理。', '¥{amount} ({wallet}) {why}; the office is looking after it.'], surplus_refunding: ['{why}的 ¥{amount} 正在原路退回{wallet}。', '¥{amount} {why}; it is on its way back to {wallet}.'],
  surplus_refunded: ['{why}的 ¥{amount} 已退回{wallet}。', '¥{amount} {why}; it went back to {wallet}.'], surplus_prepaying: ['{why}的 ¥{amount} 正在转为预存。', '¥{amount} {why}; it becomes a prepayment.'], surplus_prepaid: ['{why}的 ¥{amount} 已转为预存。', '¥{amount} {why}; it is kept as a prepayment.'],
  surplus_dismissed: ['{why}的 ¥{amount} 已由物业核实处理。', '¥{amount} {why}; the office has settled it.'],
  surplus_why_order_paid: ['重复支付', 'was paid twice'], surplus_why_items_held: ['订单关闭后支付', 'was paid after the order closed'], surplus_why_items_paid: ['账单缴清后支付', 'was paid after the bills were settled'], surplus_why_amount: ['金额不符', 'was not the amount asked for'], surplus_why_unknown_order: ['未知订单', 'came for an unknown order'],
}

createApp(App).use(i18n(texts)).mount('#app')
