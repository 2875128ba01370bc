import { long, texts } from '../../say'

// Institutions' notifications.
export const message = texts({
  messages: ['通知消息', 'Messages'],
  received_at: ['收到时间', 'Received'],
  outcome: ['结果', 'Outcome'],
  seen: ['次数', 'Times'],
  replay: ['重新处理', 'Replay'],
  replayed: ['处理结果：{outcome}', 'outcome: {outcome}'],
  no_messages: ['没有消息', 'No messages'],
  m_failed: ['未入账', 'Failed'],
  m_rejected: ['不可信', 'Rejected'],
  m_received: ['未处理', 'Received'],
  m_booked: ['已入账', 'Booked'],
  m_ignored: ['无需处理', 'Ignored'],
  msg_no_account: [
    '没有通知所指的商户号，未采信。',
    'It names no merchant account of this company, and was not believed.',
  ],
  msg_unsigned: [
    '验签未通过，未采信：不是支付渠道发来的，或商户号的密钥、证书不符。',
    long(
      'Its signature does not verify, and it was not believed: it is not from the institution, or the keys of the ',
      'account are wrong.',
    ),
  ],
  msg_amount: [
    '通知的金额与订单不符，未采信；已向支付渠道查询，以查询结果为准。',
    'It names another amount than the order, and was not believed; the institution was asked, and what it says counts.',
  ],
  msg_elsewhere: [
    '通知所指的退款属于另一个商户号，未采信。',
    'The refund that it names is of another merchant account; it was not believed.',
  ],
  msg_unconfirmed: [
    '支付渠道查询不到这一笔，未采信。',
    'The institution, when asked, knows of no such payment; it was not believed.',
  ],
  msg_rejected: ['未采信，没有改变任何订单。', 'It was not believed, and changed no order.'],
  msg_failed: [
    '还没有入账：支付渠道会再次通知，也可按“重新处理”。',
    'Not booked yet: the institution sends it again, or press Replay.',
  ],
})
