// The switch between one community and all: it stands in the address, and goes along from page to page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, startBrowser, startDemo } from './demo.mjs'

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

test('lists are narrowed to one community, and stay so on the next page and after a reload', async () => {
  const page = await logIn(browser, demo, 'cashier')
  const { items } = await api(page, 'GET', '/v1/communities')
  const [one, other] = [items[0], items.at(-1)]
  assert.notEqual(one.id, other.id)
  const places = () =>
    page
      .locator('.rows .el-table__row')
      .evaluateAll((rows) => [...new Set(rows.map((r) => r.children[1].textContent.trim()))])
  await goTo(page, 'homes')
  await page.getByTestId('community').click()
  await page.getByRole('option', { name: other.name }).click()
  await page.waitForURL(new RegExp(`homes\\?community=${other.id}`))
  await eventually(places, [other.name])
  await page.reload()
  await eventually(places, [other.name])
  await page.locator('aside').getByRole('link', { name: '首页' }).click()
  await page.locator('aside').getByRole('link', { name: '收款' }).click()
  await page.waitForURL(new RegExp(`collect\\?community=${other.id}`))
  await page.locator('input[name=unit]').fill('1-1-301')
  await page.locator('.bar button[type=submit]').click()
  const found = () => page.locator('.units .el-table__row small').allTextContents()
  await eventually(found, (now) => now.length === 2 && now[0] === other.name)
  await goTo(page, `homes?community=${one.id}`)
  await eventually(places, [one.name])
  assert.deepEqual(page.errors, [])
  await page.context().close()
})
