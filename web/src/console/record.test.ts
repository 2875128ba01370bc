import { expect, test } from 'vitest'
import { shared } from '../texts'
import type { AuditEvent } from '../types'
import { approvalTexts } from './approvals'
import { memberTexts } from './members'
import { aboutOf, actorOf, changesOf, recordTexts } from './record'

const texts: Record<string, [string, string]> = {
  ...shared,
  ...approvalTexts,
  ...memberTexts,
  ...recordTexts,
  whole_company: ['全公司', 'the whole company'],
}
const words = {
  t: (key: string, args: Record<string, unknown> = {}) =>
    texts[key][1].replace(/\{(\w+)\}/g, (_, k) => String(args[k])),
  te: (key: string) => key in texts,
  name: (actor: string) => (actor === 'staff:1' ? '李财务' : undefined),
}

test.each([
  ['staff:1', '李财务'],
  ['staff:2', 'staff 2'],
  ['terminal:t9', 'terminal t9'],
  ['shell', 'command line'],
  ['unknown', 'not logged in'],
  ['robot:7', 'robot:7'],
])('who %s is', (actor, want) => {
  expect(actorOf(actor, words)).toBe(want)
})

test.each([
  ['refund:20261124/1', 'refund 20261124/1'],
  ['staff:1', 'staff 李财务'],
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
    { name: 'status', before: texts.r_requested[1], after: texts.r_pending[1] },
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
  const member = {
    object: 'staff:1',
    before: { communities: 'c1' },
    after: { communities: 'all', one_time_password: 'true', request_state: 'requested' },
  } as unknown as AuditEvent
  expect(changesOf(member, words)).toEqual([
    { name: 'communities', before: 'c1', after: 'the whole company' },
    { name: 'one-time password', before: '', after: 'yes' },
    { name: 'request is', before: '', after: 'To be approved' },
  ])
})
