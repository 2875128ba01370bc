import { sum, yuan } from '../money'
import type { Payout, Prepayment } from '../types'
import { decidedBy } from './authority'
import { cell } from './statement'
import type { ConsoleSay, ConsoleText } from './texts'

// Payouts (退付) of prepayments and deposits, as pages and the bank's file say them.

// payoutStatuses are in the order of their tabs: what is to be paid comes first.
export const payoutStatuses = ['approved', 'requested', 'paid', 'cancelled', 'refused', 'withdrawn'] as const
export const payoutColors = {
  requested: 'warning',
  approved: 'primary',
  paid: 'success',
  cancelled: 'info',
  refused: 'danger',
  withdrawn: 'info',
} as const

// methodsOf are how money may leave a prepayment: of a deposit it may stay with the company, too.
export const methodsOf = (p: Pick<Prepayment, 'deposit'>): Payout['method'][] =>
  p.deposit ? ['bank_transfer', 'cash', 'deduction', 'prepayment'] : ['bank_transfer', 'cash']

// stays reports whether no money leaves the company by a method: then what is approved is done.
export const stays = (method: Payout['method']) => method === 'deduction' || method === 'prepayment'

// wordsBy are the texts of a method of which money stays, or those of the others.
const wordsBy = <const A, const B, const C>(
  method: Payout['method'],
  others: A,
  deduction: B,
  prepayment: C,
): A | B | C => (method === 'deduction' ? deduction : method === 'prepayment' ? prepayment : others)

// statusText is where a payout stands, in a word.
export const statusText = ({ status, method }: Pick<Payout, 'status' | 'method'>) =>
  status === 'paid' ? wordsBy(method, 'po_paid', 'po_paid_deduction', 'po_paid_prepayment') : (`po_${status}` as const)

// askTitle is what asking for a payout is called.
export const askTitle = (method: Payout['method']) =>
  wordsBy(method, 'po_ask_title', 'po_ask_deduction', 'po_ask_prepayment')

// decidedWords are what is asked before a payout is approved, and what is said once it is.
export const decidedWords = ({ method }: Pick<Payout, 'method'>) =>
  wordsBy(
    method,
    { sure: 'po_approve_sure', done: 'po_done' },
    { sure: 'po_approve_sure_deduction', done: 'po_done_deduction' },
    { sure: 'po_approve_sure_prepayment', done: 'po_done_prepayment' },
  )

// forWhom is who gets a payout, or what it is for.
export const forWhom = (p: Payout, t: ConsoleSay) => p.payee || p.fee || t('po_becomes', { name: p.debtor })

// totalOf is what some payouts come to, in fen.
export const totalOf = (some: Payout[]) => sum(some.map((p) => p.amount))

// payoutTitle names a payout that waits.
export function payoutTitle(p: Payout, t: ConsoleSay): string {
  const title = wordsBy(p.method, 'po_title', 'po_title_deduction', 'po_title_prepayment')
  return [t(title, { amount: yuan(p.amount) }), p.deposit, `${p.community_name} ${p.unit_label}`]
    .filter(Boolean)
    .join(' · ')
}

// accountShown is an account's number in groups of four, as it stands on a card.
export const accountShown = (account: string) => account.replace(/^\d+$/, (n) => n.replace(/\B(?=(\d{4})+$)/g, ' '))

// accountFits reports whether a text is an account's number, but for the spaces and dashes that people group it by.
export const accountFits = (text: string) => /^[0-9]{8,32}$/.test(text.replace(/[\s\u3000-]/g, ''))

// paidBy reports whether somebody who may do so much says that a payout is paid.
export const paidBy = (p: Payout, may: (...some: ('cashier' | 'finance')[]) => boolean) =>
  p.status === 'approved' && may('finance', ...(p.method === 'cash' ? (['cashier'] as const) : []))

// stepsOf are who did what with a payout, and when.
export function stepsOf(p: Payout, t: ConsoleSay, name: (actor?: string) => string, at: (time: string) => string) {
  const steps = [t('po_step_asked', { name: name(p.requested_by), at: at(p.requested_at) })]
  const decided = { name: decidedBy(p, name, t), at: at(p.decided_at ?? p.requested_at) }
  if (p.state === 'approved') {
    const done = wordsBy(p.method, 'po_step_approved', 'po_step_deduction', 'po_step_prepayment')
    steps.push(t(done, decided))
  }
  if (p.state === 'refused') steps.push(t('po_step_refused', { ...decided, note: p.note ?? '' }))
  if (p.paid_at && !stays(p.method)) {
    const paid = { name: name(p.paid_by), at: at(p.paid_at) }
    steps.push(p.reference ? t('po_step_numbered', { ...paid, number: p.reference }) : t('po_step_paid', paid))
  }
  if (p.cancelled_at) {
    const note = p.cancellation_reason ?? ''
    steps.push(t('po_step_cancelled', { name: name(p.cancelled_by), at: at(p.cancelled_at), note }))
  }
  return steps
}

// file is what is to be transferred, as a table for the bank.
export function file(some: Payout[], t: ConsoleSay): string {
  const heads: ConsoleText[] = ['po_payer', 'po_payee', 'po_bank', 'po_account', 'amount', 'po_remark', 's_request']
  const rows = some
    .filter((p) => p.method === 'bank_transfer')
    .map((p) => [
      p.payer,
      p.payee ?? '',
      p.bank ?? '',
      accountShown(p.account ?? ''), // as one number a spreadsheet would round it
      yuan(p.amount).replaceAll(',', ''),
      `${t(p.deposit ? 'po_of_deposit' : 'po_of_prepayment')} ${p.community_name} ${p.unit_label}`,
      p.id,
    ])
  return '\ufeff' + [heads.map((h) => t(h)), ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}
