import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, settle, startBrowser, startDemo } from './demo.mjs'

// The cashier's and finance's main ways, without a mouse.

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

// focused says where the focus is; tabTo presses Tab until it is on what fits.
const focused = (page) =>
  page.evaluate(() => {
    const e = document.activeElement
    return `${e.tagName}.${e.className} ${e.dataset.test ?? ''} ${e.name ?? ''} ${e.textContent.trim().slice(0, 40)}`
  })
async function tabTo(page, selector, key = 'Tab') {
  await page.locator(selector).first().waitFor()
  for (let i = 0; i < 80; i++) {
    if (await page.evaluate((s) => !!document.activeElement?.closest(s), selector)) return
    await page.keyboard.press(key)
  }
  assert.fail(`Tab does not reach ${selector}; the focus is on ${await focused(page)}`)
}
const at = (page, want) => page.waitForFunction((want) => location.hash.startsWith(want), want)
const ready = (page) =>
  page.waitForFunction(
    () => !document.querySelector('[aria-busy=true], .el-overlay-leave-active, .el-drawer-fade-leave-active'),
  )

let order
test('a cashier collects cash and asks for a refund by keyboard alone', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await page.waitForFunction(() => document.activeElement?.name === 'collect-now') // at once, without a key
  await page.keyboard.type('1-1-201')
  await page.keyboard.press('Enter')
  await at(page, '#/collect')
  await page.locator('.units tbody tr, .bills tbody tr').first().waitFor()
  await ready(page)
  if (!(await page.locator('.bills tbody tr').count())) {
    await tabTo(page, '.units tbody tr')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.locator('.bills tbody tr').first().waitFor()
  }
  await tabTo(page, '.bills tbody .el-checkbox')
  await page.keyboard.press('Space')
  await tabTo(page, '[data-test=collect]')
  await page.keyboard.press('Enter')
  await page.locator('.pay').waitFor()
  await settle(page)
  await tabTo(page, '.pay .el-tabs__item, .el-tabs__item')
  for (let i = 0; i < 5 && !(await page.locator('input[name=tendered]:visible').count()); i++) {
    await page.keyboard.press('ArrowRight')
    await settle(page)
  }
  await tabTo(page, 'input[name=tendered]')
  await page.keyboard.type('9999')
  await tabTo(page, '[data-test=take-cash]')
  await page.keyboard.press('Enter')
  await page.getByTestId('outcome').waitFor()
  order = (await api(page, 'GET', '/v1/orders?limit=1')).items[0]
  await page.keyboard.press('Escape') // nothing to lose any more
  await page.locator('.el-dialog').filter({ visible: true }).waitFor({ state: 'detached' })
  await ready(page)

  await page.evaluate(() => document.activeElement?.blur())
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  await at(page, '#/orders')
  await page.locator('.rows tbody tr').first().waitFor()
  await page.keyboard.press('/')
  await page.waitForFunction(() => document.activeElement?.name === 'q')
  await tabTo(page, '.rows tbody tr')
  await page.keyboard.press('Enter')
  await at(page, `#/orders/${order.id}`)
  await page.locator('.el-drawer .el-timeline').waitFor()
  await settle(page)
  await tabTo(page, '[data-test=refund-open]')
  await page.keyboard.press('Enter')
  await page.locator('.refund-dialog').waitFor()
  await settle(page)
  await tabTo(page, 'input[name=reason]')
  await page.keyboard.type('住户申请')
  await tabTo(page, '[data-test=ask-refund]')
  await page.keyboard.press('Enter')
  await page.locator('[data-refund=requested]').first().waitFor()
  await settle(page)
  await page.keyboard.press('Escape')
  await at(page, '#/orders')
  await page.waitForFunction(() => !location.hash.includes('/2'))
  await eventually(() => focused(page), /^TR\.(.* )?el-table__row/, 'the focus comes back to the row')
  assert.deepEqual(page.errors, [])
})

test('finance goes by keyboard from what waits to the refund, and decides it', async () => {
  const page = await logIn(browser, demo, 'finance2')
  await page.locator('[data-tile=refunds_requested] strong', { hasText: /^1$/ }).waitFor()
  await tabTo(page, '[data-tile=refunds_requested]')
  await page.keyboard.press('Enter')
  await at(page, '#/refunds?state=requested')
  await page.locator('.rows tbody tr').first().waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H2') // Tab goes on from the page's heading
  await tabTo(page, '.el-tabs__item')
  await page.keyboard.press('ArrowLeft')
  await at(page, '#/refunds')
  await page.locator('.rows tbody tr').first().waitFor()
  await tabTo(page, '.rows tbody tr')
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
  assert.notEqual(ring, 'none', 'the row that has the focus does not show it')
  await page.keyboard.press('Enter')
  await page.locator('.el-drawer .el-timeline').waitFor()
  await settle(page)
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.activeElement?.matches('.rows .el-table__row'))
  await tabTo(page, '.rows [data-test=approve]')
  await page.keyboard.press('Enter')
  await page.getByTestId('decision').waitFor()
  await settle(page)
  await tabTo(page, '.el-message-box__btns .el-button--primary')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => !document.querySelector('.rows [data-test=approve]'))

  await page.evaluate(() => document.activeElement?.blur())
  await page.keyboard.press('?')
  await page.getByTestId('keys').waitFor()
  await page.keyboard.press('g') // a dialog has the keys to itself
  await page.keyboard.press('e')
  assert.match(await page.evaluate(() => location.hash), /refunds/)
  await page.keyboard.press('Escape')
  await page.getByTestId('keys').waitFor({ state: 'detached' })
  await tabTo(page, 'aside .menu a', 'Shift+Tab')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await at(page, '#/orders')
  assert.deepEqual(page.errors, [])
})

test('Home and End go through what is typed into the search, the arrows to where it is looked for', async () => {
  const page = await logIn(browser, demo, 'cashier')
  const box = page.locator('input[name=everything]')
  await box.fill('02')
  await box.press('Home')
  await page.keyboard.type('3')
  await page.keyboard.press('End')
  await page.keyboard.type('4')
  await eventually(() => box.inputValue(), '3024')
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(() => !!document.activeElement?.closest('.places'))
  await page.context().close()
})

// What is typed into a field is typed there, be it a key that does something elsewhere.
test('slashes and question marks are taken as they are typed', async () => {
  const page = await logIn(browser, demo, 'cashier')
  const typed = '//1-1?302/'
  for (const [place, name, leads] of [
    ['', 'collect-now', 'collect'],
    ['collect', 'unit', 'collect'],
    ['homes', 'unit', 'homes'],
    ['orders', 'q', 'orders'],
    ['orders', 'everything', 'collect'],
  ]) {
    await goTo(page, 'me')
    await page.locator('.work h2').waitFor()
    await goTo(page, place)
    const field = page.locator(`input[name=${name}]`)
    await field.waitFor()
    if (name !== 'collect-now' && place !== 'collect') await field.focus()
    await page.waitForFunction((name) => document.activeElement?.name === name, name)
    await page.keyboard.type(typed)
    await eventually(() => field.inputValue(), typed)
    assert.equal(await page.locator('.el-dialog:visible').count(), 0)
    await page.keyboard.press('Enter')
    await page.waitForFunction((leads) => location.hash.startsWith(`#/${leads}?`), leads)
    await page.reload()
    await eventually(() => page.locator('.work input[data-search], .work [data-search] input').inputValue(), typed)
  }
  assert.deepEqual(page.errors, [])
})
