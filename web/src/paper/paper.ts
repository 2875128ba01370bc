import type { Order, Refund } from '../types'
import { homeOf, payment, reasonOf, transaction } from '../types'
import { shanghai } from '../time'
import { yuan } from '../money'
import { billTitle } from '../title'

// What is printed: a paper says what it is, of whom and what for, how much in figures and words, and how it was paid.
// How it lies on each width of paper is Paper.vue's.

export interface Paper {
  company: string
  title: string
  number: string
  numberName: string
  who: [name: string, value: string][]
  lines: { what: string; amount: number }[]
  total: number
  facts: [name: string, value: string][]
  warning?: string
  note: string
  signs: string[]
}

type Words = (key: string, named?: Record<string, string>) => string

export const paperTexts: Record<string, [string, string]> = {
  paper_receipt: ['缴费凭证', 'Payment receipt'],
  paper_refund: ['退款凭证', 'Refund receipt'],
  paper_number: ['凭证号', 'Receipt No.'],
  paper_home: ['房屋', 'Home'],
  paper_payer: ['缴费人', 'Payer'],
  paper_total: ['合计', 'Total'],
  paper_words: ['大写', 'In words'],
  paper_way: ['支付方式', 'Paid by'],
  paper_at: ['支付时间', 'Paid at'],
  paper_cashier: ['收款人', 'Cashier'],
  paper_tendered: ['实收', 'Received'],
  paper_change: ['找零', 'Change'],
  paper_card: ['银行卡', 'Card'],
  paper_gone: ['已退款', 'Given back'],
  paper_not_invoice: ['本凭证不是发票，不作为报销依据。', 'This is a receipt and not a tax invoice.'],
  paper_printed: ['打印时间', 'Printed'],
  paper_provisional: ['刷卡款项待收单机构对账确认', 'Card payment not yet confirmed by the acquirer'],
  paper_seal: ['收款单位（盖章）', 'Collected by (seal)'],
  paper_fee: ['项目', 'Item'],
  paper_amount: ['金额（元）', 'Amount (yuan)'],
  paper_sign_payer: ['收款人（签字）', 'Received by'],
  paper_sign_desk: ['经办人（签字）', 'Paid out by'],
  paper_size: ['纸张', 'Paper'],
  paper_58: ['58 毫米小票', '58 mm roll'],
  paper_80: ['80 毫米小票', '80 mm roll'],
  paper_print: ['打印', 'Print'],
  paper_preview: ['预览', 'Preview'],
}

// receiptOf is the receipt of an order that was paid.
export function receiptOf(o: Order, company: string, cashier: string, t: Words, now: string): Paper {
  const a = payment(o)
  const way = a
    ? [t(a.institution), a.wallet && a.wallet !== a.institution ? t('w_' + a.wallet) : ''].filter(Boolean).join(' · ')
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
    number: o.id,
    numberName: t('paper_number'),
    who: whoOf(o, t),
    lines: o.items.map((i) => ({ what: billTitle(i.title), amount: i.amount })),
    total: o.amount,
    facts: given(facts),
    warning: a?.provisional ? t('paper_provisional') : undefined,
    note: t('paper_not_invoice'),
    signs: [t('paper_seal')],
  }
}

// refundReceiptOf is the receipt of money that goes or went back.
export function refundReceiptOf(
  o: Order,
  r: Refund,
  company: string,
  name: (actor?: string) => string,
  t: Words,
  now: string,
): Paper {
  const from = o.attempts.find((a) => a.no === r.attempt)
  const there = r.upstream_no ?? r.refund_id
  const foreign = r.foreign && !r.requested_by
  const title = (ref: string) => billTitle(o.items.find((i) => i.ref === ref)?.title ?? ref)
  const facts: [string, string | undefined][] = [
    [t('order'), o.id],
    [
      t('channel'),
      [from ? t(from.institution) : '', r.foreign ? t('foreign_mark') : '', r.by_hand ? t('by_hand') : '']
        .filter(Boolean)
        .join(' · '),
    ],
    [t('paper_card'), from?.card?.masked ? [from.card.masked, from.card.issuer].filter(Boolean).join(' ') : ''],
    [t('transaction'), from?.transaction_id ?? transaction(o)],
    [t('institution_refund'), there === r.out_refund_no ? '' : there],
    [t('reason'), reasonOf(r, t)],
    [t('status'), t('r_' + r.status)],
    [t('refunded_at'), shanghai(r.succeeded_at) || '–'],
    [t('asker'), foreign ? t('at_institution') : name(r.requested_by)],
    [t('decider'), foreign ? '' : name(r.decided_by)],
    [t('paper_printed'), shanghai(now)],
  ]
  const lines = (r.items ?? []).map((i) => ({ what: title(i.ref), amount: i.amount }))
  return {
    company,
    title: t('paper_refund'),
    number: r.out_refund_no,
    numberName: t('refund_no'),
    who: whoOf(o, t),
    lines: lines.length ? lines : [{ what: t('exceptions'), amount: r.amount }],
    total: r.amount,
    facts: given(facts),
    note: t('paper_not_invoice'),
    signs: [t('paper_sign_payer'), t('paper_sign_desk')],
  }
}

const whoOf = (o: Order, t: Words): [string, string][] =>
  given([
    [t('paper_home'), homeOf(o)],
    [t('paper_payer'), o.payer.name],
  ])
const given = (some: [string, string | undefined][]) => some.filter((f): f is [string, string] => !!f[1])
