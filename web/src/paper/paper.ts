import type { Order, Refund } from '../types'
import { homeOf, itemTitle, payment, reasonOf, transaction } from '../types'
import { shanghai } from '../time'
import { yuan } from '../money'
import type { Say } from '../say'
import type { SharedTexts } from '../texts'
import { billTitle } from '../title'
import type { paperTexts, deskPaperTexts } from './texts'

// What is printed: a paper says what it is, of whom and what for, how much in figures and words, and how it was paid.
// How it lies on each width of paper is Paper.vue's.

export interface Paper {
  company: string
  refund?: number // whose receipt it is, by its number; none is the payment's
  title: string
  mark?: string // that it is not the first of its kind
  number: string
  numberName: string
  reference?: [name: string, value: string] // another number that it is found by
  who: [name: string, value: string][]
  lines: { what: string; amount: number }[]
  total: number
  facts: [name: string, value: string][]
  warning?: string
  note: string
  qr: string // the address of a picture: its QR leads to a page that shows what the receipt says
  signs: string[]
}

// printed is how often the receipt of an order's payment, or of a refund by its number, was printed.
export const printed = (o: Order, refund?: number) => o.receipt_prints?.find((p) => p.refund === refund)?.count ?? 0

// marked is a paper that says which print of it this is; 0 is one that nobody counts.
export function marked(paper: Paper, nth: number, t: Words): Paper {
  const mark = nth === 1 ? undefined : nth ? t('paper_again', { n: nth }) : t('paper_copy')
  return { ...paper, mark }
}

type Words = Say<SharedTexts & typeof paperTexts>
type RefundWords = Say<SharedTexts & typeof paperTexts & typeof deskPaperTexts>

// receiptOf is the receipt of an order that was paid.
export function receiptOf(o: Order, company: string, cashier: string, t: Words, now: string): Paper {
  const a = payment(o)
  const way = a
    ? [t(a.institution), a.wallet && a.wallet !== a.institution ? t(`w_${a.wallet}`) : ''].filter(Boolean).join(' · ')
    : ''
  const facts: [string, string | undefined][] = [
    [t('paper_way'), way],
    [t('paper_at'), shanghai(o.paid_at)],
    [t('paper_tendered'), a?.tendered ? `¥${yuan(a.tendered)}` : ''],
    [t('paper_change'), a?.tendered ? `¥${yuan(a.tendered - o.amount)}` : ''],
    [t('paper_card'), a?.card?.masked ? [a.card.masked, a.card.issuer].filter(Boolean).join(' ') : ''],
    [t('transaction'), transaction(o)],
    [t('paper_gone'), o.refunded ? `¥${yuan(o.refunded)}` : ''],
    [t('paper_cashier'), cashier],
    [t('paper_printed'), shanghai(now)],
  ]
  return {
    company,
    title: t('paper_receipt'),
    number: a?.receipt_number ?? o.id,
    numberName: t(a?.receipt_number ? 'receipt_number' : 'order'),
    reference: a?.receipt_number ? [t('order'), o.id] : undefined,
    who: whoOf(o, t),
    lines: o.items.map((i) => ({ what: itemTitle(i, t), amount: i.amount })),
    total: o.amount,
    facts: given(facts),
    warning: a?.provisional ? t('paper_provisional') : undefined,
    note: t('paper_not_invoice'),
    qr: o.qr.svg,
    signs: [t('paper_seal')],
  }
}

// refundReceiptOf is the receipt of money that goes or went back.
export function refundReceiptOf(
  o: Order,
  r: Refund,
  company: string,
  name: (actor?: string) => string,
  t: RefundWords,
  now: string,
): Paper {
  const from = o.attempts.find((a) => a.no === r.attempt)
  const there = r.upstream_no ?? r.refund_id
  const foreign = r.external && !r.requested_by
  const title = (ref: string) => billTitle(o.items.find((i) => i.ref === ref)?.title ?? ref)
  const facts: [string, string | undefined][] = [
    [t('order'), o.id],
    [
      t('paper_channel'),
      [from ? t(from.institution) : '', r.external ? t('foreign_mark') : '', r.out_of_band ? t('by_hand') : '']
        .filter(Boolean)
        .join(' · '),
    ],
    [t('paper_card'), from?.card?.masked ? [from.card.masked, from.card.issuer].filter(Boolean).join(' ') : ''],
    [t('transaction'), from?.transaction_id ?? transaction(o)],
    [t('institution_refund'), there === r.out_refund_no ? '' : there],
    [t('reason'), reasonOf(r, t)],
    [t('status'), t(`r_${r.status}`)],
    [t('refunded_at'), shanghai(r.succeeded_at) || '–'],
    [t('asker'), foreign ? t('at_institution') : name(r.requested_by)],
    [t('decider'), foreign ? '' : name(r.decided_by)],
    [t('paper_printed'), shanghai(now)],
  ]
  const lines = (r.items ?? []).map((i) => ({ what: title(i.ref), amount: i.amount }))
  return {
    company,
    refund: r.no,
    title: t('paper_refund'),
    number: r.receipt_number ?? r.out_refund_no,
    numberName: t(r.receipt_number ? 'receipt_number' : 'refund_no'),
    reference: r.receipt_number ? [t('refund_no'), r.out_refund_no] : undefined,
    who: whoOf(o, t),
    lines: lines.length ? lines : [{ what: t('paper_unapplied'), amount: r.amount }],
    total: r.amount,
    facts: given(facts),
    note: t('paper_not_invoice'),
    qr: o.qr.svg,
    signs: [t('paper_sign_payer'), t('paper_sign_desk')],
  }
}

const whoOf = (o: Order, t: Words): [string, string][] =>
  given([
    [t('paper_home'), homeOf(o)],
    [t('paper_payer'), o.payer.name],
  ])
const given = (some: [string, string | undefined][]) => some.filter((f): f is [string, string] => !!f[1])
