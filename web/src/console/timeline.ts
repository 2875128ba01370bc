import type { Order, TimelineEvent } from '../types'

interface Words { t: (key: string, named?: Record<string, unknown>) => string; te: (key: string) => boolean; english: boolean }

// coded are the events whose notes begin with codes of ours.
const coded = ['attempt_creating', 'close_asked', 'money_surplus', 'effect_done', 'effect_failed']

// A note that names a refund of ours is about that; any other of return_unknown is the institution's own word.
const refundNo = /^\d{24}R\d{2} /

// noteOf is what a line of the timeline says beside what happened: codes in words, an institution's own word told to be
// that, and what people wrote as they wrote it.
export function noteOf(e: TimelineEvent, order: Order, { t, te, english }: Words): string {
  const note = e.note ?? ''
  if (!note) return ''
  if (coded.includes(e.what)) return inWords(note.split(' '), t, te)
  const raw = (word: string) => word && t('own_word', { word })
  switch (e.what) {
    case 'money_arrived': {
      const [transaction, ...word] = note.split(' ')
      return [transaction, raw(word.join(' '))].filter(Boolean).join(' · ')
    }
    case 'money_repeated': {
      const [amount, transaction, ...word] = note.split(' ')
      return [`¥${amount}`, transaction, raw(word.join(' '))].filter(Boolean).join(' · ')
    }
    case 'return_unknown':
      return refundNo.test(note) ? note : raw(note)
    case 'card_disbelieved':
      return (english && order.untaken?.find((u) => u.why === note)?.why_en) || note
  }
  return note
}

// inWords puts codes into words; what names the wallet as the institution before it is said once.
function inWords(codes: string[], t: Words['t'], te: Words['te']): string {
  const said = codes.map((code) => {
    const key = ['reason_', 'effect_', 'method_', ''].map((prefix) => prefix + code).find(te)
    return key ? t(key) : code
  })
  return said.filter((word, i) => word && word !== said[i - 1]).join(' ')
}
