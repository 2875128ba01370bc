// A browser's translation leaves numbers alone: wherever a page shows ¥ it says translate="no", and a sum that changes
// is seen on a page whose other texts were translated.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  collect,
  eventually,
  goTo,
  logIn,
  open,
  settle,
  startBrowser,
  startDemo,
  terminal,
  toQR,
} from './demo.mjs'

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

// bare are the texts with a ¥ that would be translated. translate puts elements around texts as Chrome does.
const bare = (page) =>
  page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const some = []
    while (texts.nextNode()) {
      const at = texts.currentNode.parentElement
      if (
        /[¥￥]\s*\d|^\s*[¥￥]\s*$/.test(texts.currentNode.data) &&
        !at.closest('script, style') &&
        at.closest('[translate]')?.getAttribute('translate') !== 'no'
      ) {
        some.push(at.closest('[class]')?.className + ': ' + at.textContent.slice(0, 60))
      }
    }
    return some
  })
const translate = (page) =>
  page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const all = []
    while (texts.nextNode()) all.push(texts.currentNode)
    for (const text of all) {
      if (!text.data.trim() || text.parentElement.closest('script, style, [translate=no]')) continue
      const [outer, inner] = [document.createElement('font'), document.createElement('font')]
      inner.textContent = 'T ' + text.data
      outer.append(inner)
      text.replaceWith(outer)
    }
    return all.length
  })
const shows = async (page, what) => assert.deepEqual(await bare(page), [], what)

test('every amount is left out of translation', async () => {
  const screen = await terminal(browser, demo)
  await toQR(screen, '1-1-301')
  await shows(screen, 'the terminal')
  const desk = await logIn(browser, demo, 'cashier')
  await settle(desk)
  await shows(desk, 'the first page')
  await collect(desk, '1-1-302')
  await shows(desk, 'collect')
  const [order] = (await api(desk, 'GET', '/v1/orders?status=pending')).items
  const payer = await open(browser, 'phone', order.qr.url)
  await shows(payer, 'the page behind the QR')
  for (const who of ['finance', 'operations']) {
    const page = await logIn(browser, demo, who)
    for (const place of ['first', 'orders', 'refunds', 'returns', 'exceptions', 'unconfirmed', 'approvals']) {
      await goTo(page, place)
      await settle(page)
      await shows(page, place)
    }
    await goTo(page, 'orders/' + order.id)
    await settle(page)
    await shows(page, 'an order')
    await page.context().close()
  }
})

test('on a translated page what changes is seen', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await goTo(desk, 'orders')
  const [order] = (await api(desk, 'GET', '/v1/orders?status=pending')).items
  const row = desk.locator('.rows tbody tr', { hasText: order.id })
  await row.waitFor()
  assert.ok((await translate(desk)) > 20)
  const { order: paid } = await api(desk, 'POST', `/v1/orders/${order.id}/attempts`, {
    method: 'code',
    auth_code: await demo.code({ wallet: 'wechat' }),
  })
  assert.equal(paid.status, 'paid')
  await row.getByText('已支付').waitFor()
  await eventually(() => row.getByText('待支付').count(), 0)
})
