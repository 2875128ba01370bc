// What was paid ahead is paid out to a named payee: asked for at the desk, decided by another, paid, or not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, resident, shot, startBrowser, startDemo } from './demo.mjs'

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

const plain = async (of) => (await of.innerText()).replaceAll(',', '')

// paidAhead has a cashier take so many fen in cash that a home's owner pays ahead, and returns the prepayment's id.
async function paidAhead(desk, unit, prepay) {
  const order = await api(desk, 'POST', '/v1/orders', { unit, prepay })
  await api(desk, 'POST', `/v1/orders/${order.id}/attempts`, { method: 'cash', tendered: prepay })
  const [prepayment] = await eventually(
    async () => (await api(desk, 'GET', `/v1/units/${unit}/prepayments`)).items,
    (all) => all[0]?.available >= prepay,
    'what was paid ahead is kept',
  )
  return prepayment
}

// toRecord opens a prepayment at the desk.
async function toRecord(desk, unit, id) {
  await goTo(desk, 'orders')
  await goTo(desk, `collect/${unit}?q=1-1-401&prepayment=${id}`)
  await desk.getByTestId('pre-available').waitFor()
}
const narrow = async (page, name) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await shot(page, name)
  await page.setViewportSize({ width: 1440, height: 900 })
}

test('a cashier asks for a transfer, finance approves and pays it, and cash is rejected', async () => {
  const owner = demo.residents[0]
  const [community, ...label] = owner.unit.split(' ')
  const room = label.join('-').replace(/栋|单元/g, '')
  const desk = await logIn(browser, demo, 'cashier')
  const unit = (await api(desk, 'GET', `/v1/units?q=${room}`)).items.find((u) => u.community_name === community)
  const { id } = await paidAhead(desk, unit.id, 123_400)
  await goTo(desk, 'payouts')
  await desk.getByTestId('no-payouts').getByText('没有待付款的退付').waitFor()
  await shot(desk, 'console-payouts-none')

  await toRecord(desk, unit.id, id)
  await desk.getByTestId('pay-out').click()
  const form = desk.getByTestId('payout-form')
  assert.equal(await form.locator('input[name=payout]').inputValue(), '1,234.00', 'all that is available')
  assert.equal(await form.locator('input[name=payee]').inputValue(), unit.owner, 'to the debtor')
  await shot(desk, 'console-payout-dialog')
  await form.locator('input[name=account]').fill('1234a')
  await desk.getByTestId('ask-payout').click()
  await form.getByText('收款账号须为 8 至 32 位数字').waitFor()
  await form.getByText('请填写开户行').waitFor()
  await shot(desk, 'console-payout-dialog-wrong')
  await form.locator('input[name=payout]').fill('1000')
  await form.locator('input[name=bank]').fill('招商银行福州分行')
  await form.locator('input[name=account]').fill('6214 8301 2345 6789')
  await form.locator('textarea[name=reason]').fill('住户已搬离，微信支付已超过一年')
  await narrow(desk, 'console-payout-dialog-narrow')
  await desk.getByTestId('ask-payout').click()
  const waiting = desk.getByTestId('payouts').getByTestId('change')
  await waiting.getByTestId('withdraw').waitFor()
  assert.equal(await waiting.getByTestId('approve').count(), 0, 'who asks decides nothing')
  assert.equal(await desk.getByTestId('pay-out').count(), 0, 'one waits at a time')
  assert.equal(await plain(desk.getByTestId('payout-account')), '****6789')
  assert.equal(await plain(desk.getByTestId('pre-available')), '¥234.00')
  await shot(desk, 'console-payout-asked')

  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'approvals')
  const asked = finance.getByTestId('change').filter({ hasText: '退付 ¥1,000.00' })
  await asked.getByText('6214 8301 2345 6789').waitFor()
  await asked.getByText('住户已搬离').waitFor()
  await asked.scrollIntoViewIfNeeded()
  await shot(finance, 'console-payout-approval')
  await asked.getByTestId('see-record').click()
  await finance.getByTestId('pre-balance').waitFor()
  await finance.keyboard.press('Escape')
  await asked.getByTestId('approve').click()
  await shot(finance, 'console-payout-approve')
  await finance.locator('.el-message-box .el-button--primary').click()
  await asked.waitFor({ state: 'detached' })

  await goTo(finance, 'payouts')
  const row = finance.locator('.rows tbody tr', { hasText: owner.unit.split(' ')[0] })
  await row.getByText('招商银行福州分行').waitFor()
  assert.match(await plain(finance.getByTestId('payouts-total')), /1 笔，合计 ¥1000\.00/)
  await shot(finance, 'console-payouts')
  await narrow(finance, 'console-payouts-narrow')
  const [download] = await Promise.all([
    finance.waitForEvent('download'),
    finance.getByTestId('export-transfers').click(),
  ])
  assert.match(download.suggestedFilename(), /^退付待转账 20\d\d-\d\d-\d\d\.csv$/)
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n')
  assert.equal(lines.length, 3)
  assert.ok(lines[1].includes(`${unit.owner},招商银行福州分行,6214 8301 2345 6789,1000.00,`), lines[1])
  await row.getByTestId('pay-payout').click()
  await finance.getByTestId('say-paid').click()
  await finance.getByTestId('pay-form').getByText('请填写银行回单号').waitFor()
  await shot(finance, 'console-payout-pay')
  await finance.locator('input[name=reference]').fill('HD20261130001')
  await finance.getByTestId('say-paid').click()
  await finance.getByTestId('no-payouts').waitFor()
  await finance.locator('.el-tabs__item', { hasText: '已办结' }).click()
  await row.getByText('HD20261130001').waitFor()
  await row.click()
  await finance.getByTestId('moves').getByText('退付').waitFor()
  await finance.getByTestId('payout').getByText('已付款').waitFor()
  assert.equal(await plain(finance.getByTestId('pre-balance')), '¥234.00')
  await finance.getByTestId('payout').scrollIntoViewIfNeeded()
  await shot(finance, 'console-payout-paid')

  // another one, in cash, is rejected in the record
  await toRecord(desk, unit.id, id)
  await desk.getByTestId('pay-out').click()
  await desk.locator('[data-method=cash]').click()
  assert.equal(await form.locator('input[name=account]').count(), 0, 'cash goes to no account')
  await form.locator('input[name=payee]').fill('李雷')
  await form.locator('textarea[name=reason]').fill('由儿子代领')
  await shot(desk, 'console-payout-dialog-cash')
  await desk.getByTestId('ask-payout').click()
  await desk.getByTestId('payouts').getByText('不是业主').waitFor()
  await finance.reload()
  const second = finance.getByTestId('payouts').getByTestId('change')
  await second.getByTestId('refuse').click()
  const box = finance.locator('.el-message-box')
  await box.locator('.el-button--primary').click()
  await box.locator('.el-message-box__errormsg').getByText('必填').waitFor()
  await box.locator('input').fill('须业主本人领取')
  await box.locator('.el-button--primary').click()
  await finance.getByTestId('payout').first().getByText('须业主本人领取').waitFor()
  await finance.getByTestId('payout').first().scrollIntoViewIfNeeded()
  await shot(finance, 'console-payout-record')
  await narrow(finance, 'console-payout-record-narrow')
  assert.equal(await plain(finance.getByTestId('pre-available')), '¥234.00')
  assert.deepEqual(finance.errors, [])

  // cash that was approved is a cashier's to pay, and finance may cancel it
  await toRecord(desk, unit.id, id)
  await desk.getByTestId('pay-out').click()
  await desk.locator('[data-method=cash]').click()
  await form.locator('textarea[name=reason]').fill('住户要求现金')
  await desk.getByTestId('ask-payout').click()
  await waiting.waitFor()
  const { payouts } = await api(desk, 'GET', `/v1/prepayments/${id}`)
  await api(finance, 'POST', `/v1/prepayments/${id}/payouts/decision`, { request: payouts[0].id, approve: true })
  await goTo(desk, 'payouts')
  await desk.getByTestId('pay-payout').waitFor()
  assert.equal(await desk.getByTestId('cancel-payout').count(), 0, 'a cashier cancels nothing')
  assert.equal(await desk.getByTestId('export-transfers').count(), 0)
  await desk.getByTestId('pay-payout').click()
  await shot(desk, 'console-payout-pay-cash')
  await desk.keyboard.press('Escape')
  assert.deepEqual(desk.errors, [])
  await finance.reload()
  await finance.getByTestId('cancel-payout').click()
  await box.locator('input').fill('未来领取')
  await shot(finance, 'console-payout-cancel')
  await box.locator('.el-button--primary').click()
  await finance.getByTestId('payout').first().getByText('已取消').waitFor()
  assert.equal(await plain(finance.getByTestId('pre-available')), '¥234.00')

  const phone = await resident(browser, demo, owner.phone)
  await phone.getByTestId('unit').first().click()
  await phone.getByTestId('prepaid').click()
  await phone.getByTestId('move').filter({ hasText: '退付' }).waitFor()
  assert.match(await phone.getByTestId('move').first().innerText(), /退付[\s\S]*−¥1,000\.00/)
  await shot(phone, 'resident-payout')
  assert.deepEqual(phone.errors, [])
})

