// An answer that is lost, and the button pressed again, or the page loaded anew first: the server is asked for the same
// thing under the same key, and does it once. Wanted again after that, it is another thing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { collect, eventually, goTo, logIn, open, asPhone, startBrowser, startDemo, terminal, toQR } from './demo.mjs'

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

// losing loses the first answer to what is posted to a path, after the server has done it; or the request before it.
// It returns what was sent and answered, try by try.
async function losing(page, path, { sent = true } = {}) {
  const tries = []
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    const key = (await route.request().allHeaders())['idempotency-key']
    if (!tries.length && !sent) {
      tries.push({ key })
      return route.abort('connectionreset')
    }
    const answer = await route.fetch()
    const body = await answer.json()
    tries.push({ key, of: body.order?.id ?? body.id, refunds: body.order?.refunds?.length, status: answer.status() })
    if (tries.length === 1) return route.abort('connectionreset')
    await route.fulfill({ response: answer })
  })
  return tries
}

// deaf is a page that hears of no change by itself: what was done shows by the answer alone.
async function deaf(page) {
  await page.route(/\/events(\?|$)/, (route) => route.abort())
  await page.reload()
  return page
}

// onceOver holds two tries to one key and one thing done: the second answer is the first one's.
async function onceOver(tries) {
  await eventually(() => tries.length, 2)
  const [first, second] = tries
  assert.ok(first.key)
  assert.equal(second.key, first.key)
  assert.equal(second.of, first.of)
  assert.deepEqual([first.status, second.status], [201, 200]) // 200: what was done already
  assert.equal(second.refunds, first.refunds)
}

// chosen opens a room at the counter with its first bill chosen.
async function chosen(page, room) {
  await goTo(page, `collect?q=${room}`)
  await page.locator('.units tbody tr').first().click()
  await page.locator('.bills tbody .el-checkbox').first().click()
}

for (const reload of [false, true]) {
  const then = reload ? 'after a reload' : 'pressed again'

  test(`the cashier's order, ${then}`, async () => {
    const desk = await deaf(await logIn(browser, demo, 'cashier'))
    const room = reload ? '1-1-302' : '1-1-301'
    const tries = await losing(desk, '**/v1/orders')
    await chosen(desk, room)
    await desk.getByTestId('collect').click()
    await desk.locator('.el-alert--error').waitFor()
    if (reload) {
      await desk.reload()
      await desk.locator('.bills tbody .el-checkbox').first().click()
    }
    await desk.getByTestId('collect').click()
    await desk.locator('.pay').waitFor()
    await onceOver(tries)
    await desk.context().close()
  })

  test(`a resident's order, ${then}`, async () => {
    const phone = await open(browser, 'phone', demo.base + '/resident')
    await asPhone(phone, demo.residents[reload ? 1 : 2].phone)
    const tries = await losing(phone, '**/v1/orders')
    await phone.getByTestId('pay-home').first().click()
    await phone.locator('.van-submit-bar__button').click()
    await phone.locator('.van-toast').waitFor()
    if (reload) await phone.reload()
    await phone.locator('.van-submit-bar__button').click()
    await phone.locator('button[value=wechat]').waitFor()
    await onceOver(tries)
    await phone.context().close()
  })
}

test("a terminal's order, pressed again", async () => {
  const screen = await terminal(browser, demo)
  const tries = await losing(screen, '**/v1/orders', { sent: false })
  await screen.getByTestId('start').click()
  await screen.keyboard.type('1-1-401')
  await screen.getByTestId('submit').click()
  await screen.getByTestId('pay').click()
  await screen.locator('.banner.bad').waitFor()
  await screen.getByTestId('pay').click()
  await screen.getByTestId('qr').waitFor()
  assert.equal(tries.length, 2)
  assert.equal(tries[1].key, tries[0].key)
  await screen.context().close()
})

// asksBack asks for a part of the order in the drawer, and presses as often as it takes.
async function asksBack(desk, presses) {
  await desk.getByTestId('refund-open').click()
  await desk.getByTestId('refund-amount').first().fill('1')
  await desk.locator('input[name=reason]').fill('金额有误')
  for (let i = 0; i < presses; i++) {
    await desk.getByTestId('ask-refund').click()
    if (i + 1 < presses) await desk.locator('.refund-dialog .el-alert--error').waitFor()
  }
  await desk.locator('.refund-dialog').waitFor({ state: 'detached' })
}

test('cash and a refund, pressed again; the same refund wanted once more is another', async () => {
  const desk = await deaf(await logIn(browser, demo, 'cashier'))
  await desk.locator('.desk').waitFor()
  await collect(desk, '1-1-501')
  await desk.locator('.el-tabs__item', { hasText: '现金' }).click()
  const cash = await losing(desk, '**/v1/orders/*/attempts')
  await desk.locator('input[name=tendered]').fill('9999')
  await desk.getByTestId('take-cash').click()
  await desk.locator('.cash p.bad[role=alert]').waitFor()
  await desk.getByTestId('take-cash').click()
  await desk.getByTestId('outcome').waitFor()
  await onceOver(cash)
  const refunds = await losing(desk, '**/v1/orders/*/refunds')
  await goTo(desk, `orders/${cash[0].of}`)
  await asksBack(desk, 2)
  await onceOver(refunds)
  await asksBack(desk, 1)
  await eventually(() => desk.locator('[data-refund=requested]').count(), 2)
  assert.equal(refunds.length, 3)
  assert.notEqual(refunds[2].key, refunds[0].key)
  await desk.context().close()
})
