import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, collect, eventually, goTo, logIn, settle, shot, sizes, startBrowser, startDemo } from './demo.mjs'

// The audit log: what people did is there, found by who and what, kept in the address, taken out as a table.

selectors.setTestIdAttribute('data-test')
let demo, browser
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const verb = (page, v) => page.locator(`[data-verb="${v}"]`)

// choose picks an option of a select by its text.
async function choose(page, select, text) {
  await page.getByTestId(select).click()
  await page.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first().click()
}

test('what was done is listed, filtered, kept in the address and taken out', async () => {
  const cashier = await logIn(browser, demo, 'cashier')
  await collect(cashier, '1-1-201') // which looks at units with their owners' numbers
  await cashier.locator('.el-tabs__item', { hasText: '现金' }).click()
  await cashier.locator('input[name=tendered]').fill('9999')
  await cashier.getByTestId('take-cash').click()
  await cashier.getByTestId('outcome').waitFor()
  const { items } = await api(cashier, 'GET', '/v1/orders?limit=1')
  const [order] = items
  assert.match(order.payer.phone, /\*{4}/, 'a list of orders shows whole numbers')
  const asked = await api(cashier, 'POST', `/v1/orders/${order.id}/refunds`, {
    items: [{ ref: order.items[0].ref, amount: 100 }],
    reason: '住户申请',
  })
  assert.equal(asked.status < 300 || !!asked.order, true, JSON.stringify(asked))

  const auditor = await logIn(browser, demo, 'auditor')
  await goTo(auditor, 'record')
  await verb(auditor, 'phones.viewed').first().waitFor()
  await eventually(async () => {
    // the refund is chained within seconds
    await auditor.locator('.work > header button').first().click()
    await settle(auditor)
    return verb(auditor, 'refund.requested').count()
  }, 1)
  await settle(auditor)
  await shot(auditor, 'console-record')
  const row = auditor.locator('tr', { has: verb(auditor, 'refund.requested') }).first()
  assert.match(await row.innerText(), /收银[\s\S]*申请退款[\s\S]*退款 \d+\/1[\s\S]*¥1\.00[\s\S]*#[0-9a-f]{8}/)
  assert.doesNotMatch(await auditor.locator('.work').innerText(), /(?<!\d)1[3-9]\d{9}(?!\d)/)

  await row.getByRole('button', { name: /退款/ }).click() // all that was done to the order
  await eventually(() => decodeURIComponent(auditor.url()), new RegExp(`object=order:${order.id}`))
  await eventually(
    () => auditor.locator('.record tbody tr').count(),
    (n) => n > 0 && n < 3,
  )
  await auditor.reload()
  await verb(auditor, 'refund.requested').waitFor()
  await auditor.getByTestId('clear').click()
  await verb(auditor, 'phones.viewed').first().waitFor()
  await choose(auditor, 'by-verb', '查看住户电话')
  await auditor.waitForFunction(
    () =>
      [...document.querySelectorAll('[data-verb]')].every((e) => e.dataset.verb === 'phones.viewed') &&
      document.querySelector('[data-verb]'),
  )
  await eventually(() => auditor.url(), /verb=phones\.viewed/)
  const [file] = await Promise.all([auditor.waitForEvent('download'), auditor.getByTestId('export').click()])
  const rows = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\n')
  assert.match(rows[0], /^\uFEFF?时间,操作人/)
  assert.ok(rows.length > 1 && rows.slice(1).every((r) => r.includes('查看住户电话')), rows.join('\n'))
  await choose(auditor, 'by-verb', '导出操作日志')
  await verb(auditor, 'audit.exported').waitFor()
  await choose(auditor, 'by-verb', '恢复备份')
  await auditor.getByTestId('no-events').waitFor()
  await shot(auditor, 'console-record-empty')

  await auditor.getByTestId('clear').click()
  for (const [name, size] of [
    ['phone', sizes.phone],
    ['320', { width: 320, height: 700 }],
  ]) {
    await auditor.setViewportSize(size)
    await auditor.locator('.record tbody tr').first().waitFor()
    await settle(auditor)
    await shot(auditor, 'console-record-' + name)
  }
  assert.deepEqual(auditor.errors, [])
})

test(
  'what cannot be read says so and is tried again; an auditor is offered nothing that changes ' + 'something',
  async () => {
    const page = await logIn(browser, demo, 'auditor', true)
    let broken = true
    await page.route(/\/v1\/audit-events\?/, (route) =>
      broken
        ? route.fulfill({
            status: 503,
            json: { code: 'unavailable', detail: 'The audit log cannot be read now.', request_id: 'R1' },
          })
        : route.continue(),
    )
    await goTo(page, 'record')
    await page.getByTestId('list-error').waitFor()
    await shot(page, 'console-record-error')
    broken = false
    await page.getByTestId('list-error').getByRole('button').click()
    await verb(page, 'staff.logged_in').first().waitFor()
    await settle(page)
    await shot(page, 'console-record-en')
    for (const place of [
      'orders',
      'refunds',
      'returns',
      'exceptions',
      'messages',
      'approvals',
      'accounts',
      'routes',
      'terminals',
      'staff',
      'bindings',
      'homes',
    ]) {
      await goTo(page, place)
      await page.locator('.work h2').waitFor()
      await settle(page)
      for (const button of [
        'new-account',
        'pair',
        'unpair',
        'save-routes',
        'replay',
        'edit',
        'test',
        'approve',
        'refuse',
        'test-change',
        'add-member',
        'rights',
        'reset',
        'toggle',
        'end',
        'change-owner',
      ])
        assert.equal(await page.getByTestId(button).count(), 0, `${place} offers ${button}`)
    }
    assert.deepEqual(page.errors, [])
  },
)

// A list that shows telephone numbers is read once when its page is opened, and each look is one line.
test('one look at a list is one line of the audit log', async () => {
  const page = await logIn(browser, demo, 'operations')
  await settle(page)
  const reads = []
  page.on('request', (r) => {
    const { pathname } = new URL(r.url())
    if (/\/v1\/(units|bindings)$/.test(pathname)) reads.push(pathname)
  })
  for (const [place, read] of [
    ['bindings', '/v1/bindings'],
    ['homes', '/v1/units'],
    ['collect?q=1-1-201', '/v1/units'],
    ['bindings?state=ended', '/v1/bindings'],
  ]) {
    reads.length = 0
    await goTo(page, place)
    await eventually(
      () => reads.length,
      (n) => n > 0,
    )
    await settle(page)
    assert.deepEqual(reads, [read], place)
    await goTo(page, 'me')
  }
})

test('a cashier has no audit log', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await goTo(page, 'record')
  await page.getByTestId('closed-page').getByText('财务、审计员').waitFor()
  assert.equal((await api(page, 'GET', '/v1/audit-events')).status, 403)
})
