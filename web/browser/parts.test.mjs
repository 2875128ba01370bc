// A bill that is paid in parts: at the counter, and on the phone once the company lets residents do so.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, resident, startBrowser, startDemo } from './demo.mjs'

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

const box = (page) => page.locator('input[name=part]')
const focused = (page, what) => page.waitForFunction((what) => document.activeElement?.matches(what), what)
const yuan = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
const numbers = (text) => text.replaceAll(',', '') // as yuan writes them
const paid = async (page, unit, bill) =>
  (await api(page, 'GET', `/v1/units/${unit}/bills?status=paid`)).items.some((b) => b.id === bill)

// inFront tells that the focus is on nothing behind a dialog.
const inFront = () => !document.activeElement.closest('#app')

// orderOf is the newest order of a bill.
const orderOf = async (page, room, bill) =>
  (await api(page, 'GET', `/v1/orders?q=${room}`)).items.find((o) => o.items.some((i) => i.ref === bill.id))

// receipt is what an order's receipt says.
async function receipt(page, order) {
  await goTo(page, `orders/${order.id}`)
  await page.getByTestId('print-receipt').click()
  const said = await page.locator('.print-dialog:visible').innerText()
  await page.keyboard.press('Escape')
  await goTo(page, 'orders')
  return numbers(said)
}

// allow has the company let residents pay a part: operations asks, and finance approves.
async function allow() {
  const asks = await logIn(browser, demo, 'operations')
  await goTo(asks, 'settings')
  await asks.getByTestId('edit-settings').click()
  await asks.locator('.el-radio', { hasText: '服务台和住户手机' }).click()
  await asks.getByTestId('save-settings').click()
  await asks.getByTestId('change').waitFor()
  await asks.locator('[data-setting=set_part_payments]', { hasText: '仅服务台' }).waitFor()
  const decides = await logIn(browser, demo, 'finance')
  await goTo(decides, 'approvals')
  await decides.getByTestId('change').getByText('服务台和住户手机').waitFor()
  await decides.getByTestId('approve').click()
  await decides.locator('.el-message-box .el-button--primary').click()
  await decides.getByTestId('no-approvals').waitFor()
  assert.deepEqual([...asks.errors, ...decides.errors], [])
  await asks.context().close()
  await decides.context().close()
}

test('a bill is paid in two parts, in cash at the counter and from the phone', async () => {
  const owner = demo.residents[0]
  const room = owner.unit
    .split(' ')
    .slice(1)
    .join('-')
    .replace(/栋|单元/g, '')
  const desk = await logIn(browser, demo, 'cashier')
  const unit = (await api(desk, 'GET', `/v1/units?q=${room}`)).items.find(
    (u) => `${u.community_name} ${u.label}` === owner.unit,
  )
  const bills = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  const [bill] = bills.toSorted((a, b) => (a.due_date + a.period + a.fee < b.due_date + b.period + b.fee ? -1 : 1))

  await goTo(desk, `collect/${unit.id}?q=${room}`)
  await desk.getByTestId('part').click() // with no bill chosen it is towards all, the oldest first
  await focused(desk, 'input[name=part]')
  assert.equal(await desk.locator('.bills tbody .el-checkbox.is-checked').count(), bills.length)
  await desk.keyboard.press('Escape')
  await focused(desk, '[data-test=part]')
  await desk.keyboard.press('Enter')
  for (const [typed, said] of [
    ['', '请填写金额'],
    ['0', '金额须大于 0'],
    ['9999999', '所选账单只欠'],
  ]) {
    await box(desk).fill(typed)
    await desk.keyboard.press('Enter')
    await desk.getByTestId('amount-read').filter({ hasText: said }).waitFor()
    await focused(desk, 'input[name=part]')
  }
  await box(desk).fill('30')
  await desk.getByTestId('part-left').waitFor()
  await desk.keyboard.press('Enter')
  await desk.locator('.pay', { hasText: '（部分）' }).waitFor()
  await desk.locator('.el-tabs__item', { hasText: '现金' }).click()
  await desk.locator('input[name=tendered]').fill('30')
  await desk.getByTestId('take-cash').click()
  await desk.getByTestId('outcome').filter({ hasText: '已支付' }).waitFor()
  const owed = (await api(desk, 'GET', `/v1/units/${unit.id}/bills`)).items.reduce((sum, b) => sum + b.owed, 0)
  await desk.getByTestId('still').waitFor()
  assert.match(numbers(await desk.getByTestId('still').innerText()), new RegExp(`此户还欠 .+ ¥${yuan(owed)}$`))
  const first = await orderOf(desk, room, bill)
  assert.equal(first.amount, 3000)
  await desk.getByTestId('next-home').click()
  const part = (fen) => new RegExp(`（部分，账单 ¥${yuan(bill.amount)}）\\s+¥?${yuan(fen)}`)
  assert.match(await receipt(desk, first), part(3000))

  const place = `#/units/${unit.id}`
  const phone = await resident(browser, demo, owner.phone, { place })
  const mine = phone.locator('.bills .van-cell', { hasText: `已缴 ¥30.00` })
  await mine.waitFor()
  assert.equal(await phone.getByTestId('part').count(), 0, 'nobody let residents pay a part yet')
  await allow()
  await phone.reload()
  await mine.waitFor()
  for (const cell of await phone.locator('.bills .van-cell').all())
    if (!/已缴/.test(await cell.innerText())) await cell.click()
  await phone.getByTestId('part').click()
  await focused(phone, 'input[name=part]')
  for (let i = 0; i < 8; i++) {
    await phone.keyboard.press('Tab')
    assert.ok(await phone.evaluate(inFront), 'Tab does not go behind the sheet')
  }
  await phone.keyboard.press('Shift+Tab')
  assert.ok(await phone.evaluate(inFront))
  await box(phone).focus()
  await phone.keyboard.press('Escape')
  await focused(phone, '[data-test=part]')
  await phone.keyboard.press('Enter')
  for (const typed of ['', '0', '9999999']) {
    await box(phone).fill(typed)
    await phone.keyboard.press('Enter')
    await phone
      .getByTestId('part-note')
      .filter({ hasText: /请输入 0\.01 至/ })
      .waitFor()
  }
  const rest = bill.owed - 3000
  await box(phone).fill(yuan(rest))
  await phone.keyboard.press('Enter')
  await phone.locator('dl', { hasText: '（部分，账单 ¥' }).first().waitFor()
  await phone.locator('button[value=wechat]').click()
  await phone.getByTestId('confirm').click()
  await phone.getByTestId('done').waitFor()

  await eventually(() => paid(desk, unit.id, bill.id), true, 'both parts together pay the bill')
  const second = await orderOf(desk, room, bill)
  assert.equal(second.amount, rest)
  assert.notEqual(second.id, first.id)
  assert.match(await receipt(desk, second), part(rest))
  await phone.goto(`${demo.base}/resident#/orders/${second.id}`)
  await phone.getByText('（部分，账单 ¥').first().waitFor()
  assert.deepEqual([...desk.errors, ...phone.errors], [])
})
