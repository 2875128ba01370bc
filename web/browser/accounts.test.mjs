// Merchant accounts as the people of a company see them: set up, tested, rotated, disabled, and never a secret on the
// page.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
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
// approve has finance approve what waits for an account; the page is looked at anew.
async function approve(page, name) {
  const finance = await logIn(browser, demo, 'finance')
  const { items } = await api(finance, 'GET', '/v1/approvals')
  const { account } = items.find((a) => a.account?.name === name)
  const { approved } = await api(finance, 'POST', `/v1/merchant-accounts/${account.id}/decision`, {
    request: account.request.id,
    approve: true,
  })
  assert.ok(approved)
  await finance.context().close()
  await page.reload()
  await row(page, 'jinxiu-wechat').waitFor()
}
const state = (page, check) => page.locator(`[data-check=${check}]`).first().getAttribute('data-state')
const another = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

test('an account is asked for, approved, tested, rotated and disabled', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'accounts')
  await row(page, 'jinxiu-wechat').getByTestId('test').click()
  await page.locator('[data-check=callback]').waitFor()
  for (const check of ['settings', 'query', 'clock', 'keys', 'callback'])
    await eventually(() => state(page, check), 'ok', check)
  await settle(page)
  await shot(page, 'console-account-tested')
  await row(page, 'jinxiu-wechat').locator('.el-table__expand-icon').click()

  // a wrong key is found by the query, and rotated away
  const bank = JSON.parse(readFileSync(demo.dir + '/sandbox/credentials.json', 'utf8')).alipay
  const [first, second] = [another(), another()]
  await page.getByTestId('new-account').click()
  await page.locator('.account-form [data-test=institution]').click()
  await page.locator('.el-select-dropdown__item', { hasText: '支付宝' }).click()
  await page.locator('input[name=account-name]').fill('停车费支付宝')
  await page.locator('input[name=app_id]').fill(bank.app_id)
  await page.locator('input[name=seller_id]').fill(bank.seller_id)
  await page.getByTestId('save-account').click() // what is missing stands at its field, in the field's own name
  const key = page.locator('.el-form-item', { has: page.locator('textarea[name=private_key_pem]') })
  await key.locator('.el-form-item__error', { hasText: '请填写' }).waitFor()
  await page.locator('textarea[name=private_key_pem]').fill('-----BEGIN nothing')
  await page.locator('textarea[name=alipay_public_key_pem]').fill(first.publicKey)
  await page.locator('input[name=base_url]').fill(bank.base_url)
  await page.getByTestId('save-account').click()
  await key.locator('.el-form-item__error', { hasText: '须为 RSA 密钥' }).waitFor()
  assert.equal(
    await page.locator('.account-form', { hasText: 'private_key_pem' }).count(),
    0,
    'a field is named as the request names it',
  )
  await shot(page, 'console-account-new')
  await page.locator('textarea[name=private_key_pem]').fill(bank.private_key_pem)
  await page.getByTestId('save-account').click()
  const mine = row(page, '停车费支付宝')
  await mine.getByTestId('not-yet').waitFor()
  assert.equal(await mine.getByTestId('test').count(), 0, 'what is not in force has its own test')
  await page.getByTestId('test-change').click()
  await page.locator('[data-check=query][data-state=fail]', { hasText: '无法验证' }).waitFor()
  await approve(page, '停车费支付宝')
  await mine.getByTestId('test').click()
  await page.locator('[data-check=query][data-state=fail]', { hasText: '无法验证' }).waitFor()
  await settle(page)
  await shot(page, 'console-account-failed')

  await mine.getByTestId('rotate').click()
  await page.locator('textarea[name=alipay_public_key_pem]').fill(bank.alipay_public_key_pem)
  await settle(page)
  await shot(page, 'console-account-rotate')
  await page.getByTestId('save-account').click()
  await mine.getByTestId('waiting').waitFor()
  await approve(page, '停车费支付宝')
  await mine.getByTestId('rotating').waitFor()
  await mine.getByTestId('test').click()
  await page.locator('[data-check=query][data-state=ok]').waitFor()
  await eventually(() => page.locator('[data-key=alipay_public_key_pem]').count(), 2)
  await settle(page)
  await shot(page, 'console-account-rotating')
  await mine.getByTestId('drop').click()
  await yes(page)
  await mine.getByTestId('waiting').waitFor()
  await approve(page, '停车费支付宝')
  await mine.getByTestId('rotating').waitFor({ state: 'detached' })
  await page.locator('[data-key=alipay_public_key_pem]').waitFor() // what was open stays open
  await eventually(() => page.locator('[data-key=alipay_public_key_pem]').count(), 1)

  // changing the name alone keeps the secrets, which the form does not hold
  await mine.getByTestId('edit').click()
  assert.equal(await page.locator('textarea[name=private_key_pem]').inputValue(), '')
  await page.locator('input[name=account-name]').fill('车位费支付宝')
  await page.getByTestId('save-account').click()
  await mine.getByTestId('waiting').waitFor()
  await approve(page, '停车费支付宝')
  const renamed = row(page, '车位费支付宝')
  await renamed.waitFor()
  await renamed.getByTestId('test').click()
  await page.locator('[data-check=query][data-state=ok]').waitFor()
  await renamed.getByTestId('toggle').click()
  await yes(page)
  await renamed.locator('[data-disabled=true]').waitFor()
  await settle(page)
  await shot(page, 'console-account-disabled')

  const { items } = await api(page, 'GET', '/v1/merchant-accounts')
  assert.ok(items.length >= 3)
  const seen = JSON.stringify(items) + (await page.content())
  for (const secret of [bank.private_key_pem, first.privateKey, second.privateKey])
    assert.ok(!seen.includes(secret.split('\n')[1]), 'a private key is shown')
  assert.deepEqual(page.errors, [])
})

