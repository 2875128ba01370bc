import { expect, test } from 'vitest'
import { knowsOf, sayingOf } from '../say.play'
import type { AuditEvent } from '../types'
import { aboutOf, actorOf, changesOf } from './record'
import { consoleTexts } from './texts'

const words = {
  t: sayingOf(consoleTexts),
  te: knowsOf(consoleTexts),
  name: (ref: string) =>
    ({
      'staff:1': '李财务',
      'terminal:t1': '前台终端',
      'client:c1': 'ERP',
      'account:a1': '盛付通刷卡',
      'unit:u1': '阳光里 · 1栋 101',
      'community:c1': '阳光里',
      'region:r1': '东区',
      'entity:e1': '锦绣物业',
    })[ref],
}

test.each([
  ['staff:1', '李财务'],
  ['staff:2', 'staff 2'],
  ['terminal:t1', '前台终端'],
  ['terminal:t9', 'terminal t9'],
  ['client:c1', 'ERP'],
  ['shell', 'command line'],
  ['unknown', 'not logged in'],
  ['robot:7', 'robot:7'],
])('who %s is', (actor, want) => {
  expect(actorOf(actor, words)).toBe(want)
})

test.each([
  ['refund:20261124/1', 'refund 20261124/1'],
  ['staff:1', 'staff 李财务'],
  ['terminal:t1', 'terminal 前台终端'],
  ['terminal:t9', 'terminal t9'],
  ['client:c1', 'API client ERP'],
  ['unit:u1', 'unit 阳光里 · 1栋 101'],
  ['endpoint:x', 'webhook x'],
  ['routes:', 'routes'],
  ['robot:7', 'robot:7'],
  [undefined, ''],
])('what %s is', (object, want) => {
  expect(aboutOf(object, words)).toBe(want)
})

test('what changed reads field by field', () => {
  const e = {
    object: 'refund:1/1',
    before: { status: 'requested' },
    after: { status: 'pending', amount: '123456', roles: 'finance x' },
  } as unknown as AuditEvent
  expect(changesOf(e, words)).toEqual([
    { name: 'status', before: consoleTexts.r_requested[1], after: consoleTexts.r_pending[1] },
    { name: 'amount', before: '', after: '¥1,234.56' },
    { name: 'roles', before: '', after: 'Finance x' },
  ])
  const account = {
    object: 'account:1',
    before: { mchid: '1', apiv3_key: '*' },
    after: { mchid: '2', apiv3_key: '*', private_key_pem: '*', communities: '' },
  } as unknown as AuditEvent
  expect(changesOf(account, words)).toEqual([
    { name: 'mchid', before: '1', after: '2' },
    { name: 'communities', before: '', after: 'the whole company' },
    { name: 'entered or changed', before: '', after: 'apiv3_key · private_key_pem' },
  ])
  const endpoint = {
    object: 'endpoint:1',
    before: { host: 'erp.example', types: '', state: 'enabled', request: 'R1' },
    after: { host: 'erp.example', types: '', state: 'failing', request: 'R1', asked_types: '' },
  } as unknown as AuditEvent
  expect(changesOf(endpoint, words)).toEqual([
    { name: 'state', before: 'Sending', after: 'Switched off' },
    { name: 'events asked for', before: '', after: 'All events' },
  ])
  const member = {
    object: 'staff:1',
    before: { communities: 'c1' },
    after: { communities: 'all', one_time_password: 'true', request_state: 'requested' },
  } as unknown as AuditEvent
  expect(changesOf(member, words)).toEqual([
    { name: 'communities', before: '阳光里', after: 'the whole company' },
    { name: 'one-time password', before: '', after: 'yes' },
    { name: 'request is', before: '', after: 'To be approved' },
  ])
})

test.each([
  ['communities', 'c1', '阳光里'],
  ['asked_communities', 'c1 region:r1', '阳光里 东区'],
  ['communities', 'all', 'the whole company'],
  ['communities', 'c9', 'c9'],
  ['rights', 'bills.read x', 'read bills · x'],
  ['asked_expires_at', '2026-11-30T01:02:03Z', '2026-11-30 09:02:03'],
  ['card swipe', 'a1', '盛付通刷卡'],
  ['entities', 'e1, 2026-06-01 e9', '锦绣物业, 2026-06-01 e9'],
])('what %s %s is called', (field, value, want) => {
  const e = { object: 'staff:1', after: { [field]: value } } as unknown as AuditEvent
  expect(changesOf(e, words).map((c) => c.after)).toEqual([want])
})

test('what a prepayment paid is told in yuan, and of which fees', () => {
  const e = {
    object: 'prepayment:u1.0.e1',
    before: { available: '200.00', fees: '' },
    after: { available: '150.00', amount: '50.00', bill: 'B1', fees: '物业费' },
  } as unknown as AuditEvent
  expect(changesOf(e, words).map((c) => [c.name, c.before, c.after])).toEqual([
    ['available', '¥200.00', '¥150.00'],
    ['limited to fees', '', '物业费'],
    ['amount', '', '¥50.00'],
    ['bill', '', 'B1'],
  ])
  expect(aboutOf(e.object, words)).toBe('prepayment or deposit u1.0.e1')
})

test('sums of corrections and of open balances are in yuan, and no other number is a sum', () => {
  const e = {
    object: 'community:c1',
    after: { state: 'locked', first_period: '2026-11', 'total 水费': '12.50', billed: '3.00', reading: '1.10' },
  } as unknown as AuditEvent
  const said = changesOf(e, words).map((c) => [c.name, c.after])
  expect(said).toEqual([
    ['state', consoleTexts.cut_locked[1]],
    ['first period', expect.stringContaining('2026')],
    ['total before 水费', '¥12.50'],
    ['billed', '¥3.00'],
    ['reading', '1.10'],
  ])
})

test('a table of authority reads as its lines, and a deputy by name', () => {
  const e = {
    object: 'authority:c',
    before: { decides_refund: '' },
    after: {
      decides_refund: 'operations 50000 community:c1, finance',
      deputies: '2026-12-01 2026-12-07 staff:1',
      decided_for: 'staff:1',
    },
  } as unknown as AuditEvent
  expect(changesOf(e, words).map((c) => c.after)).toEqual([
    'Operations up to ¥500.00 阳光里, Finance',
    '2026-12-01 2026-12-07 李财务',
    '李财务',
  ])
})
