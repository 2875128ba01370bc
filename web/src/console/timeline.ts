import { doubtSaid, spoken, told } from '../institution'
import type { Knows } from '../say'
import type { ConsoleSay, ConsoleTexts } from './texts'
import type { Order, TimelineEvent } from '../types'

interface Words {
  t: ConsoleSay
  te: Knows<ConsoleTexts>
  english: boolean
}

// coded are the events whose notes begin with codes of ours.
const coded = ['attempt_creating', 'close_requested', 'money_surplus', 'effect_done', 'effect_failed']

// A note that names a refund of ours is about that; any other of return_amount_unknown is the institution's own word.
const refundNo = /^\d{24}R\d{2} /

// Note is what a line of the timeline says beside what happened, and what support wants to know of it.
export interface Note {
  said: string
  detail: string
}

// noteOf puts codes into words, leaves what people wrote as they wrote it, and an institution's own word for support.
// The sum that it was about, which stands alone between two spaces, gets its sign.
export function noteOf(e: TimelineEvent, order: Order, words: Words): Note {
  const { said, detail } = read(e, order, words)
  return { said: said.replace(/(?<=^|\s)-?\d+\.\d{2}(?=\s|$)/, '¥$&'), detail }
}

function read(e: TimelineEvent, order: Order, { t, te, english }: Words): Note {
  const note = e.note ?? ''
  const plain = (said: string, detail = ''): Note => ({ said, detail })
  if (!note) return plain('')
  if (coded.includes(e.kind)) return plain(inWords(note.split(' '), t, te))
  const failed = (failure: string, back: boolean): Note => {
    const of = told(failure, '', back)
    return of ? spoken(of, t) : plain(failure)
  }
  switch (e.kind) {
    case 'attempt_refused':
    case 'attempt_unknown':
    case 'card_declined':
      return failed(note, false)
    case 'attempt_closed':
      return /[\u4e00-\u9fff]/.test(note) ? plain(note) : plain('', note)
    case 'refund_failed':
    case 'refund_abnormal': {
      const [number, ...why] = note.split(' ')
      const of = why.length && e.by ? plain(why.join(' ')) : failed(why.join(' '), true)
      return plain([number, of.said].filter(Boolean).join(' · '), of.detail)
    }
    case 'money_arrived': {
      const [transaction, ...word] = note.split(' ')
      return plain(transaction, word.join(' '))
    }
    case 'money_repeated': {
      const [amount, transaction, ...word] = note.split(' ')
      return plain([`¥${amount}`, transaction].filter(Boolean).join(' · '), word.join(' '))
    }
    case 'return_amount_unknown':
      return refundNo.test(note) ? plain(note) : plain('', note)
    case 'card_mismatched': {
      const [number] = refundNo.exec(note) ?? ['']
      return plain(number + doubtSaid(note.slice(number.length), t))
    }
    case 'card_rejected':
      return plain((english && order.rejected_reports?.find((u) => u.reason === note)?.reason_en) || note)
  }
  return plain(note)
}

// inWords puts codes into words; what names the wallet as the institution before it is said once.
function inWords(codes: string[], t: Words['t'], te: Words['te']): string {
  const said = codes.map((code) => {
    const key = ['reason_', 'effect_', 'method_', ''].map((prefix) => prefix + code).find(te)
    return key ? t(key) : code
  })
  return said.filter((word, i) => word && word !== said[i - 1]).join(' ')
}
