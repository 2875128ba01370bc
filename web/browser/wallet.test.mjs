// The sandbox's wallet: a paid payment is found again, and its refund on the merchant's page says at the field what is
// wrong.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, logIn, open, scanPicture, settle, shot, startBrowser, startDemo } from './demo.mjs'

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

test('a payment is found again, and every refusal of its refund stands at the field', async () => {
  const cashier = await logIn(browser, demo, 'cashier')
  const page = await open(browser, 'phone', demo.wallet_url + '/')
  await page.getByTestId('made').getByText('还没有付款').waitFor()
  const [unit] = (await api(cashier, 'GET', '/v1/units?q=1-1-901')).items
  const [bill] = (await api(cashier, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  const order = await api(cashier, 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id] })
  const computer = await open(browser, 'console', order.qr.url)
  await computer.locator('button[value=wechat]').click()
  await computer.locator('#code').waitFor()
  await scanPicture(page, 'wechat', await computer.locator('#code').screenshot())
  await page.getByTestId('confirm').click()
  await page.getByTestId('done').waitFor()
  const paid = page.url()
  assert.match(paid, /\/pay\/[0-9a-f]+$/)
  await page.reload()
  await page.getByTestId('done').waitFor()
  await page.goto(demo.wallet_url + '/')
  await page.getByTestId('made-one').first().scrollIntoViewIfNeeded()
  await shot(page, 'wallet-made')
  await page.getByTestId('made-one').first().click()
  await page.getByTestId('merchant-page').locator('summary').click()
  const yuan = (bill.owed / 100).toFixed(2)
  await page.getByTestId('merchant-left').getByText(`可退 ¥${yuan}`).waitFor()

  const field = page.locator('input[name=amount]')
  const refused = async (typed, zh, en, name) => {
    await field.fill(typed)
    await page.getByTestId('merchant-refund').click()
    await page.getByTestId('merchant-wrong').filter({ hasText: zh }).filter({ hasText: en }).waitFor()
    await eventually(async () => [await field.inputValue(), await field.getAttribute('aria-invalid')], [typed, 'true'])
    if (name) {
      await settle(page)
      await shot(page, name)
    }
  }
  await refused('1,5', '逗号只用于千位分隔', 'a comma only parts thousands')
  await refused(String(bill.owed / 100 + 1), '比可退金额多 ¥1.00', '¥1.00 more than can go back', 'wallet-refund-more')
  await demo.fault({ institution: 'wechat', fault: 'merchant_balance_low', operation: 'refund' })
  await refused('1', '商户账户余额不足', 'lacks the money')
  await page.route('**/payments/*', (route) => route.abort())
  await refused('1', '没有退款，金额已保留', 'Nothing went back')
  await page.unroute('**/payments/*')
  await page.route('**/refund', (route) => route.abort())
  await refused('1', '不知道是否已经退款', 'not known whether', 'wallet-refund-unanswered')
  await page.unroute('**/refund')
  await field.fill('')
  await page.getByTestId('merchant-refund').click()
  await page
    .getByTestId('merchant-told')
    .getByText(/ · P\d+/)
    .waitFor()
  await eventually(() => page.getByTestId('merchant-wrong').isVisible(), false)
  await refused('1', '已全部退回', 'has gone back', 'wallet-refund-nothing-left')
  await page.setViewportSize({ width: 320, height: 844 })
  await shot(page, 'wallet-refund-320')
  assert.deepEqual([...page.errors, ...cashier.errors, ...computer.errors], [])
})