test('the pages of payouts in English', async () => {
  const finance = await logIn(browser, demo, 'finance', true)
  await goTo(finance, 'payouts?status=paid')
  await finance.getByText('No. HD20261130001').waitFor()
  await shot(finance, 'console-payouts-en')
  await narrow(finance, 'console-payouts-en-narrow')
  await finance.locator('.rows tbody tr').first().click()
  await finance.getByTestId('payout').first().waitFor()
  await finance.getByTestId('payouts').scrollIntoViewIfNeeded()
  await shot(finance, 'console-payout-record-en')
  await finance.getByTestId('pay-out').click()
  await finance.getByTestId('ask-payout').click()
  await shot(finance, 'console-payout-dialog-en')
  await narrow(finance, 'console-payout-dialog-en-narrow')

  // what is available became less meanwhile: the server's fault stands at its field
  const form = finance.getByTestId('payout-form')
  await form.locator('input[name=bank]').fill('ICBC')
  await form.locator('input[name=account]').fill('622202140200')
  await form.locator('textarea[name=reason]').fill('moved away')
  const id = decodeURIComponent(/payouts\/([^?]+)/.exec(finance.url())[1])
  const { prepayment } = await api(finance, 'GET', `/v1/prepayments/${id}`)
  const [bill] = (await api(finance, 'GET', `/v1/units/${prepayment.unit}/bills?status=unpaid`)).items
  await api(finance, 'POST', `/v1/prepayments/${id}/draws`, { bill: bill.id, amount: 10_000 })
  await finance.getByTestId('ask-payout').click()
  await form.getByText('at most ¥134.00').waitFor()
  await shot(finance, 'console-payout-dialog-less-en')
  await form.getByTestId('all-available').click()
  await finance.getByTestId('ask-payout').click()
  await finance.getByTestId('payouts').getByTestId('withdraw').click()
  await finance.locator('[data-test=payout][data-status=withdrawn]').waitFor()
  assert.deepEqual(finance.errors, [])
})
