// Where the company's events go: what waits for another person stands where people look, and so does what was switched
// off; deliveries are found by type, state and day.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, goTo, logIn, startBrowser, startDemo } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser, erp
let status = 204 // what the company's system answers
before(async () => {
  erp = createServer((req, res) => req.resume().on('end', () => res.writeHead(status).end()))
  await new Promise((ok) => erp.listen(0, '127.0.0.1', ok))
  demo = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  erp?.close()
  await browser?.close()
  await demo?.stop()
})

const yes = (page) => page.locator('.el-message-box:visible .el-button--primary').click()
const choose = async (page, select, option) => {
  await page.getByTestId(select).click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: option }).first().click()
}
const tile = (page, name) => page.locator('.tiles > *', { hasText: name })

test('an endpoint waits where people look, for some communities, and its deliveries are found', async () => {
  const operations = await logIn(browser, demo, 'operations')
  await goTo(operations, 'webhooks')
  await operations.getByTestId('new-endpoint').click()
  await operations.locator('input[name=endpoint-url]').fill(`http://127.0.0.1:${erp.address().port}/hooks`)
  await operations.locator('input[name=endpoint-note]').fill('用友 ERP')
  await choose(operations, 'endpoint-communities', '锦绣花园')
  await operations.locator('input[name=endpoint-note]').click()
  await operations.getByTestId('save-endpoint').click()
  await operations.getByTestId('noted').click()
  const card = (page) => page.locator('[data-endpoint]')
  await card(operations).locator('[data-state=proposed]').waitFor()
  assert.equal(await operations.getByTestId('webhooks-waiting').count(), 0, 'it waits for the one who asked')

  const finance = await logIn(browser, demo, 'finance')
  await eventually(() => finance.getByTestId('approvals-waiting').innerText(), '1')
  await eventually(() => tile(finance, '待审批变更').innerText(), /1/)
  assert.equal(await finance.getByTestId('webhooks-waiting').count(), 0, 'it counts once')
  await goTo(finance, 'approvals')
  const change = finance.getByTestId('change')
  await eventually(() => change.textContent(), /新增回调地址 · 用友 ERP/)
  await eventually(() => change.locator('[data-field=communities]').textContent(), /锦绣花园/)
  await change.getByTestId('approve').click()
  await yes(finance)
  await change.waitFor({ state: 'detached' })

  await operations.reload()
  await card(operations).locator('[data-state=enabled]').waitFor()
  await card(operations).getByTestId('test').click()
  const delivered = operations.locator('[data-delivery=delivered]')
  await eventually(async () => {
    await operations.reload()
    return delivered.count()
  }, 1)
  await choose(operations, 'by-state', '已放弃')
  await delivered.waitFor({ state: 'detached' })
  assert.match(operations.url(), /state=failed/, 'what is looked for stands in the address')
  await choose(operations, 'by-state', '已送达')
  await choose(operations, 'by-type', 'endpoint.test')
  await delivered.waitFor()

  status = 410 // it is gone
  await card(operations).getByTestId('test').click()
  await eventually(async () => {
    await operations.reload()
    return operations.getByTestId('failing').count()
  }, 1)
  await eventually(() => operations.getByTestId('webhooks-waiting').innerText(), '1')
  await goTo(operations, '')
  await eventually(() => tile(operations, '自动停用的回调地址').innerText(), /1/)
  for (const p of [operations, finance]) assert.deepEqual(p.errors, [])
})
