// Programs that call the API: asked for by one, approved by another, a key shown once, rotated, and revoked.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { goTo, logIn, settle, shot, startBrowser, startDemo } from './demo.mjs'

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

const card = (page, name) => page.locator(`[data-test=client][data-name="${name}"]`)
const yes = (page) => page.locator('.el-message-box:visible .el-button--primary').click()
const status = async (key, path = '/v1/me') =>
  (await fetch(demo.base + path, { headers: { Authorization: `Bearer ${key}` } })).status

test('a client is asked for, approved by another, has keys, and is revoked', async () => {
  const operations = await logIn(browser, demo, 'operations')
  await goTo(operations, 'clients')
  await operations.getByTestId('add-client').click()
  await operations.getByTestId('save-client').click()
  await operations.locator('.el-form-item__error').nth(1).waitFor()
  await operations.locator('input[name=client-name]').fill('用友 ERP')
  for (const right of ['orders.read', 'bills.read']) await operations.locator(`[data-right="${right}"]`).click()
  await settle(operations)
  await shot(operations, 'client-form')
  await operations.getByTestId('save-client').click()
  const asked = card(operations, '用友 ERP')
  await asked.locator('[data-state=waiting]').waitFor()
  assert.equal(await asked.getByTestId('approve').count(), 0, 'who asked decides')
  assert.equal(await asked.getByTestId('make-key').count(), 0, 'a key before it was approved')

  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'approvals')
  await finance.getByTestId('change').getByText('用友 ERP').waitFor()
  await finance.locator('[data-field=rights]').waitFor()
  await settle(finance)
  await shot(finance, 'client-approval')
  await goTo(finance, 'clients')
  await shot(finance, 'client-waiting')
  await card(finance, '用友 ERP').getByTestId('approve').click()
  await yes(finance)
  await card(finance, '用友 ERP').locator('[data-state=active]').waitFor()

  await operations.reload()
  const keyOf = async () => {
    const key = (await operations.getByTestId('new-key').textContent()).trim()
    await operations.getByTestId('noted').click()
    await operations.getByTestId('new-key').waitFor({ state: 'detached' })
    return key
  }
  await card(operations, '用友 ERP').getByTestId('make-key').click()
  await operations.getByTestId('new-key').waitFor()
  await shot(operations, 'client-key')
  const lists = (url) => url.pathname === '/v1/api-clients'
  let late = () => {}
  await operations.route(lists, (route) => (late = () => route.continue())) // what was done counts before it is listed
  const first = await keyOf()
  assert.match(first, /^llp_test_[a-z2-7]{45}$/)
  assert.equal(await status(first), 200)
  assert.equal(await status(first, '/v1/units?q=101'), 403, 'without its right')

  await card(operations, '用友 ERP').getByTestId('make-key').click()
  await operations.getByTestId('rotate').waitFor()
  await late()
  await operations.unroute(lists)
  await operations.getByTestId('rotate').click()
  await operations.getByTestId('new-key').waitFor()
  const second = await keyOf()
  assert.deepEqual([await status(first), await status(second)], [200, 200], 'two keys count meanwhile')
  await card(operations, '用友 ERP').locator('[data-good=true]').nth(1).waitFor()
  for (const width of [390, 320]) {
    await operations.setViewportSize({ width, height: 844 })
    await settle(operations)
    await shot(operations, `clients-${width}`)
  }
  await operations.setViewportSize({ width: 1440, height: 900 })
  await shot(operations, 'clients')
  await card(operations, '用友 ERP').getByTestId('end-key').nth(1).click()
  await yes(operations)
  await card(operations, '用友 ERP').locator('[data-good=true]').nth(1).waitFor({ state: 'detached' })
  assert.deepEqual([await status(first), await status(second)], [401, 200], 'an ended key')

  await card(operations, '用友 ERP').getByTestId('revoke').click()
  await yes(operations)
  await card(operations, '用友 ERP').locator('[data-state=revoked]').waitFor()
  assert.equal(await status(second), 401, 'a key of a revoked client')
  for (const p of [operations, finance]) assert.deepEqual(p.errors, [])
})