test(
  'a save whose answer was lost makes one account, and one that cannot be used is listed with what ' + 'is wrong',
  async () => {
    const page = await logIn(browser, demo, 'operations')
    await goTo(page, 'accounts')
    const bank = JSON.parse(readFileSync(demo.dir + '/sandbox/credentials.json', 'utf8')).alipay
    await page.getByTestId('new-account').click()
    await page.locator('.account-form [data-test=institution]').click()
    await page.locator('.el-select-dropdown__item', { hasText: '支付宝' }).click()
    await page.locator('input[name=account-name]').fill('丢失应答')
    for (const name of ['app_id', 'seller_id', 'base_url']) await page.locator(`input[name=${name}]`).fill(bank[name])
    for (const name of ['private_key_pem', 'alipay_public_key_pem'])
      await page.locator(`textarea[name=${name}]`).fill(bank[name])
    let lost = 0
    await page.route(/\/v1\/merchant-accounts(\?|$)/, async (route) => {
      if (route.request().method() === 'POST' && lost++ === 0) return void (await route.fetch(), await route.abort())
      if (route.request().method() === 'POST') return route.continue()
      const answer = await route.fetch(),
        body = await answer.json()
      for (const a of body.items)
        if (a.name === '丢失应答') a.error = '配置无法解密，LINLIPAY_SECRET_KEY 可能不是保存时的密钥。'
      return route.fulfill({ response: answer, json: body })
    })
    await page.getByTestId('save-account').click()
    await page.getByTestId('account-wrong').waitFor()
    await page.getByTestId('save-account').click()
    await row(page, '丢失应答').getByTestId('waiting').waitFor()
    await approve(page, '丢失应答')
    await row(page, '丢失应答').getByTestId('trouble').getByText('无法解密').waitFor()
    assert.equal(await row(page, '丢失应答').count(), 1)
    assert.equal(lost, 2)
    await settle(page)
    await shot(page, 'console-account-trouble')
    await row(page, '丢失应答').getByTestId('toggle').click()
    await yes(page)
    await row(page, '丢失应答').locator('[data-disabled=true]').waitFor()
    assert.deepEqual(page.errors, [])
  },
)

test('finance sees and tests accounts in English, and changes nothing; a cashier has no such page', async () => {
  const page = await logIn(browser, demo, 'finance', true)
  await goTo(page, 'accounts')
  await row(page, 'jinxiu-alipay').getByTestId('test').click()
  await page.locator('[data-check=query]', { hasText: 'both signatures are valid' }).waitFor()
  assert.equal(
    (await page.getByTestId('edit').count()) +
      (await page.getByTestId('rotate').count()) +
      (await page.getByTestId('new-account').count()),
    0,
  )
  await settle(page)
  await shot(page, 'english-console-accounts')
  const {
    items: [{ id }],
  } = await api(page, 'GET', '/v1/merchant-accounts')
  assert.equal((await api(page, 'POST', `/v1/merchant-accounts/${id}/deactivation`, {})).status, 403)
  const cashier = await logIn(browser, demo, 'cashier')
  assert.equal(await cashier.locator('aside', { hasText: '商户号' }).count(), 0)
  assert.equal((await api(cashier, 'GET', '/v1/merchant-accounts')).status, 403)
  assert.deepEqual([...page.errors, ...cashier.errors], [])
})
