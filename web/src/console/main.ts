import { createApp } from 'vue'
import 'element-plus/dist/index.css'
import '../base.css'
import './console.css'
import { i18n } from '../i18n'
import { shared } from '../texts'
import App from './App.vue'

const texts: Record<string, [string, string]> = {
  ...shared,
  login_name: ['登录名', 'Login'], password: ['密码', 'Password'], orders: ['订单', 'Orders'], collect: ['收款', 'Collect'], exceptions: ['异常资金', 'Exceptional money'], terminals: ['终端', 'Terminals'],
  search_hint: ['订单号 / 房号 / 手机号 / 交易号（按 / 键）', 'order, unit, phone or transaction (press /)'], search: ['查询', 'Search'], all_status: ['全部状态', 'All'], more: ['加载更多', 'Load more'],
  live: ['实时', 'Live'], payer: ['住户', 'Resident'], origin: ['来源', 'Desk'], phone_origin: ['手机', 'phone'], terminal_origin: ['终端', 'terminal'], counter_origin: ['前台', 'counter'], kiosk_origin: ['自助', 'kiosk'],
  channel: ['渠道', 'Channel'], items: ['账单', 'Bills'], attempts: ['支付尝试', 'Tries'], timeline: ['时间线', 'Timeline'], check: ['查单', 'Check'], close: ['关闭订单', 'Close'], close_sure: ['将先在支付渠道关单，确定关闭该订单吗？', 'The institutions will be asked to close first. Close this order?'],
  print: ['打印凭证', 'Print receipt'], receipt: ['缴费凭证', 'Receipt'], find_unit: ['房号、业主姓名或手机号', 'Unit, owner or phone'], choose_unit: ['请选择房屋', 'Choose a unit'], no_bills: ['该房屋没有待缴账单', 'Nothing to pay for this unit'], make_order: ['生成收款码', 'Make QR'],
  scan: ['请住户用微信或支付宝扫码', 'Scan with WeChat or Alipay'], take_over: ['账单已有进行中的订单，是否关闭它并重新收款？', 'A bill has an open order. Close it and collect anew?'], left: ['剩余 {time}', '{time} left'], new_pairing: ['新增终端', 'Pair a terminal'],
  community: ['小区', 'Community'], name: ['名称', 'Name'], pairing_code: ['配对码', 'Pairing code'], pairing_hint: ['在终端上输入，{time} 内有效', 'Enter it on the terminal within {time}'], last_seen: ['最近在线', 'Last seen'], why: ['原因', 'Why'],
  order_paid: ['订单已由另一笔支付', 'paid by another try'], items_held: ['账单已由其他订单占用或缴清', 'bills held or paid by another order'], items_paid: ['账单已由其他方式缴清', 'bills settled otherwise'], amount_differs: ['金额不一致', 'another amount'], no_result: ['没有符合条件的订单', 'No such orders'], period: ['账期', 'Period'], fee: ['费用', 'Fee'], due_date: ['截止日期', 'Due'],
  to_refund: ['待退款', 'to refund'], kept: ['入账', 'kept'], by: ['操作人', 'by'], owner: ['业主', 'Owner'], no_exceptions: ['没有异常资金', 'No exceptional money'], state: ['状态', 'State'],
  created: ['创建订单', 'created'], attempt_creating: ['发起支付', 'asking the institution'], attempt_opened: ['等待付款', 'can be paid'], attempt_refused: ['渠道拒绝', 'refused'], attempt_unknown: ['渠道未答复', 'no answer'], attempt_closed: ['渠道已关单', 'closed upstream'], attempt_left: ['渠道无此交易，继续观察', 'unknown upstream, watched'],
  money_arrived: ['款项到账', 'money arrived'], money_surplus: ['款项待退', 'money to give back'], money_mismatch: ['金额不符', 'another amount'], close_asked: ['申请关闭', 'close asked'], effect_done: ['账单已销账', 'bills settled'], effect_failed: ['销账失败，将重试', 'settling failed, will be retried'],
  starting: ['发起中', 'starting'], open: ['待付款', 'open'], leaving: ['观察中', 'watched'], succeeded: ['成功', 'succeeded'], failed: ['失败', 'failed'], ended: ['已结束', 'ended'],
}

createApp(App).use(i18n(texts)).mount('#app')
