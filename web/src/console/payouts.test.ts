import { expect, test } from 'vitest'
import type { Payout } from '../types'
import {
  accountFits,
  accountShown,
  askTitle,
  decidedWords,
  file,
  forWhom,
  methodsOf,
  paidBy,
  payoutTitle,
  statusText,
  stays,
  stepsOf,
  totalOf,
} from './payouts'
import type { ConsoleSay } from './texts'

const payout = (more: Partial<Payout> = {}) =>
  ({
    id: 'r1',
    amount: 123456,
    method: 'bank_transfer',
    status: 'approved',
    state: 'approved',
    payee: '王小明',
    payer: '锦绣物业',
    bank: '招商银行福州分行',
    account: '6214830123456789',
    community_name: '锦绣花园',
    unit_label: '1栋 101',
    requested_by: 'staff:1',
    requested_at: 'monday',
    decided_by: 'staff:2',
    decided_at: 'tuesday',
    ...more,
  }) as unknown as Payout
const t = ((key: string, more: object = {}) => [key, ...Object.values(more)].join(' ')) as unknown as ConsoleSay
const steps = (more: Partial<Payout>) =>
  stepsOf(
    payout(more),
    t,
    (actor) => actor ?? '',
    (at) => at,
  )

test.each([
  ['6214830123456789', '6214 8301 2345 6789'],
  ['12345678901', '123 4567 8901'],
  ['****6789', '****6789'],
])('an account %s is shown as %s', (account, want) => expect(accountShown(account)).toBe(want))

test.each([
  ['6214 8301-2345\u30006789', true],
  ['12345678', true],
  ['1234567', false],
  ['1'.repeat(33), false],
  ['12345678a', false],
])('%s is an account: %s', (text, want) => expect(accountFits(text)).toBe(want))

test('a transfer is paid by finance, and cash by a cashier too, once it is approved', () => {
  const is =
    (...mine: string[]) =>
    (...some: string[]) =>
      some.some((r) => mine.includes(r))
  expect(paidBy(payout(), is('finance'))).toBe(true)
  expect(paidBy(payout(), is('cashier'))).toBe(false)
  expect(paidBy(payout({ method: 'cash' }), is('cashier'))).toBe(true)
  expect(paidBy(payout({ method: 'cash', status: 'paid' }), is('cashier', 'finance'))).toBe(false)
  expect(totalOf([payout(), payout({ amount: 1 })])).toBe(123457)
})

test('who did what, and when', () => {
  const asked = 'po_step_asked staff:1 monday'
  const approved = 'po_step_approved staff:2 tuesday'
  expect(steps({ state: 'requested', status: 'requested' })).toEqual([asked])
  expect(steps({ state: 'refused', note: '账号不符' })).toEqual([asked, 'po_step_refused staff:2 tuesday 账号不符'])
  expect(steps({ paid_at: 'friday', paid_by: 'staff:3' })).toEqual([asked, approved, 'po_step_paid staff:3 friday'])
  expect(steps({ paid_at: 'friday', paid_by: 'staff:3', reference: 'HD1' })).toEqual([
    asked,
    approved,
    'po_step_numbered staff:3 friday HD1',
  ])
  const cancelled = { cancelled_at: 'friday', cancelled_by: 'staff:3', cancellation_reason: '未来领取' }
  expect(steps(cancelled)).toEqual([asked, approved, 'po_step_cancelled staff:3 friday 未来领取'])
})

test('of a deposit money may stay, and what is approved then is done', () => {
  expect(methodsOf({}).filter(stays)).toEqual([])
  expect(methodsOf({ deposit: '装修押金' }).filter(stays)).toEqual(['deduction', 'prepayment'])
  const done = { paid_at: 'tuesday', paid_by: 'staff:2', status: 'paid', payee: undefined } as const
  const deducted = payout({ ...done, deposit: '装修押金', method: 'deduction', fee: '装修损坏赔偿' })
  const moved = payout({ ...done, deposit: '装修押金', method: 'prepayment', debtor: '王小明' })
  const said = [deducted, moved, payout({ status: 'paid' }), payout({ status: 'refused', method: 'deduction' })]
  expect(said.map(statusText)).toEqual(['po_paid_deduction', 'po_paid_prepayment', 'po_paid', 'po_refused'])
  expect(said.map((p) => decidedWords(p).done)).toEqual([
    'po_done_deduction',
    'po_done_prepayment',
    'po_done',
    'po_done_deduction',
  ])
  expect(said.slice(0, 3).map((p) => askTitle(p.method))).toEqual([
    'po_ask_deduction',
    'po_ask_prepayment',
    'po_ask_title',
  ])
  expect(said.slice(0, 3).map((p) => forWhom(p, t))).toEqual(['装修损坏赔偿', 'po_becomes 王小明', '王小明'])
  expect(payoutTitle(deducted, t)).toBe('po_title_deduction 1,234.56 · 装修押金 · 锦绣花园 1栋 101')
  expect(steps(deducted)).toEqual(['po_step_asked staff:1 monday', 'po_step_deduction staff:2 tuesday'])
  expect(steps(moved)).toEqual(['po_step_asked staff:1 monday', 'po_step_prepayment staff:2 tuesday'])
})

test('the file for the bank has the transfers alone, and their accounts whole', () => {
  const text = file(
    [
      payout(),
      payout({ method: 'deduction', payee: undefined }),
      payout({ deposit: '装修押金', payee: '=1+1', account: '12345678' }),
    ],
    t,
  )
  expect(text.slice(1).split('\r\n')).toEqual([
    'po_payer,po_payee,po_bank,po_account,amount,po_remark,s_request',
    '锦绣物业,王小明,招商银行福州分行,6214 8301 2345 6789,1234.56,po_of_prepayment 锦绣花园 1栋 101,r1',
    "锦绣物业,'=1+1,招商银行福州分行,1234 5678,1234.56,po_of_deposit 锦绣花园 1栋 101,r1",
    '',
  ])
})
