import type { Plain } from '../say'
import type { Message } from '../types'
import type { message } from './texts/message'

// What became of an institution's notification, in words for people; the server's own sentence is for support.

// said are the server's reasons not to believe a notification.
const said: [string, Plain<typeof message>][] = [
  ['no such merchant account', 'msg_no_account'],
  ['does not verify', 'msg_unsigned'],
  ['another amount', 'msg_amount'],
  ['belongs to another merchant account', 'msg_elsewhere'],
  ['does not confirm it', 'msg_unconfirmed'],
]

// messageTold puts a message's note into words; nothing is to be said of what went well.
export function messageTold(
  m: Pick<Message, 'outcome' | 'note'>,
): { key: Plain<typeof message>; detail: string } | undefined {
  if (!m.note) return undefined
  const known = m.outcome === 'rejected' && said.find(([words]) => m.note!.includes(words))
  return { key: known ? known[1] : m.outcome === 'rejected' ? 'msg_rejected' : 'msg_failed', detail: m.note }
}
