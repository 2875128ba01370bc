// The page of the organisation and that of the settings: what is asked for there, and what becomes of it when another
// person approves.
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

// approve has finance approve the one change that waits for them.
async function approve() {
  const page = await logIn(browser, demo, 'finance')
  await goTo(page, 'approvals')
  const change = page.getByTestId('change')
  await change.waitFor()
  const said = await change.innerText()
  await page.getByTestId('approve').click()
  await page.locator('.el-message-box .el-button--primary').click()
  await page.getByTestId('no-approvals').waitFor()
  await page.context().close()
  return said
}

test('an entity is asked for, checked as it is typed, and there once another person has approved', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'organisation')
  await page.getByTestId('add-entity').click()
  await page.locator('input[name=entity-name]').fill('锦绣物业第三分公司')
  const code = page.locator('input[name=entity-code]')
  await code.fill('9111 0000 8021')
  await page.getByTestId('code-said').filter({ hasText: '还差 6 位' }).waitFor()
  await code.fill('91110000802100433X')
  await page.getByTestId('save-entity').click()
  await page.locator('.is-error', { hasText: '统一社会信用代码' }).waitFor()
  await code.fill('91110000802100433b')
  await page.getByTestId('code-said').filter({ hasText: '校验通过' }).waitFor()
  await page.getByTestId('save-entity').click()
  await page.getByTestId('who-decides').waitFor()
  await eventually(
    () => page.getByTestId('entities').locator('tbody tr').count(),
    2,
    'it is there before it was approved',
  )
  const said = await approve()
  assert.match(said, /锦绣物业第三分公司/)
  assert.match(said, /91110000802100433B/)
  await page.reload()
  await page.getByTestId('entities').locator('tbody tr', { hasText: '锦绣物业第三分公司' }).waitFor()
  await page.context().close()
})

test('communities move from a day on, and whoever has the region reaches them', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'organisation')
  await page.getByTestId('add-region').click()
  await page.locator('input[name=region-name]').fill('新片区')
  await page.getByTestId('save-region').click()
  await page.getByTestId('regions').locator('tbody tr', { hasText: '新片区' }).waitFor()

  await goTo(page, 'staff')
  const row = page.locator('tbody tr', { hasText: 'jinxiu-cashier' })
  await row.getByTestId('rights').click()
  await page.locator('[data-reach=regions]').click()
  await page.getByTestId('member-regions').click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: '新片区' }).click()
  await page.locator('.el-dialog h2, .el-dialog__title').first().click()
  await page.getByTestId('save-member').click()
  await page.locator('[data-test=waiting], tbody tr').filter({ hasText: '新片区' }).first().waitFor()
  const cashier = await logIn(browser, demo, 'cashier')
  const reached = async () => (await api(cashier, 'GET', '/v1/communities')).items.map((c) => c.name)

  await goTo(page, 'organisation')
  const first = page.getByTestId('places').locator('tbody tr').first()
  const name = (await first.locator('td').nth(1).innerText()).trim()
  await first.locator('.el-checkbox').click()
  await page.getByTestId('move').click()
  await page.getByTestId('move-region').click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: '新片区' }).click()
  await page.getByTestId('save-move').click()
  await page.getByTestId('change').waitFor()
  await page.context().close()
  assert.match(await approve(), new RegExp(`${name} · 区域`))

  await eventually(reached, [name])
  await cashier.context().close()
})

test('settings are those that another person has approved', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'settings')
  await page.getByTestId('edit-settings').click()
  await page.locator('input[name=limit]').fill('0.0.1')
  await page.getByTestId('save-settings').click()
  await page.locator('.is-error').first().waitFor()
  await page.locator('input[name=limit]').fill('100')
  await page.locator('.el-radio', { hasText: '等待财务处理' }).click()
  await page.getByTestId('save-settings').click()
  await page.getByTestId('change').waitFor()
  await eventually(() => page.locator('[data-setting=set_refund_limit]').innerText(), /全部须审批/)
  const said = await approve()
  assert.match(said, /¥100\.00/)
  await page.reload()
  await page.locator('[data-setting=set_refund_limit]', { hasText: '¥100.00' }).waitFor()
  await page.locator('[data-setting=set_unapplied]', { hasText: '等待财务处理' }).waitFor()
  await page.context().close()
})
