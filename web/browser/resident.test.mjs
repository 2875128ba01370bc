// A resident's place: kept over the wallet, a reload, a log-in and a lost line.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { asPhone, eventually, open, settle, shot, startBrowser, startDemo } from './demo.mjs'

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

const clean = (page) => assert.deepEqual(page.errors, [])
const place = (page) => page.evaluate(() => location.hash)

// toOrder pays the first bill of a home, up to the page behind the QR.
async function toOrder(page) {
  await page.getByTestId('pay-home').first().click()
  const bills = page.locator('.bills .van-cell')
  await bills.first().waitFor()
  for (let i = 1; i < (await bills.count()); i++) await bills.nth(i).click()
  await page.locator('.van-submit-bar__button').click()
  await page.locator('button[value=wechat]').waitFor()
}

test('places survive a reload and a log-in, and one that is not there is a page', async () => {
  const page = await open(browser, 'phone', demo.base + '/resident#/history')
  await asPhone(page, demo.residents[0].phone)
  await page.locator('.places [aria-current=page]', { hasText: '缴费记录' }).waitFor()
  await eventually(() => place(page), '#/history')
  await page.locator('.places a', { hasText: '首页' }).click()
  await page.getByTestId('owed').first().waitFor()
  await shot(page, 'resident-start')
  await page.getByTestId('unit').first().click()
  await page.getByRole('tab', { name: '已缴' }).click()
  await page.waitForURL(/tab=paid/)
  await page.reload()
  await page.getByRole('tab', { name: '已缴', selected: true }).waitFor()
  await page.getByTestId('up').click()
  await page.getByTestId('owed').first().waitFor()
  await page.goto(demo.base + '/resident#/nope')
  await page.getByTestId('nowhere').getByText('没有这个页面').waitFor()
  await shot(page, 'resident-nowhere')
  await page.getByTestId('nowhere').getByText('返回首页').click()
  await page.getByTestId('owed').first().waitFor()
  clean(page)
})

test('an order in progress is one tap away, and the wallet leads back to it', async () => {
  const page = await open(browser, 'phone', demo.base + '/resident')
  await asPhone(page, demo.residents[1].phone)
  await toOrder(page)
  const order = page.url()
  await page.goBack() // the browser's own way back leads to the order, as the page's does
  await page.getByTestId('status').getByText('待支付').waitFor()
  const at = await place(page)
  assert.match(at, /^#\/orders\/\d+$/)
  await page.goto(order)
  await page.getByTestId('home').click()
  await page.getByTestId('status').getByText('待支付').waitFor()
  await eventually(() => place(page), at)
  await page.getByTestId('up').click()
  const banner = page.getByTestId('in-progress')
  await banner.getByText('有一笔支付进行中').waitFor()
  await shot(page, 'resident-in-progress')

  await banner.getByTestId('go-on').click() // and the payer changes their mind in the wallet
  await page.locator('button[value=wechat]').click()
  await page.locator('.cancel').click()
  await page.getByTestId('home').click()
  await page.getByTestId('status').getByText('待支付').waitFor()
  await page.getByTestId('go-on').click()
  await page.locator('button[value=alipay]').click()
  await page.getByTestId('confirm').click()
  await page.getByTestId('back').click()
  await page.locator('h1', { hasText: '支付成功' }).waitFor()
  await page.getByTestId('status').getByText('已支付').waitFor() // by itself
  await eventually(() => place(page), at)
  await page.getByTestId('to-start').click()
  await page.getByTestId('owed').first().waitFor()
  await eventually(() => page.getByTestId('in-progress').count(), 0)

  await toOrder(page)
  await page.getByTestId('home').click()
  await page.getByTestId('up').click()
  await page.getByTestId('cancel-order').click()
  await page.getByTestId('in-progress').waitFor({ state: 'detached' })
  clean(page)
})

test('without a line the last known stands there with its time, and errors have a retry and a number', async () => {
  const page = await open(browser, 'phone', demo.base + '/resident')
  await asPhone(page, demo.residents[0].phone)
  const owed = await page.getByTestId('owed').first().textContent()
  await page.context().setOffline(true)
  await page.getByTestId('offline').waitFor()
  await page.locator('.places a', { hasText: '我的' }).click()
  await page.locator('.places a', { hasText: '首页' }).click()
  await page
    .getByTestId('last-known')
    .filter({ hasText: /[今昨]天 \d\d:\d\d/ })
    .first()
    .waitFor()
  await eventually(() => page.getByTestId('owed').first().textContent(), owed)
  await shot(page, 'resident-offline')
  await page.context().setOffline(false)
  await page.getByTestId('last-known').waitFor({ state: 'detached' })

  await page.route('**/v1/units?*', (route) =>
    route.fulfill({ status: 500, json: { code: 'internal', detail: '系统错误', request_id: 'ABC123' } }),
  )
  await page.reload()
  await page.getByText('请求编号 ABC123').waitFor()
  await shot(page, 'resident-trouble')
  await page.unroute('**/v1/units?*')
  await page.getByText('重试').click()
  await page.getByTestId('owed').first().waitFor()

  let answer
  const held = new Promise((ok) => (answer = ok))
  await page.route('**/bills?*', (route) => held.then(() => route.continue()))
  await page.getByTestId('unit').first().click()
  await page.getByTestId('loading').waitFor()
  answer()
  await page.locator('.bills .van-cell').first().waitFor()
  clean(page)
})

test('bills are chosen and paid by keys alone', async () => {
  const page = await open(browser, 'phone', demo.base + '/resident')
  await asPhone(page, demo.residents[0].phone)
  await page.getByTestId('pay-home').first().focus()
  await page.keyboard.press('Enter')
  const boxes = page.locator('.bills [role=checkbox]')
  await boxes.first().waitFor()
  await settle(page)
  const before = await page.locator('.van-submit-bar__text').textContent()
  await boxes.nth(1).focus()
  await page.keyboard.press(' ')
  await eventually(() => boxes.nth(1).getAttribute('aria-checked'), 'false')
  await eventually(
    () => page.locator('.van-submit-bar__text').textContent(),
    (now) => now !== before,
  )
  await page.getByRole('tab', { name: '已缴' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/tab=paid/)
  clean(page)
})
