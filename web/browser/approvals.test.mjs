// Two people decide over merchant accounts and routes: one asks, another sees before and after and decides.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, settle, shot, startBrowser, startDemo } from './demo.mjs'

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

const row = (page, text) => page.locator('.work .el-table__row', { hasText: text })
const yes = (page) => page.locator('.el-message-box__btns .el-button--primary').click()
const change = (page) => page.getByTestId('change')
const cell = (page, field, column) => change(page).locator(`[data-field=${field}] td`).nth(column).textContent()
const edit = async (page, account, fields) => {
  await row(page, account).getByTestId('edit').click()
  for (const [name, value] of Object.entries(fields)) await page.locator(`.account-form [name=${name}]`).fill(value)
}

test('a change of an account waits, is seen before and after, tested and approved by another person', async () => {
  const operations = await logIn(browser, demo, 'operations'),
    finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'approvals')
  await finance.getByTestId('no-approvals').waitFor()
  await settle(finance)
  await shot(finance, 'console-approvals-none')

  await goTo(operations, 'accounts')
  await edit(operations, 'jinxiu-alipay', {
    'account-name': '支付宝二期',
    seller_id: '2088000000000009',
    reason: '换收款账户',
  })
  await settle(operations)
  await shot(operations, 'console-account-ask')
  await operations.getByTestId('save-account').click()
  await change(operations).waitFor()
  await eventually(() => change(operations).getByTestId('who-decides').textContent(), /财务/)
  assert.equal(await change(operations).getByTestId('approve').count(), 0, 'the asker does not decide')
  const { items } = await api(operations, 'GET', '/v1/merchant-accounts')
  const mine = items.find((a) => a.id === 'jinxiu-alipay')
  assert.equal(
    (
      await api(operations, 'POST', `/v1/merchant-accounts/${mine.id}/decision`, {
        request: mine.request.id,
        approve: true,
      })
    ).status,
    403,
  )
  await settle(operations)
  await shot(operations, 'console-account-waiting')

  // another session of the asker is the same person
  const again = await logIn(browser, demo, 'operations')
  await goTo(again, 'approvals')
  await change(again).waitFor()
  assert.equal(await change(again).getByTestId('approve').count(), 0)

  await finance.reload()
  await change(finance).waitFor()
  await eventually(() => finance.getByTestId('approvals-waiting').innerText(), '1')
  await eventually(() => change(finance).textContent(), /锦绣物业运营.*换收款账户/s)
  await eventually(() => cell(finance, 'seller_id', 1), '2088000000000009')
  await eventually(() => cell(finance, 'name', 1), '支付宝二期')
  await change(finance).getByTestId('test-change').click()
  await change(finance).locator('[data-check=settings][data-state=ok]').waitFor()
  await settle(finance)
  await shot(finance, 'console-approval')
  await change(finance).getByTestId('refuse').click()
  await finance.locator('.el-message-box input').fill('请附开户证明')
  await yes(finance)
  await finance.getByTestId('no-approvals').waitFor()

  await operations.reload() // what was open stays open
  await operations.getByTestId('last-request').getByText('请附开户证明').waitFor()
  await edit(operations, 'jinxiu-alipay', { 'account-name': '支付宝二期' })
  await operations.getByTestId('save-account').click()
  await change(operations).waitFor()

  // a newer request takes the older one's place only expressly
  await edit(operations, 'jinxiu-alipay', { 'account-name': '支付宝三期' })
  await operations.getByTestId('save-account').click()
  await operations.locator('.el-form-item__error', { hasText: '已有一项修改在等待审批' }).waitFor()
  await operations.getByTestId('replace').click()
  await operations.getByTestId('save-account').click()
  await change(operations).getByText('支付宝三期', { exact: true }).waitFor()

  await finance.reload()
  await change(finance).getByTestId('approve').click()
  await settle(finance)
  await shot(finance, 'console-approval-sure')
  await yes(finance)
  await finance.getByTestId('no-approvals').waitFor()
  await operations.reload()
  await row(operations, '支付宝三期').waitFor()
  assert.deepEqual([...operations.errors, ...finance.errors, ...again.errors], [])
})

