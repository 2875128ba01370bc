import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, collect, eventually, goTo, logIn, shot, startBrowser, startDemo } from './demo.mjs'

// Whoever would lose something is asked first; a button that cannot do its work says why.

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

test('a live QR is not lost unasked', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await collect(desk, '1-1-201')
  const [order] = (await api(desk, 'GET', '/v1/orders?limit=1')).items
  const leave = {
    Escape: () => desk.keyboard.press('Escape'),
    cross: () => desk.locator('.el-dialog__headerbtn').filter({ visible: true }).click(),
    outside: () => desk.mouse.click(5, 400),
    back: () => desk.goBack(),
    'two steps back': () => desk.evaluate(() => (history.back(), history.back())),
    'an address': () => goTo(desk, 'orders'),
  }
  const here = await desk.evaluate(() => location.hash)
  for (const [way, by] of Object.entries(leave)) {
    await by()
    await box(desk).getByText('二维码立即失效').waitFor()
    if (way === 'Escape') await shot(desk, 'console-leave-qr')
    await box(desk).locator('.el-button').first().click() // 留在这里
    await box(desk).waitFor({ state: 'hidden' })
    assert.equal((await api(desk, 'GET', '/v1/orders/' + order.id)).status, 'pending')
    assert.equal(await desk.locator('.pay img').count(), 1, `${way} has closed the QR`)
    await eventually(() => desk.evaluate(() => location.hash), here)
  }
  assert.equal(
    await desk.evaluate(() => {
      const e = new Event('beforeunload', { cancelable: true })
      return window.dispatchEvent(e)
    }),
    false,
    'the tab closes unasked',
  )
  await desk.keyboard.press('Escape')
  await box(desk).locator('.el-button--primary').click()
  await desk.locator('.pay').waitFor({ state: 'detached' })
  await eventually(() => api(desk, 'GET', '/v1/orders/' + order.id).then((o) => o.status), 'closed')
  assert.equal(
    await desk.evaluate(() => {
      const e = new Event('beforeunload', { cancelable: true })
      return window.dispatchEvent(e)
    }),
    true,
    'the tab asks although nothing is lost',
  )
  assert.deepEqual(desk.errors, [])
})

test('更换密钥 says at once what it needs, and what was entered is not lost unasked', async () => {
  const operations = await logIn(browser, demo, 'operations')
  await goTo(operations, 'accounts')
  const wechat = operations.locator('.el-table__row', { hasText: 'jinxiu-wechat' })
  await wechat.getByText('微信支付商户号').waitFor()
  await wechat.getByTestId('rotate').click()
  await operations.getByTestId('save-account').click()
  await operations.getByTestId('account-wrong').getByText('请至少填写一项新的密钥').waitFor()
  await shot(operations, 'console-rotate-nothing')
  const field = operations.locator('.account-form textarea').first()
  await field.fill('not a key')
  await operations.getByTestId('save-account').click()
  await operations.locator('.account-form .el-form-item__error').first().waitFor()
  assert.equal(await operations.locator('.account-form .el-form-item__error', { hasText: '_pem' }).count(), 0)
  await shot(operations, 'console-rotate-wrong')
  await operations.keyboard.press('Escape')
  await box(operations).getByText('放弃已填写的内容吗').waitFor()
  await box(operations).locator('.el-button').first().click()
  await box(operations).waitFor({ state: 'hidden' }) // it fades
  assert.equal(await field.inputValue(), 'not a key')
  await operations.keyboard.press('Escape')
  await box(operations).locator('.el-button--primary').click()
  await operations.locator('.account-form').waitFor({ state: 'detached' })
  assert.deepEqual(operations.errors, [])
})

test('收款 with nothing chosen says what to choose', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await goTo(desk, 'collect')
  await desk.locator('input[name=unit]').fill('1-1-301')
  await desk.locator('.bar button[type=submit]').click()
  await desk.locator('.units tbody tr, .bills tbody tr').first().waitFor()
  if (!(await desk.locator('.bills tbody tr').count())) await desk.locator('.units tbody tr').first().click()
  await desk.getByTestId('collect').click()
  await desk.getByTestId('none-chosen').getByText('请先选择要收的账单').waitFor()
  assert.deepEqual(desk.errors, [])
})
