// Texts that several pages share.
export const shared: Record<string, [string, string]> = {
  brand: ['邻里付', 'LinliPay'], language: ['English', '中文'], retry: ['重试', 'Try again'], back: ['返回', 'Back'], cancel: ['取消', 'Cancel'], confirm: ['确定', 'OK'],
  loading: ['加载中…', 'Loading…'], request: ['请求编号 {id}', 'request {id}'], logout: ['退出登录', 'Log out'], login: ['登录', 'Log in'],
  total: ['合计', 'Total'], overdue: ['逾期', 'Overdue'], due: ['{date} 前缴纳', 'due {date}'], nothing: ['暂无数据', 'Nothing here'],
  order: ['订单号', 'Order'], transaction: ['交易号', 'Transaction'], paid_at: ['支付时间', 'Paid at'], created_at: ['下单时间', 'Created'],
  pending: ['待支付', 'To pay'], closing: ['关闭中', 'Closing'], paid: ['已支付', 'Paid'], closed: ['已关闭', 'Closed'],
  expired: ['已超时', 'expired'], cancelled: ['已取消', 'cancelled'], taken_over: ['已被新订单取代', 'taken over'], items_gone: ['账单已缴清', 'bills settled'],
  wechat: ['微信支付', 'WeChat Pay'], alipay: ['支付宝', 'Alipay'], lost: ['连接中断，正在重新连接…', 'Connection lost; reconnecting…'],
  phone: ['手机号', 'Phone'], unit: ['房号', 'Unit'], amount: ['金额', 'Amount'], status: ['状态', 'Status'],
}
