import { expect, test } from 'vitest'
import type { Organisation, Place } from '../types'
import { fieldOf, valueOf } from './approvals'
import { sayingOf } from '../say.play'
import { bodyOf, creditCode, found, limitOf, planned, revisionOf, standing } from './organisation'
import { consoleTexts } from './texts'

// The same codes as access/organisation_test.go has.
test('unified social credit codes are checked as the server checks them', () => {
  for (const code of ['91350100M000100Y43', '91110000802100433B', '9144030071526726XG', '91330100799655058B']) {
    expect(creditCode(code), code).toBe(true)
    for (let i = 0; i < 18; i++) {
      const slip = code.slice(0, i) + (code[i] === '1' ? '2' : '1') + code.slice(i + 1)
      expect(creditCode(slip), slip).toBe(false)
    }
  }
  for (const code of ['', '91350100M000100Y4', '91350100m000100y43', '91350100I000100Y43'])
    expect(creditCode(code), code).toBe(false)
})

const place = (community: string, more: Partial<Place>): Place => ({
  community,
  name: community,
  entity: 'e1',
  region: '',
  entities: [],
  regions: [],
  revision: 0,
  ...more,
})
const chart: Organisation = {
  entities: [],
  regions: [],
  requests: [],
  places: [
    place('Maple Court', { region: 'n', revision: 2 }),
    place('Elm Court', { entity: 'e2', revision: 1 }),
    place('Oak', {}),
  ],
}

test('a search and filters leave the communities that fit all of them', () => {
  const names = (...of: [string, string, string]) => found(chart, ...of).map((p) => p.name)
  expect(names('', '', '')).toEqual(['Maple Court', 'Elm Court', 'Oak'])
  expect(names(' court ', '', '')).toEqual(['Maple Court', 'Elm Court'])
  expect(names('court', 'e2', '')).toEqual(['Elm Court'])
  expect(names('', '', 'n')).toEqual(['Maple Court'])
  expect(names('', '', '-')).toEqual(['Elm Court', 'Oak'])
  expect(revisionOf(chart.places)).toBe(3)
})

test('what stands today and what is planned', () => {
  expect(standing({ from: '', to: '' }, '2026-11-28')).toBe('org_open')
  expect(standing({ from: '2026-11-28', to: '2026-11-28' }, '2026-11-28')).toBe('org_open')
  expect(standing({ from: '', to: '2026-11-27' }, '2026-11-28')).toBe('org_closed')
  expect(standing({ from: '2026-11-29', to: '' }, '2026-11-28')).toBe('org_future')
  const stays = [
    { id: 'a', from: '' },
    { id: 'b', from: '2026-11-28' },
    { id: 'c', from: '2026-12-01' },
  ]
  expect(planned(stays, '2026-11-28')?.id).toBe('c')
  expect(planned(stays, '2026-12-01')).toBeUndefined()
})

test('an entity is sent without spaces and empty bank accounts', () => {
  const sent = bodyOf({
    id: 'x',
    kind: 'branch',
    name: ' 分公司 ',
    tax_number: ' 9135 0100m000100y43',
    seal: '',
    series: 'sh',
    books: '',
    accounts: [
      { bank: ' 工行 ', number: '6222 0000-1111' },
      { bank: '', number: ' ' },
    ],
    from: '',
    to: '',
    revision: 1,
    first: false,
  })
  expect(sent).toMatchObject({
    name: '分公司',
    tax_number: '91350100M000100Y43',
    series: 'SH',
    accounts: [{ bank: '工行', number: '622200001111' }],
  })
  expect([limitOf('0'), limitOf('100.5'), limitOf('x')]).toEqual([0, 10050, undefined])
})

test('what a change says has words in both languages', () => {
  const t = sayingOf(consoleTexts)
  const d = (field: string, before: string, after: string) => ({ field, before, after, secret: false })
  expect(fieldOf(d('org_tax_number', '', ''), t)).toBe('Unified social credit code')
  expect(fieldOf(d('枫林苑 · 区域', '', ''), t)).toBe('枫林苑 · 区域')
  expect(valueOf(d('org_kind', '', 'branch'), 'after', t)).toBe('Branch')
  expect(valueOf(d('set_unapplied', 'refund', 'person'), 'before', t)).toBe('goes back by itself')
  expect(valueOf(d('set_refund_limit', '0.00', '100.00'), 'after', t)).toBe('¥100.00')
  expect(valueOf(d('set_part_payments', 'desk', 'nobody'), 'after', t)).toBe('not allowed')
  expect(valueOf(d('set_desk_minutes', '5', '10'), 'after', t)).toBe('10 min')
  expect(valueOf(d('枫林苑 · 区域', '', '北 区'), 'after', t)).toBe('北 区')
  expect(valueOf(d('rights', '', 'bills.read, orders.read'), 'after', t)).toBe('read bills, read orders and refunds')
  expect(valueOf(d('expires_at', '2026-11-28T16:00:00Z', ''), 'before', t)).toBe('2026-11-29 00:00')
  expect(valueOf(d('expires_at', '2026-11-28T16:00:00Z', ''), 'after', t)).toBe('never expires')
  const north = [{ id: 'n', name: 'North' }]
  expect(valueOf(d('communities', '', 'n'), 'after', t, north)).toBe('North')
})
