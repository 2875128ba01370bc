import type { Message } from '../types'

// What became of an institution's notification, in words for people; the server's own sentence is for support.

// said are the server's reasons not to believe a notification.
const said: [string, string][] = [
  ['no such merchant account', 'msg_no_account'],
  ['does not verify', 'msg_unsigned'],
  ['another amount', 'msg_amount'],
  ['belongs to another merchant account', 'msg_elsewhere'],
  ['does not confirm it', 'msg_unconfirmed'],
]

// messageTold puts a message's note into words; nothing is to be said of what went well.
export function messageTold(m: Pick<Message, 'outcome' | 'note'>): { key: string; detail: string } | undefined {
  if (!m.note) return undefined
  const known = m.outcome === 'rejected' && said.find(([words]) => m.note!.includes(words))
  return { key: known ? known[1] : m.outcome === 'rejected' ? 'msg_rejected' : 'msg_failed', detail: m.note }
}

export const messageTexts: Record<string, [string, string]> = {
  msg_no_account: [
    '没有通知所指的商户号，未采信。',
    'It names no merchant account of this company, and was not believed.',
  ],
  msg_unsigned: [
    '验签未通过，未采信：不是支付渠道发来的，或商户号的密钥、证书不符。',
    'Its signature does not verify, and it was not believed: it is not from the institution, or the keys of the ' +
      'account are wrong.',
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
}
