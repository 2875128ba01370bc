// What an order says of money that went back, on the phone and behind the QR, and the way to pay what is owed again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, logIn, resident, settle, shot, startBrowser, startDemo } from './demo.mjs'

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

// broken are the dates and rooms that stand on more than one line.
const broken = (page) =>
  page
    .locator('.unbroken')
    .evaluateAll((some) => some.filter((e) => e.getClientRects().length > 1).map((e) => e.textContent))

async function both(page, name) {
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 })
    await settle(page)
    assert.deepEqual(await broken(page), [], `${name} at ${width}`)
    await shot(page, `${name}-${width}`)
  }
}

async function payFirstBills(page, bills) {
  await page.getByTestId('unit').first().click()
  const lines = page.locator('.bills .van-cell')
  await lines.first().waitFor()
  for (let i = bills; i < (await lines.count()); i++) await lines.nth(i).click()
  await page.locator('.van-submit-bar__button').click()
  await page.locator('button[value=wechat]').click()
  await page.getByTestId('confirm').click()
  await page.getByTestId('merchant-page').waitFor()
}

async function refundThere(page, amount) {
  await page.getByTestId('merchant-page').locator('summary').click()
  await page.locator('input[name=amount]').fill(amount)
  await page.getByTestId('merchant-refund').click()
  await page
    .getByTestId('merchant-told')
    .getByText(/ · P\d+/)
    .waitFor()
}

for (const [i, bills, amount, standing] of [
  [0, 2, '1.23', '部分退款'],
  [1, 1, '', '已退款'],
]) {
  test(`an order of ${bills} that is ${standing} has no tick, and leads to the bill that is owed again`, async () => {
    const [community, ...rest] = demo.residents[i].unit.split(' ')
    const finance = await logIn(browser, demo, 'finance')
    const page = await resident(browser, demo, demo.residents[i].phone)
    await payFirstBills(page, bills)
    await refundThere(page, amount)
    const { id } = (await api(finance, 'GET', '/v1/orders?limit=1')).items[0]
    const order = await eventually(
      () => api(finance, 'GET', `/v1/orders/${id}`),
      (o) => o.refunded > 0,
      'the refund is noticed',
    )
    const owed = order.items.at(-1) // the last is the first to be taken back
    const back = (order.refunded / 100).toFixed(2)

    await page.getByTestId('back').click()
    await page.getByTestId('returned').getByText(`${standing} ¥${back}`).waitFor()
    await page.getByTestId('returned').getByText(owed.title).waitFor()
    await page.locator('.card', { hasText: community }).first().waitFor()
    assert.equal(await page.locator('.mark.ok').count(), 0)
    await both(page, `checkout-returned-${bills}`)
    await page.getByTestId('pay-again').click()

    await eventually(() => page.getByTestId('status').textContent(), standing)
    await eventually(() => page.locator('.van-icon-checked').count(), 0)
    await page
      .getByTestId('home')
      .first()
      .filter({ hasText: `${community} · ${rest.join(' ')}` })
      .waitFor()
    await page
      .getByTestId('refund')
      .filter({ hasText: `退款账单：${owed.title}` })
      .waitFor()
    await page.getByTestId('owed-again').getByText(owed.title).waitFor()
    await both(page, `resident-returned-${bills}`)
    await page.goto(`${demo.base}/resident#/units/${order.unit.id}/history`)
    await page
      .locator('.van-cell', { hasText: standing })
      .getByTestId('owed-again')
      .getByText(`需重新缴纳 ¥${back}`)
      .waitFor()
    await both(page, `resident-returned-history-${bills}`)

    await page.locator('.van-cell', { hasText: standing }).first().click()
    await page.getByTestId('pay-again').click()
    await page.locator('.bills .van-checkbox__icon--checked').first().waitFor()
    const checked = page.locator('.bills .van-cell', { has: page.locator('.van-checkbox__icon--checked') })
    await eventually(() => checked.locator('.price').allTextContents(), [`¥${back}`])
    await both(page, `resident-pay-again-${bills}`)
    await page.locator('.van-submit-bar__button').click()
    await page.locator('button[value=wechat]').click()
    await page.getByTestId('confirm').click()
    await page.getByTestId('merchant-page').waitFor()
    await page.goto(`${demo.base}/resident#/orders/${id}`)
    await page.getByTestId('owed-again').getByText('已缴清').waitFor()
    await eventually(() => page.getByTestId('pay-again').count(), 0)
    await shot(page, `resident-returned-settled-${bills}`)
    assert.deepEqual([...page.errors, ...finance.errors], [])
  })
}
