// The order at the counter stands in the address: a reload, Back and a copied link lead to it again. What ended it is
// said, and what to do next.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { another, api, collect, eventually, goTo, logIn, startBrowser, startDemo } from './demo.mjs'

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

const box = (page) => page.locator('.el-message-box').filter({ visible: true })
const hash = (page) => page.evaluate(() => location.hash)
const statusOf = (page, id) => api(page, 'GET', '/v1/orders/' + id).then((o) => o.status)
const named = (page) =>
  page.waitForFunction(() => /[?&]order=\d{24}/.exec(location.hash)?.[0].slice(7)).then((h) => h.jsonValue())

test('a reload and a copied link lead to the order again, and Back to the one before', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await collect(desk, '1-1-201')
  const id = await named(desk)
  desk.on('dialog', (d) => d.accept())
  await desk.reload()
  await desk.locator('.pay img').waitFor()
  assert.equal(await statusOf(desk, id), 'pending')

  const copied = await another(desk)
  await copied.locator('.pay img').waitFor()
  await copied.close()

  await desk.locator('.el-tabs__item', { hasText: '现金' }).click()
  await desk.locator('input[name=tendered]').fill('9999')
  await desk.getByTestId('take-cash').click()
  await desk.getByTestId('outcome').filter({ hasText: '已支付' }).waitFor()
  await desk.reload()
  await desk.getByTestId('outcome').filter({ hasText: '已支付' }).waitFor()
  await desk.getByTestId('print-receipt').waitFor()
  await desk.getByTestId('next-home').click()
  await eventually(() => hash(desk), '#/collect')
  await desk.locator('.pay').waitFor({ state: 'detached' })
  await desk.goBack()
  await desk.getByTestId('outcome').filter({ hasText: '已支付' }).waitFor()
  assert.equal(await named(desk), id)
  assert.deepEqual(desk.errors, [])
  await desk.context().close()
})

test('Back from an order that is live asks, and closes the dialog with it', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await collect(desk, '1-1-301')
  const id = await named(desk)
  await desk.goBack()
  await box(desk).getByText('二维码立即失效').waitFor()
  await box(desk).locator('.el-button--primary').click()
  await desk.locator('.pay').waitFor({ state: 'detached' })
  assert.ok(!(await hash(desk)).includes(id))
  await eventually(() => statusOf(desk, id), 'closed')
  await desk.locator('.bills tbody .el-checkbox').first().waitFor()
  await desk.goForward()
  await desk.getByTestId('why-closed').waitFor()
  assert.deepEqual(desk.errors, [])
  await desk.context().close()
})

test('Back from a form that was begun asks, and closes the form with it', async () => {
  const desk = await logIn(browser, demo, 'operations')
  await goTo(desk, 'accounts/jinxiu-alipay')
  await desk.locator('.keys').first().waitFor()
  await goTo(desk, 'accounts')
  await desk.getByTestId('new-account').click()
  await desk.locator('.el-dialog input[name=account-name]').fill('新商户')
  await desk.goBack()
  await box(desk).locator('.el-button--primary').click()
  await eventually(() => hash(desk), '#/accounts/jinxiu-alipay')
  await desk.locator('.el-dialog input[name=account-name]').waitFor({ state: 'hidden' })
  assert.deepEqual(desk.errors, [])
  await desk.context().close()
})

test('an order that another one took over says so, and leads to that one and back to the bills', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  const second = await another(desk)
  await collect(desk, '1-1-302')
  const id = await named(desk)
  await collect(second, '1-1-302').catch(() => undefined)
  await box(second).locator('.el-button--primary').click()
  await second.locator('.pay img').waitFor()
  const other = await eventually(
    () => named(second),
    (now) => now !== id,
  )
  await desk.getByTestId('why-closed').getByText('重新下单').waitFor()
  await desk.getByTestId('new-order').click()
  await desk.locator('.pay img').waitFor()
  assert.equal(await named(desk), other)
  await desk.goBack()
  await box(desk).locator('.el-button--primary').click()
  await desk.getByTestId('to-bills').click()
  await desk.locator('.pay').waitFor({ state: 'detached' })
  await desk.locator('.bills tbody .el-checkbox').first().waitFor()
  assert.deepEqual([...desk.errors, ...second.errors], [])
  await desk.context().close()
})

// Each line is who, an address that names what there is not, and what is said of it.
const nothing = '202601010000000000000000'
const nowhere = [
  ['finance', `orders/${nothing}`, '没有订单 ' + nothing],
  ['finance', `orders/nonsense?status=paid`, '没有订单 nonsense'],
  ['finance', `refunds/${nothing}`, '没有订单 ' + nothing],
  ['finance', `returns/${nothing}`, '没有订单 ' + nothing],
  ['finance', `exceptions/${nothing}`, '没有订单 ' + nothing],
  ['finance', `unconfirmed/${nothing}`, '没有订单 ' + nothing],
  ['finance', `messages/${nothing}`, '没有订单 ' + nothing],
  ['finance', 'accounts/none', '没有编号为 none 的商户号'],
  ['finance', 'webhooks/none', '没有编号为 none 的推送地址'],
  ['cashier', 'homes/none', '没有编号为 none 的房屋'],
  ['cashier', 'collect/none', '没有编号为 none 的房屋'],
  ['cashier', `collect?order=${nothing}`, '没有订单 ' + nothing],
]
test('an address that names what there is not says so, and leads back to the list', async () => {
  for (const who of ['finance', 'cashier']) {
    const page = await logIn(browser, demo, who)
    for (const [, address, said] of nowhere.filter(([of]) => of === who)) {
      await goTo(page, address)
      await page.getByTestId('missing-record').getByText(said, { exact: true }).waitFor()
      await page.reload()
      await page.getByTestId('missing-record').getByText(said, { exact: true }).waitFor()
      await page.getByTestId('to-list').click()
      await page.getByTestId('missing-record').waitFor({ state: 'detached' })
      const list = '#/' + address.replace(/(\/[^/?]*)?(\?order=.*)?$/, '').replace(/\/[^/?]*(?=\?)/, '')
      await eventually(() => hash(page), list)
    }
    assert.deepEqual(page.errors, [])
    await page.context().close()
  }
})