test('a changed address needs every secret, and no foreign one is taken', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'accounts')
  const bank = JSON.parse(readFileSync(demo.dir + '/sandbox/credentials.json', 'utf8'))
  await edit(page, 'jinxiu-lakala', { 'account-name': '拉卡拉', base_url: bank.shengpay.base_url })
  await page.getByTestId('save-account').click()
  const wrong = page
    .locator('.el-form-item', { has: page.locator('textarea[name=private_key_pem]') })
    .locator('.el-form-item__error')
  await wrong.getByText('须重新填写全部密钥').waitFor()
  assert.doesNotMatch(await wrong.innerText(), /_pem|base_url/, 'a field is named as the request names it')
  await settle(page)
  await shot(page, 'console-account-moved')
  for (const base_url of ['https://evil.example', 'https://0.0.0.0', 'https://10.0.0.1', 'https://2130706433']) {
    const { items } = await api(page, 'GET', '/v1/merchant-accounts')
    const { revision } = items.find((a) => a.id === 'jinxiu-lakala')
    const settings = { base_url, private_key_pem: bank.lakala.private_key_pem }
    if (bank.lakala.wechat_app_secret) settings.wechat_app_secret = bank.lakala.wechat_app_secret
    const told = await api(page, 'PATCH', '/v1/merchant-accounts/jinxiu-lakala', {
      name: 'x',
      communities: [],
      settings,
      revision,
    })
    assert.equal(told.status, 400, base_url)
    assert.match(told.detail, /base_url|沙箱/)
  }
})

test('routes change when another person approves, in English too, and what waits can be withdrawn', async () => {
  const operations = await logIn(browser, demo, 'operations', true),
    finance = await logIn(browser, demo, 'finance2', true)
  await goTo(operations, 'routes')
  const choose = async (institution) => {
    await operations.locator('[data-first="alipay native"]').click()
    await operations.locator('.el-select-dropdown__item:visible', { hasText: institution }).first().click()
    await operations.getByTestId('save-routes').click()
    await change(operations).waitFor()
  }
  await choose('Lakala')
  await settle(operations)
  await shot(operations, 'english-console-routes-waiting')
  await change(operations).getByTestId('withdraw').click()
  await change(operations).waitFor({ state: 'detached' })
  await choose('Lakala')
  await goTo(finance, 'approvals')
  await change(finance).waitFor()
  await settle(finance)
  await shot(finance, 'english-console-approvals')
  await change(finance).getByTestId('approve').click()
  await yes(finance)
  await finance.getByTestId('no-approvals').waitFor()
  const { routes } = await api(operations, 'GET', '/v1/routes?community=')
  assert.deepEqual(routes, [{ wallet: 'alipay', method: 'native', accounts: ['jinxiu-lakala'] }])
  assert.deepEqual([...operations.errors, ...finance.errors], [])
})

test('where nobody else may approve, the page says what to do; a narrow page scrolls no way but down', async () => {
  const page = await logIn(browser, demo, 'operations')
  await page.route('**/v1/approvals*', async (route) => {
    const answer = await route.fetch(),
      body = await answer.json()
    for (const a of body.items) (a.account ?? a.routes).request.deciders = []
    return route.fulfill({ response: answer, json: body })
  })
  await goTo(page, 'accounts')
  await edit(page, 'jinxiu-wechat', { 'account-name': '微信支付（一二三期合并收款，含车位费与水电费代收）' })
  await page.getByTestId('save-account').click()
  await change(page).waitFor()
  await goTo(page, 'approvals')
  await change(page).getByTestId('nobody').getByText('linlipay staff add').waitFor()
  await settle(page)
  await shot(page, 'console-approval-nobody')
  await page.setViewportSize({ width: 390, height: 844 })
  await settle(page)
  await shot(page, 'console-approval-phone')
  await page.setViewportSize({ width: 320, height: 640 })
  await settle(page)
  await shot(page, 'console-approval-320')
  assert.deepEqual(page.errors, [])
})
