import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  asPhone,
  eventually,
  goTo,
  logIn,
  open,
  pairTerminal,
  resident,
  shot,
  startBrowser,
  startDemo,
  terminal,
} from './demo.mjs'

// Lists that are longer than a page, and more bills than one order takes.

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

// owing answers the bills of any unit as one that owes n of 1 yuan, in the API's pages.
async function owing(page, n) {
  await page.route(/\/v1\/units\/[^/]+\/bills/, (route) => {
    const args = new URL(route.request().url()).searchParams
    if (args.get('status') === 'paid')
      return route.fulfill({ json: { items: [], prepayment_balance: 0, max_per_order: 200 } })
    const from = Number(args.get('cursor') || 0)
    const to = Math.min(from + Math.min(Number(args.get('limit') || 50), 200), n)
    const items = Array.from({ length: to - from }, (_, i) => ({
      id: `b${from + i}`,
      unit: 'u',
      fee: '物业费',
      period: '2026-01',
      title: `物业费 ${from + i}`,
      amount: 100,
      owed: 100,
      due_date: '2026-12-31',
      status: 'unpaid',
      overdue: false,
    }))
    return route.fulfill({
      json: { items, next: to < n ? String(to) : undefined, prepayment_balance: 0, max_per_order: 200 },
    })
  })
}

test('a search that finds more than a page says so, and goes on', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await goTo(desk, 'collect')
  await desk.locator('input[name=unit]').fill('1')
  await desk.locator('.bar button[type=submit]').click()
  await desk.getByTestId('more').waitFor()
  await eventually(() => desk.locator('.units tbody tr').count(), 50)
  await desk.getByText('仅显示前 50 户').waitFor()
  await shot(desk, 'console-more-units')
  await desk.getByTestId('more').click()
  await desk.locator('.units tbody tr').nth(50).waitFor()
  assert.deepEqual(desk.errors, [])

  const screen = await terminal(browser, demo)
  await screen.getByTestId('start').click()
  await screen.keyboard.type('1')
  await screen.getByTestId('submit').click()
  await screen.getByTestId('more-units').click()
  await screen.locator('.cards .card').nth(60).waitFor()
  assert.deepEqual(screen.errors, [])
})

test('who owes more bills than one order takes pays them in parts', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await owing(desk, 501)
  await goTo(desk, 'collect')
  await desk.locator('input[name=unit]').fill('1-1-301')
  await desk.locator('.bar button[type=submit]').click()
  await desk.locator('.units tbody tr, .bills tbody tr').first().waitFor()
  if (!(await desk.locator('.bills tbody tr').count())) await desk.locator('.units tbody tr').first().click()
  await desk.getByText('共 501 笔账单').waitFor()
  await eventually(() => desk.locator('.bills tbody tr').count(), 501)
  await desk.locator('.bills thead .el-checkbox').click()
  await desk.getByTestId('too-many').waitFor()
  await desk.getByTestId('collect').click()
  assert.equal(await desk.locator('.pay').count(), 0, 'more bills were taken than an order takes')
  await desk.getByTestId('oldest').click()
  await desk.locator('.sum b', { hasText: '¥200.00' }).waitFor()
  await desk.getByTestId('too-many').waitFor({ state: 'detached' })
  await shot(desk, 'console-many-bills')
  assert.deepEqual(desk.errors, [])

  const phone = await open(browser, 'phone', demo.base + '/resident')
  await owing(phone, 501)
  await asPhone(phone, demo.residents[1].phone)
  await phone.getByTestId('unit').first().click()
  await phone.getByTestId('in-parts').getByText('共 501 笔账单').waitFor()
  const total = phone.locator('.van-submit-bar__text')
  await eventually(() => total.textContent(), /200\.00/)
  await phone.locator('.bills .van-cell').nth(300).click()
  await phone.getByTestId('in-parts').getByText('已选 201 笔').waitFor()
  await eventually(() => phone.locator('.van-submit-bar__button').isDisabled(), true)
  await shot(phone, 'resident-many-bills')
  assert.deepEqual(phone.errors, [])

  const screen = await open(browser, 'terminal', demo.base + '/terminal')
  await owing(screen, 501)
  await pairTerminal(screen, await demo.pairingCode())
  await screen.getByTestId('start').click()
  await screen.keyboard.type('1-1-401')
  await screen.getByTestId('submit').click()
  await screen.getByTestId('in-parts').waitFor()
  await eventually(() => screen.locator('.total').textContent(), /200 笔.*200\.00/)
  await screen.locator('.bill input').nth(400).check()
  await screen.getByText('已选 201 笔，').waitFor()
  await eventually(() => screen.getByTestId('pay').isDisabled(), true)
  await shot(screen, 'terminal-many-bills')
  assert.deepEqual(screen.errors, [])
})

test('a list is sorted by its heads, by keyboard too, as its address says', async () => {
  const desk = await logIn(browser, demo, 'operations')
  await goTo(desk, 'homes')
  const head = desk.locator('.sort-head[data-sort=label]')
  const said = () => desk.locator('th', { has: head }).getAttribute('aria-sort')
  const first = () => desk.getByTestId('open-home').first().textContent()
  await head.waitFor()
  await eventually(said, 'ascending')
  const usual = await first()
  const last = (await api(desk, 'GET', '/v1/units?sort=-label&limit=1')).items[0].label
  assert.notEqual(usual.trim(), last)
  await head.focus()
  await desk.keyboard.press('Enter')
  await eventually(said, 'descending')
  await eventually(async () => (await first()).trim(), last)
  assert.match(desk.url(), /sort=-label/)
  await desk.reload()
  await head.waitFor()
  await eventually(said, 'descending')
  await eventually(async () => (await first()).trim(), last)
  await desk.setViewportSize({ width: 390, height: 800 })
  await desk.locator('.sort-choice .el-select').waitFor()
  await desk.setViewportSize({ width: 1280, height: 800 })
  await head.click()
  await eventually(said, 'ascending')
  await eventually(first, usual)
})
