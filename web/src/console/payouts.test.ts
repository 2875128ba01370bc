import { expect, test } from 'vitest'
import type { Payout } from '../types'
import { accountFits, accountShown, file, paidBy, stepsOf, totalOf } from './payouts'
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

test('the file for the bank has the transfers alone, and their accounts whole', () => {
  const text = file([payout(), payout({ method: 'cash' }), payout({ payee: '=1+1', account: '12345678' })], t)
  expect(text.slice(1).split('\r\n')).toEqual([
    'po_payer,po_payee,po_bank,po_account,amount,po_remark,s_request',
    '锦绣物业,王小明,招商银行福州分行,6214 8301 2345 6789,1234.56,over_payout 锦绣花园 1栋 101,r1',
    "锦绣物业,'=1+1,招商银行福州分行,1234 5678,1234.56,over_payout 锦绣花园 1栋 101,r1",
    '',
  ])
})
