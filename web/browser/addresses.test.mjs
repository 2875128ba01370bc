import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, collect, enter, eventually, goTo, logIn, settle, shot, startBrowser, startDemo } from './demo.mjs'

// What a page of the console shows stands in its address: it survives a reload, back and forward, and a log-in.

selectors.setTestIdAttribute('data-test')
let demo, browser, order
const hash = (page) => page.evaluate(() => decodeURIComponent(location.hash))
const at = (page, want) => page.waitForFunction((want) => decodeURIComponent(location.hash) === want, want)
const closed = (page) => page.locator('.el-drawer:visible').waitFor({ state: 'detached' })

before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
  const desk = await logIn(browser, demo, 'cashier')
  await collect(desk, '1-1-201')
  await desk.locator('.el-tabs__item', { hasText: '现金' }).click()
  await desk.locator('input[name=tendered]').fill('9999')
  await desk.getByTestId('take-cash').click()
  await desk.getByTestId('outcome').waitFor()
  order = (await api(desk, 'GET', '/v1/orders?limit=1')).items[0]
  const asked = await api(desk, 'POST', `/v1/orders/${order.id}/refunds`, {
    items: [{ ref: order.items[0].ref, amount: 100 }],
    reason: '住户申请',
  })
  assert.equal(asked.status, 201, JSON.stringify(asked))
  await desk.context().close()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

test('a filter and the open order outlast a reload; back and forward go through them', async () => {
  const page = await logIn(browser, demo, 'finance')
  await goTo(page, 'orders')
  await page.locator('.rows tbody tr').first().waitFor()
  await page.locator('.pick').click()
  await page.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: '已支付' }).click()
  await at(page, '#/orders?status=paid')
  await page.locator('.rows tbody tr', { hasText: order.id }).click()
  await at(page, `#/orders/${order.id}?status=paid`)
  await page.locator('.el-drawer .el-timeline').waitFor()
  await page.getByTestId('tendered').getByText('¥9,999.00 · 找零').waitFor()
  await eventually(() => page.title(), /订单 · 邻里付/)
  await page.reload()
  await page.locator('.el-drawer .el-timeline').waitFor()
  await eventually(() => page.locator('.pick').innerText(), '已支付')
  await page.goBack()
  await at(page, '#/orders?status=paid')
  await closed(page)
  await page.goBack()
  await at(page, '#/orders')
  await page.locator('.pick', { hasText: '全部状态' }).waitFor()
  await page.goForward()
  await page.goForward()
  await page.locator('.el-drawer .el-timeline').waitFor()
  await eventually(() => hash(page), `#/orders/${order.id}?status=paid`)

  // an order that the list does not have opens by its address all the same
  await goTo(page, `orders/${order.id}?status=closed`)
  await page.getByTestId('no-orders').waitFor({ state: 'attached' })
  await page.locator('.el-drawer .el-timeline').waitFor()
  assert.deepEqual(page.errors, [])
})

// Each line is an address, and what of it is seen after a reload: a page that keeps another filter adds a line.
const kept = [
  ['finance', () => 'refunds?state=abnormal', '.el-tabs__item.is-active', '退款异常'],
  ['finance', () => `refunds/${order.id}?state=all`, '.el-drawer', ''],
  ['finance', () => 'exceptions?state=ended', '.el-tabs__item.is-active', '已完结'],
  ['finance', () => 'messages?state=rejected', '.el-tabs__item.is-active', '不可信'],
  ['finance', () => 'record?verb=staff.logged_in', '[data-verb]', '登录'],
  ['finance', () => 'routes?community=x', 'h2', '支付路由'],
  ['finance', () => 'accounts/jinxiu-alipay', '.keys', ''],
  ['operations', () => 'terminals?state=offline', '.el-tabs__item.is-active', '离线'],
  ['operations', () => 'bindings?state=refused', '.is-active', '已拒绝'],
  ['operations', () => 'homes?q=1-1-201', '.rows tbody tr', '1栋 1单元 201'],
  ['operations', () => `homes/${order.unit.id}`, '.el-drawer', '201'],
  ['operations', () => `collect/${order.unit.id}?q=201`, '.bills h3', '201'],
  ['operations', () => 'orders?q=nothing-like-this', '[data-test=no-orders]', '没有符合条件的订单'],
  ['operations', () => 'exceptions?state=nonsense', '[data-test=closed-page]', '财务、审计员'],
  ['finance', () => 'refunds?state=nonsense', '.el-tabs__item.is-active', '待处理'],
]
test('what stands in an address is shown when it is opened, and after a reload', async () => {
  for (const who of ['finance', 'operations']) {
    const page = await logIn(browser, demo, who)
    for (const [of, address, where, text] of kept) {
      if (of !== who) continue
      await goTo(page, address())
      await page.locator(where, { hasText: text }).first().waitFor()
      await page.reload()
      await page.locator(where, { hasText: text }).first().waitFor()
      await eventually(() => hash(page), '#/' + address())
    }
    assert.deepEqual(page.errors, [])
  }
})

