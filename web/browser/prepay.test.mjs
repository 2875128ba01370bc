// What is paid ahead: taken at the desk and on the phone, used on bills, undone, and given back as far as it was not
// used.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, resident, shot, startBrowser, startDemo } from './demo.mjs'

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
const room = '1-1-401'

// toHome opens a home at the desk, with what of it is open.
async function toHome(desk, unit, more = '') {
  await goTo(desk, 'orders')
  await goTo(desk, `collect/${unit}?q=${room}${more}`)
  await desk.getByTestId('prepayments').waitFor()
}

test('a cashier takes a prepayment in cash and uses it, finance undoes that, and a refund is capped', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  const [unit] = (await api(desk, 'GET', `/v1/units?q=${room}`)).items
  await toHome(desk, unit.id)
  await desk.getByTestId('no-prepayments').waitFor()
  assert.equal(await desk.getByTestId('use-prepaid').count(), 0, 'nothing is there to be used')
  await shot(desk, 'console-prepaid-none')

  await desk.getByTestId('top-up').click()
  const amount = desk.locator('input[name=prepay]')
  await amount.fill('0')
  await desk.getByTestId('make-top-up').click()
  await desk.getByTestId('top-up-form').locator('.read.bad').waitFor()
  await amount.fill('50')
  await shot(desk, 'console-prepaid-top-up')
  await desk.getByTestId('make-top-up').click()
  await desk.getByTestId('pays').getByText('预存款').waitFor()
  await desk.locator('.pay .el-tabs__item').nth(1).click()
  await desk.locator('input[name=tendered]').fill('50')
  await desk.getByTestId('take-cash').click()
  await desk.locator('.outcome.paid').waitFor()
  const order = /order=(\d+)/.exec(desk.url())[1]
  await toHome(desk, unit.id)
  await desk.getByTestId('prepaid').getByText('¥50.00').waitFor()

  const [bill] = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  await desk.getByTestId('use-prepaid').click()
  await desk.getByTestId('none-chosen').waitFor()
  await desk.locator('.bills tbody .el-checkbox').first().click()
  await shot(desk, 'console-prepaid-home')
  await desk.getByTestId('use-prepaid').click()
  const field = desk.locator('input[name=draw]')
  assert.equal(await field.inputValue(), '50.00', 'as much as is owed and available')
  await field.fill('50.01')
  await desk.getByTestId('draw-form').getByText('最多可抵扣 ¥50.00').waitFor()
  await field.fill('20')
  await shot(desk, 'console-prepaid-use')
  await desk.getByTestId('draw').click()
  await desk.getByTestId('prepaid').getByText('¥30.00').waitFor()
  await desk.getByText('其中预存抵扣 ¥20.00').first().waitFor()

  await desk.getByTestId('see-prepayment').click()
  await desk.getByTestId('moves').getByText('抵扣账单').waitFor()
  assert.equal(await desk.getByTestId('undo').count(), 0, 'a cashier undoes nothing')
  await shot(desk, 'console-prepaid-record')

  // of the 50.00 that were paid in, 30.00 may go back
  await goTo(desk, `orders/${order}`)
  await desk.locator('.el-drawer').getByRole('button', { name: '申请退款' }).click()
  await desk.getByTestId('refund-ahead').getByText('¥30.00').waitFor()
  assert.equal(await desk.locator('.refund-dialog .amount-field input').inputValue(), '30.00')
  await desk.locator('.refund-dialog .amount-field input').fill('40')
  await desk.locator('.refund-dialog .read.bad').waitFor()
  await shot(desk, 'console-prepaid-refund')
  await desk.locator('.refund-dialog .amount-field input').fill('30.00')
  await desk.keyboard.press('Escape')
  assert.deepEqual(desk.errors, [])
  await desk.context().close()

  const finance = await logIn(browser, demo, 'finance')
  const used = (await api(finance, 'GET', `/v1/units/${unit.id}/bills?status=all`)).items.find((b) => b.prepaid)
  await toHome(finance, unit.id, `&bill=${used.id}`)
  await finance.getByTestId('bill').getByText('预存抵扣').waitFor()
  await shot(finance, 'console-prepaid-bill')
  await finance.getByTestId('bill-prepayment').click()
  await finance.getByTestId('undo').click()
  const box = finance.locator('.el-message-box')
  await box.locator('.el-button--primary').click()
  await box.locator('.el-message-box__errormsg').getByText('必填').waitFor()
  await box.locator('input').fill('住户要求改用现金')
  await shot(finance, 'console-prepaid-undo')
  await box.locator('.el-button--primary').click()
  await finance.getByTestId('moves').getByText('住户要求改用现金').waitFor()
  assert.equal(await plain(finance.getByTestId('pre-available')), '¥50.00')
  await finance.getByTestId('limit').click()
  await finance.getByTestId('fees-form').locator('.el-select').click()
  await finance.locator('.el-select-dropdown__item:visible').first().click()
  await shot(finance, 'console-prepaid-fees')
  await finance.getByTestId('fees-form').locator('.hint').click() // the list of fees closes
  await finance.getByTestId('save-fees').click()
  await finance
    .getByTestId('pre-fees')
    .filter({ hasText: used.fee.slice(0, 1) })
    .waitFor()
  const now = (await api(finance, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  assert.equal(now.find((b) => b.id === used.id).owed, bill.owed, 'the bill is owed again')
  assert.deepEqual(finance.errors, [])
  await finance.context().close()
})

test('a resident pays ahead with a wallet and uses it on a bill', async () => {
  const phone = await resident(browser, demo, demo.residents[0].phone)
  await phone.getByTestId('unit').first().click()
  await phone.getByTestId('prepaid').getByText('¥0.00').waitFor()
  await shot(phone, 'resident-prepaid-none')
  const home = phone.url()
  await phone.getByTestId('top-up').click()
  await phone.getByTestId('pay-prepay').click()
  await phone.getByTestId('prepay-note').getByText('请输入大于 0 的金额').waitFor()
  await phone.locator('input[name=prepay]').fill('12.34')
  await shot(phone, 'resident-prepaid-top-up')
  await phone.getByTestId('pay-prepay').click()
  await phone.locator('button[value=wechat]').click()
  await phone.getByTestId('confirm').click()
  await phone.getByTestId('done').waitFor()

  await phone.goto(home)
  await phone.getByTestId('prepaid').getByText('¥12.34').waitFor()
  await phone.getByTestId('use-prepaid').first().click()
  await phone.getByTestId('draw-of').first().waitFor()
  await shot(phone, 'resident-prepaid-use')
  await phone.getByTestId('use-now').click()
  await phone.getByTestId('use-prepaid-form').waitFor({ state: 'detached' })
  await phone.getByTestId('prepaid').getByText('¥0.00').waitFor()
  await phone.getByText('其中预存抵扣 ¥12.34').first().waitFor()
  await phone.getByTestId('prepaid').click()
  await phone.getByTestId('move').nth(1).waitFor()
  assert.match(await phone.getByTestId('move').first().innerText(), /抵扣[\s\S]*−¥12\.34/)
  await shot(phone, 'resident-prepayments')
  assert.deepEqual(phone.errors, [])
})
