import { whys } from './institution'

// Texts that several pages share.
export const shared: Record<string, [string, string]> = {
  brand: ['邻里付', 'LinliPay'], language: ['English', '中文'], retry: ['重试', 'Try again'], back: ['返回', 'Back'], cancel: ['取消', 'Cancel'], confirm: ['确定', 'OK'],
  loading: ['加载中…', 'Loading…'], more: ['加载更多', 'Load more'], request: ['请求编号 {id}', 'request {id}'], logout: ['退出登录', 'Log out'], login: ['登录', 'Log in'],
  total: ['合计', 'Total'], overdue: ['逾期', 'Overdue'], due: ['{date} 前缴纳', 'due {date}'], nothing: ['暂无数据', 'Nothing here'],
  title_of_many: ['{first}等{n}项', '{first} and {more} more'],
  order: ['订单号', 'Order'], transaction: ['交易号', 'Transaction'], paid_at: ['支付时间', 'Paid at'], created_at: ['下单时间', 'Created'],
  pending: ['待支付', 'To pay'], closing: ['关闭中', 'Closing'], paid: ['已支付', 'Paid'], closed: ['已关闭', 'Closed'],
  expired: ['已超时', 'expired'], cancelled: ['已取消', 'cancelled'], taken_over: ['已被新订单取代', 'taken over'], items_gone: ['账单已缴清', 'bills settled'],
  wechat: ['微信支付', 'WeChat Pay'], alipay: ['支付宝', 'Alipay'], lakala: ['拉卡拉', 'Lakala'], shengpay: ['盛付通', 'Shengpay'], ruiyinxin: ['瑞银信', 'Ruiyinxin'],
  w_wechat: ['微信支付', 'WeChat Pay'], w_alipay: ['支付宝', 'Alipay'], w_unionpay: ['云闪付', 'UnionPay'], w_any: ['聚合码', 'Aggregate QR'], w_card: ['银行卡', 'Bank card'], w_cash: ['现金', 'Cash'], lost: ['连接中断，正在重新连接…', 'Connection lost; reconnecting…'],
  card: ['银行卡', 'Card'], reference_no: ['参考号', 'Reference'], provisional: ['待对账确认', 'Provisional'], type_debit: ['借记卡', 'debit'], type_credit: ['贷记卡', 'credit'], type_semi_credit: ['准贷记卡', 'semi-credit'], type_prepaid: ['预付卡', 'prepaid'],
  stray: ['未知订单', 'unknown order'], cash: ['现金', 'Cash'], refunded: ['已退款', 'Refunded'], part_refunded: ['部分退款', 'Partly refunded'], prepaid: ['预存余额', 'Prepaid'], owed_of: ['账单 ¥{amount}，已缴 ¥{paid}', 'bill ¥{amount}, ¥{paid} paid'],
  refund: ['退款', 'Refund'], refunds: ['退款', 'Refunds'], reason: ['原因', 'Reason'], refund_no: ['退款单号', 'Refund'], refunded_at: ['退款时间', 'Refunded at'],
  // more bills than one order takes
  bills_in_parts: ['共 {n} 笔账单，一次最多缴 {most} 笔，请分次缴纳。', '{n} bills in all; at most {most} can be paid at once. Please pay in parts.'], too_many_bills: ['已选 {n} 笔，一次最多 {most} 笔。', '{n} are chosen; at most {most} can be paid at once.'], oldest_bills: ['只选最早的 {most} 笔', 'Choose the oldest {most}'],
  // refunds
  because_twice: ['重复缴费，原路退回', 'paid twice, returned the way it came'], because_amount: ['金额不符，原路退回', 'another amount than asked, returned the way it came'],
  because_unknown: ['无对应订单，原路退回', 'no order has this number, returned the way it came'], because_void: ['终端撤销或冲正', 'voided or reversed at the terminal'],
  foreign_reason: ['支付渠道退款', 'refunded through the payment institution'],
  r_other: ['处理中', 'Being worked'], e_other: ['处理中', 'Being worked'], reason_other: ['其他原因', 'Another reason'],
  w_other: ['其他支付方式', 'Another way'],
  r_requested: ['待审批', 'To be approved'], r_rejected: ['已驳回', 'Rejected'], r_pending: ['退款中', 'On its way'], r_succeeded: ['已退款', 'Refunded'], r_failed: ['退款失败', 'Failed'], r_abnormal: ['退款异常', 'Abnormal'],
  // exceptional money
  e_open: ['待处理', 'To be decided'], e_refunding: ['退款中', 'On its way back'], e_refunded: ['已退回', 'Returned'], e_prepaying: ['转预存中', 'Becoming prepayment'], e_prepaid: ['已转预存', 'Prepayment'], e_dismissed: ['已核销', 'Dismissed'],
  reason_order_paid: ['重复支付', 'Paid twice'], reason_items_held: ['订单关闭后到账', 'Arrived after the order closed'], reason_items_paid: ['账单已由其他方式缴清', 'The bills had been settled'], reason_amount: ['金额不符', 'Another amount'], reason_unknown_order: ['未知订单', 'Unknown order'],
  ...whys,
  // a payment code, step by step
  code_way: ['付款码', 'Payment code'], step_charging: ['正在扣款…', 'Charging…'], step_unanswered: ['支付渠道未答复，正在查询…', 'No answer; asking again…'], step_waiting: ['请住户在手机上输入支付密码', 'Enter the password on the phone, please'], step_last_query: ['最后一次查询…', 'Asking one last time…'],
  step_reversing: ['未在时限内支付，正在撤销…', 'Not paid in time; reversing…'], step_paid: ['支付成功', 'Paid'], step_surplus: ['此笔为重复支付，将原路退回', 'Paid twice: this one goes back'], step_refused: ['支付被拒绝', 'Refused'], step_reversed: ['已撤销，未扣款', 'Reversed: nothing was taken'], step_not_paid: ['住户未完成支付', 'The resident did not pay'],
  short_charging: ['扣款', 'charge'], short_waiting: ['输入密码', 'password'], short_last_query: ['最后查询', 'last query'], short_reversing: ['撤销', 'reverse'],
  waited: ['已等待 {n} 秒，最多 {max} 秒', '{n} s of {max} s'], asked_times: ['已查询 {n} 次', 'asked {n} times'], reversed_hint: ['可以重新扫描付款码，或换一种方式。', 'Scan a fresh code, or choose another way.'],
  phone: ['手机号', 'Phone'], unit: ['房号', 'Unit'], amount: ['金额', 'Amount'], status: ['状态', 'Status'],
}