test('the bills are those of the home that was chosen last, however late those of another come', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await goTo(page, 'collect?q=1-1')
  const [first, last] = [page.locator('.units tbody tr').nth(0), page.locator('.units tbody tr').nth(1)]
  await last.waitFor()
  const [late, home] = await Promise.all([first, last].map((row) => row.locator('b').innerText()))
  let release = () => {}
  const held = new Promise((ok) => {
    release = ok
  })
  let asked = 0
  await page.route(/\/v1\/units\/[^/]+\/bills/, async (route) => {
    if (asked++ === 0) await held
    await route.continue()
  })
  const answered = page.waitForResponse((r) => r.url().includes('/bills'))
  await first.click()
  await page.waitForFunction(() => location.hash.startsWith('#/collect/'))
  await last.click()
  await answered
  const heading = page.locator('.bills h3')
  await heading.filter({ hasText: home }).waitFor()
  const lateAnswer = page.waitForResponse((r) => r.url().includes('/bills'))
  release()
  await (await lateAnswer).finished()
  await settle(page)
  assert.ok((await heading.innerText()).includes(home), `${await heading.innerText()}, not ${home} but ${late}`)
  await page.context().close()
})

test('as many pages of a list as were shown come back after a reload', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'homes?q=1')
  const rows = page.locator('.rows tbody tr')
  await rows.first().waitFor()
  await eventually(() => rows.count(), 50)
  await page.getByTestId('more').click()
  await rows.nth(99).waitFor()
  await at(page, '#/homes?q=1&pages=2')
  await page.reload()
  await rows.nth(99).waitFor()
  await page.locator('input[name=unit]').fill('201')
  await page.keyboard.press('Enter')
  await at(page, '#/homes?q=201')
  assert.deepEqual(page.errors, [])
})

test('who logs in goes on where they wanted to; another person begins at their own first page', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await goTo(page, `orders/${order.id}`)
  await page.locator('.el-drawer .el-timeline').waitFor()
  await page.locator('.el-drawer__close-btn').click()
  await goTo(page, `orders/${order.id}`)
  await page.locator('.el-drawer .el-timeline').waitFor()
  await page.evaluate(() => document.querySelector('.top .out').click())
  await enter(page, demo, 'cashier')
  await page.locator('.el-drawer .el-timeline').waitFor()
  await page.evaluate(() => document.querySelector('.top .out').click())
  await enter(page, demo, 'operations')
  await at(page, '#/')
  await page.locator('[data-tile=terminals_offline]').waitFor()
  await eventually(() => page.locator('.el-drawer').count(), 0)
  await page.reload()
  await at(page, '#/')
  assert.deepEqual(page.errors, [])
})

test('a page that a role may not see says who may; no page is a page', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await goTo(page, 'record')
  await page.getByTestId('closed-page').getByText('财务、审计员').waitFor()
  await shot(page, 'console-closed')
  await page.getByTestId('closed-page').getByRole('link').click()
  await at(page, '#/')
  await goTo(page, 'nope/at/all?x=1')
  await page.getByTestId('no-page').waitFor()
  await shot(page, 'console-no-page')
  assert.equal(await page.locator('aside .menu a[data-page=record]').count(), 0)
  assert.deepEqual(page.errors, [])
})

// takings waits until the first page says what the server says was taken today: what was paid here, unless midnight
// has passed since, which it reports.
async function takings(page) {
  const said = async () => (await page.locator('[data-tile=today_taken] strong').innerText()).replace(/[^\d.]/g, '')
  const { today, yesterday } = await api(page, 'GET', '/v1/overview')
  assert.ok(today.received + yesterday.received >= order.amount)
  await eventually(said, (now) => [today, yesterday].some((of) => now === (of.received / 100).toFixed(2)))
  return today.received >= order.amount
}

test('the numbers of the first page open the lists that they count', async () => {
  const page = await logIn(browser, demo, 'finance')
  await page.locator('[data-tile=refunds_requested] strong', { hasText: /^1$/ }).waitFor()
  await page.getByTestId('refunds-waiting').getByText('1', { exact: true }).waitFor()
  await takings(page)
  await settle(page)
  await shot(page, 'console-first-finance')
  await page.locator('[data-tile=refunds_requested]').click()
  await at(page, '#/refunds?state=requested')
  await page.locator('.rows tbody tr', { hasText: order.id + 'R01' }).waitFor()
  await page.goBack()
  await page.locator('[data-tile=refunds_requested]').waitFor()

  const desk = await logIn(browser, demo, 'cashier', true)
  if (await takings(desk)) await desk.locator('[data-by=cash]', { hasText: (order.amount / 100).toFixed(2) }).waitFor()
  await desk.setViewportSize({ width: 390, height: 844 })
  await settle(desk)
  await shot(desk, 'english-console-first-phone')
  await desk.getByTestId('open-menu').click()
  await desk.getByTestId('menu-drawer').locator('a[data-page=orders]').click()
  await at(desk, '#/orders')
  assert.deepEqual([...page.errors, ...desk.errors], [])
})
