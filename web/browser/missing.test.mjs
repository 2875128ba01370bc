// A primary button is never dead for no reason that can be seen: pressed too early, it says what is missing and goes
// there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, goTo, logIn, open, startBrowser, startDemo } from './demo.mjs'

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

const desk = (who, place) => async () => {
  const page = await logIn(browser, demo, who)
  await goTo(page, place)
  return page
}
const at = (path, size) => () => open(browser, size, demo.base + path)
const dialog = async () => {
  const page = await desk('operations', 'terminals')()
  await page.getByTestId('pair').click()
  return page
}

// what, how to get there, the button, and what is missing: the field's name and the words beside it.
for (const [what, enter, button, field, words] of [
  ['logging in to the console', at('/console', 'console'), 'button[type=submit]', 'login', '请输入登录名'],
  [
    'collecting from the first page',
    desk('cashier', ''),
    '.now button[type=submit]',
    'collect-now',
    '请输入房号、业主全名或手机号',
  ],
  [
    'looking for a home',
    desk('cashier', 'collect'),
    '.bar button[type=submit]',
    'unit',
    '请输入房号、业主全名或手机号',
  ],
  ['pairing a terminal', dialog, '.el-dialog button[type=submit]', undefined, '请选择小区'],
  ['logging in as a resident', at('/resident', 'phone'), 'button[type=submit]', 'phone', '请输入 11 位手机号'],
  ['asking for a code', at('/resident', 'phone'), '.van-field button', 'phone', '请输入 11 位手机号'],
]) {
  test(what, async () => {
    const page = await enter()
    await page.locator(button).first().click()
    await page.getByText(words, { exact: true }).waitFor()
    if (field) await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('name')), field)
    assert.deepEqual(page.errors, [])
    await page.context().close()
  })
}