// What a field says to an amount that it does not take. The server says the refusals of money.ts in the same words.
export const amounts: Record<string, [string, string]> = {
  amount_missing: ['请填写金额，如 1234.50', 'Enter an amount, such as 1234.50'],
  amount_hidden: ['金额中有看不见的字符，请清空后重新输入',
    'The amount holds a character that cannot be seen: clear the field and type it again'],
  amount_sign: ['金额不带正负号，请写成 1234.50', 'No plus or minus: write the amount as 1234.50'],
  amount_space: ['金额中间不能有空格，请写成 1234.50', 'No space within the amount: write it as 1234.50'],
  amount_form: ['无法识别金额，请写成 1234.50', 'Not an amount in yuan: write it as 1234.50'],
  amount_dot: ['小数点只能有一个，前后都要有数字，如 0.50', 'One decimal point with digits on both sides, such as 0.50'],
  amount_comma: ['金额请写成 1234.50；逗号只用于千位分隔，如 1,234.50',
    'Write the amount as 1234.50; a comma only parts thousands, as in 1,234.50'],
  amount_decimals: ['金额最多两位小数，如 1234.50', 'Two decimals at most, as in 1234.50'],
  amount_zeros: ['金额开头多了 0，请写成 1234.50 或 0.50', 'Zeros in front: write the amount as 1234.50 or 0.50'],
  amount_large: ['金额过大，最多 9,999,999,999.99', 'Too large: 9,999,999,999.99 at most'],
  amount_zero: ['金额须大于 0', 'The amount must be more than nothing'],
  amount_less: ['还差 ¥{by}', '¥{by} too little'],
  amount_more: ['比可退金额多 ¥{by}', '¥{by} more than can go back'],
}
