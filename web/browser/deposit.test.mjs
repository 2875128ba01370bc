// A deposit is taken at the desk, deducted from and made a prepayment by another's approval, and seen on the phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, resident, shot, startBrowser, startDemo } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser, home
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const plain = async (of) => (await of.innerText()).replaceAll(',', '')
const narrow = async (page, name) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await shot(page, name)
  await page.setViewportSize({ width: 1440, height: 900 })
}

// toHome opens a home at the desk, with what of it is open.
async function toHome(desk, more = '') {
  await goTo(desk, 'orders')
  await goTo(desk, `collect/${home.id}?q=1-1-401${more}`)
  await desk.getByTestId('deposits').waitFor()
}
const depositsOf = async (page) => (await api(page, 'GET', `/v1/units/${home.id}/deposits`)).items

// approve approves what waits with a title, in the list of all that waits.
async function approve(page, title, name) {
  await goTo(page, 'approvals')
  const asked = page.getByTestId('change').filter({ hasText: title })
  await asked.getByTestId('payout-consent').waitFor()
  await asked.scrollIntoViewIfNeeded()
  await shot(page, name)
  await asked.getByTestId('approve').click()
  await page.locator('.el-message-box').getByText('不能撤销').waitFor()
  await page.locator('.el-message-box .el-button--primary').click()
  await asked.waitFor({ state: 'detached' })
}

test('a deposit is taken in cash, deducted from, and the rest becomes a prepayment', async () => {
  const owner = demo.residents[0]
  const [community, ...label] = owner.unit.split(' ')
  const room = label.join('-').replace(/栋|单元/g, '')
  const desk = await logIn(browser, demo, 'cashier')
  home = (await api(desk, 'GET', `/v1/units?q=${room}`)).items.find((u) => u.community_name === community)
  await toHome(desk)
  await desk.getByTestId('no-deposits').getByText('没有押金').waitFor()
  await shot(desk, 'console-deposits-none')

  await desk.getByTestId('take-deposit').click()
  const form = desk.getByTestId('top-up-form')
  await desk.getByTestId('make-top-up').click()
  await form.getByText('请填写押金名称').waitFor()
  await shot(desk, 'console-deposit-take-wrong')
  await form.locator('input[name=prepay]').fill('3000')
  await form.locator('input[name=deposit]').fill('预存款')
  await desk.getByTestId('make-top-up').click()
  await form.locator('.el-form-item__error').getByText('不能写成预存款').waitFor() // the server's, at the field
  await form.locator('[data-usual=dep_usual_1]').click()
  assert.equal(await form.locator('input[name=deposit]').inputValue(), '装修押金')
  await shot(desk, 'console-deposit-take')
  await narrow(desk, 'console-deposit-take-narrow')
  await desk.getByTestId('make-top-up').click()
  await desk.getByTestId('pays').getByText('装修押金').waitFor()
  await desk.locator('.pay .el-tabs__item').nth(1).click()
  await desk.locator('input[name=tendered]').fill('3000')
  await desk.getByTestId('take-cash').click()
  await desk.locator('.outcome.paid').waitFor()
  const order = /order=(\d+)/.exec(desk.url())[1]
  const [deposit] = await eventually(
    () => depositsOf(desk),
    (all) => all[0]?.available === 300_000,
    'the deposit is held',
  )
  await toHome(desk)
  await desk.getByTestId('deposit').getByText('¥3,000.00').waitFor()
  await desk.getByTestId('no-prepayments').waitFor() // it pays no bills
  await shot(desk, 'console-deposit-home')
  await narrow(desk, 'console-deposit-home-narrow')

  await desk.getByTestId('see-deposit').click()
  await desk.locator('.el-drawer__title').getByText('押金 · 装修押金').waitFor()
  assert.equal(await desk.getByTestId('pre-fees').count(), 0, 'it pays for no fees')
  await desk.getByTestId('ask-deduction').click()
  const ask = desk.getByTestId('payout-form')
  await ask.getByTestId('method-means').getByText('归公司所有').waitFor()
  assert.equal(await ask.locator('input[name=payee]').count(), 0, 'nobody is paid')
  await desk.getByTestId('ask-payout').click()
  for (const wrong of ['请填写扣款项目', '请填写同意依据', '请填写原因']) await ask.getByText(wrong).waitFor()
  await shot(desk, 'console-deposit-deduct-wrong')
  assert.equal(await ask.locator('input[name=payout]').inputValue(), '', 'how much is deducted somebody judges')
  await ask.locator('input[name=payout]').fill('800')
  await ask.locator('input[name=fee]').fill('装修损坏赔偿')
  await ask.locator('input[name=consent]').fill('签字确认单 ZX-2026-018')
  await ask.locator('textarea[name=reason]').fill('验收发现走廊墙面破损')
  await shot(desk, 'console-deposit-deduct')
  await narrow(desk, 'console-deposit-deduct-narrow')
  await desk.getByTestId('ask-payout').click()
  const waiting = desk.getByTestId('payouts').getByTestId('change')
  await waiting.getByTestId('payout-fee').getByText('装修损坏赔偿').waitFor()
  assert.equal(await waiting.getByTestId('approve').count(), 0, 'who asks decides nothing')
  assert.equal(await desk.getByTestId('ask-prepayment').count(), 0, 'one waits at a time')
  assert.equal(await plain(desk.getByTestId('pre-available')), '¥2200.00')
  await shot(desk, 'console-deposit-asked')
  await toHome(desk)
  await desk.getByTestId('reserved').getByText('另有 ¥800.00 处理中').waitFor()
  await shot(desk, 'console-deposit-reserved')

  const finance = await logIn(browser, demo, 'finance')
  await approve(finance, '扣款 ¥800.00 · 装修押金', 'console-deposit-approval')
  await goTo(finance, 'payouts')
  await finance.getByTestId('no-payouts').waitFor() // nobody has to pay it
  await finance.locator('.el-tabs__item', { hasText: '已办结' }).click()
  const row = finance.locator('.rows tbody tr', { hasText: '装修损坏赔偿' })
  await row.getByText('批准并扣款').waitFor()
  assert.match(await row.innerText(), /签字确认单 ZX-2026-018/)
  await shot(finance, 'console-deposit-payouts')
  await narrow(finance, 'console-deposit-payouts-narrow')
  await row.click()
  await finance.getByTestId('payout').getByText('已扣款').waitFor()
  await finance.getByTestId('moves').getByText('装修损坏赔偿').waitFor()
  assert.equal(await plain(finance.getByTestId('pre-balance')), '¥2200.00')
  await shot(finance, 'console-deposit-record')

  // finance asks for the rest to become a prepayment: not while another asks for some of it
  const rest = finance.getByTestId('payout-form')
  const convert = async () => {
    await finance.getByTestId('ask-prepayment').click()
    await rest.getByTestId('method-means').getByText(`转为 ${home.owner} 的预存款`).waitFor()
    await rest.locator('input[name=consent]').fill('电话录音 2026-11-30')
    await rest.locator('textarea[name=reason]').fill('业主要求抵物业费')
  }
  await convert()
  await shot(finance, 'console-deposit-convert')
  const cash = { amount: 100_00, method: 'cash', payee: home.owner, reason: '退部分' }
  const { payouts } = await api(desk, 'POST', `/v1/prepayments/${deposit.id}/payouts`, cash)
  await finance.getByTestId('ask-payout').click()
  await rest.getByText('已有一个申请待审批').waitFor() // one waits at a time, whoever asked for it
  await rest.getByText('最多 ¥2,100.00').waitFor()
  await shot(finance, 'console-deposit-convert-wrong')
  await api(desk, 'POST', `/v1/prepayments/${deposit.id}/payouts/withdrawal`, { request: payouts[0].id })
  await finance.reload()
  await convert()
  await finance.getByTestId('ask-payout').click()
  await finance.getByTestId('payouts').getByTestId('withdraw').waitFor()
  assert.deepEqual(finance.errors, [])

  const second = await logIn(browser, demo, 'finance2')
  await approve(second, '转预存款 ¥2,200.00 · 装修押金', 'console-deposit-approval-convert')
  assert.deepEqual(second.errors, [])
  await toHome(desk)
  await desk.getByTestId('prepaid').getByText('¥2,200.00').waitFor()
  await desk.getByTestId('deposits').getByText('已结清').waitFor()
  await shot(desk, 'console-deposit-settled')
  await desk.getByTestId('see-prepayment').click()
  await desk.getByTestId('moves').getByText('押金转入').waitFor()
  await shot(desk, 'console-deposit-source')
  await desk.getByTestId('see-source').click()
  await desk.locator('.el-drawer__title').getByText('押金 · 装修押金').waitFor()
  await desk.getByTestId('payout').first().getByText('已转预存款').waitFor()
  assert.equal(await plain(desk.getByTestId('pre-balance')), '¥0.00')
  assert.equal(await desk.getByTestId('ask-deduction').count(), 0, 'nothing is left')
  await shot(desk, 'console-deposit-record-settled')
  await narrow(desk, 'console-deposit-record-settled-narrow')

  // what left it cannot go back by its order
  await goTo(desk, `orders/${order}`)
  await desk.locator('.el-drawer').getByRole('button', { name: '申请退款' }).click()
  await desk.getByTestId('refund-none').getByText('这笔押金已全部退付、扣款或转预存款').waitFor()
  await shot(desk, 'console-deposit-refund-none')
  assert.deepEqual(desk.errors, [])

  const phone = await resident(browser, demo, owner.phone)
  await phone.getByTestId('unit').first().click()
  await phone.getByTestId('held').getByText('¥0.00').waitFor()
  await shot(phone, 'resident-deposit-bills')
  await phone.getByTestId('held').click()
  const held = phone.getByTestId('deposit')
  await held.getByText('装修押金').waitFor()
  const moves = await held.getByTestId('move').allInnerTexts()
  assert.match(moves[0], /转预存款[\s\S]*−¥2,200\.00/)
  assert.match(moves[1], /扣款 · 装修损坏赔偿[\s\S]*−¥800\.00/)
  assert.match(await phone.getByTestId('prepayment').innerText(), /押金转入[\s\S]*\+¥2,200\.00/)
  assert.equal(await held.locator('button').count(), 0, 'a household changes nothing')
  await held.scrollIntoViewIfNeeded()
  await shot(phone, 'resident-deposit')
  await phone.setViewportSize({ width: 320, height: 640 })
  await shot(phone, 'resident-deposit-small')
  assert.deepEqual(phone.errors, [])
})

test('the pages of deposits in English', async () => {
  const desk = await logIn(browser, demo, 'cashier', true)
  for (const deposit of ['地下二层商业街临时促销展位使用押金', '门禁卡押金']) {
    const order = await api(desk, 'POST', '/v1/orders', { unit: home.id, prepay: 50_000, deposit })
    await api(desk, 'POST', `/v1/orders/${order.id}/attempts`, { method: 'cash', tendered: 50_000 })
  }
  await eventually(
    () => depositsOf(desk),
    (all) => all.length === 3,
    'the deposits are held',
  )
  await toHome(desk)
  await desk.getByTestId('deposit').first().getByText('¥500.00').waitFor()
  await shot(desk, 'console-deposit-home-en')
  await narrow(desk, 'console-deposit-home-en-narrow')
  await goTo(desk, `homes/${home.id}`)
  await desk.locator('.el-drawer').getByTestId('deposit').first().waitFor()
  assert.equal(await desk.getByTestId('take-deposit').count(), 0, 'it is taken at the desk')
  await shot(desk, 'console-deposit-drawer-en')
  await toHome(desk)
  await desk.getByTestId('take-deposit').click()
  await desk.getByTestId('make-top-up').click()
  await shot(desk, 'console-deposit-take-en')
  await narrow(desk, 'console-deposit-take-en-narrow')
  await desk.keyboard.press('Escape')
  await desk.getByTestId('see-deposit').first().click()
  await desk.getByTestId('ask-prepayment').click()
  await desk.getByTestId('ask-payout').click()
  await desk.getByTestId('payout-form').getByText('Consent is needed').waitFor()
  await shot(desk, 'console-deposit-convert-en')
  await narrow(desk, 'console-deposit-convert-en-narrow')
  await desk.locator('[data-method=deduction]').click()
  await narrow(desk, 'console-deposit-deduct-en-narrow')
  await desk.locator('[data-method=bank_transfer]').click()
  await desk.getByTestId('payout-form').locator('input[name=account]').waitFor()
  await shot(desk, 'console-deposit-transfer-en')
  assert.deepEqual(desk.errors, [])
  const phone = await resident(browser, demo, demo.residents[0].phone, { english: true })
  await phone.getByTestId('unit').first().click()
  await phone.getByTestId('held').getByText('¥1,000.00').waitFor()
  await shot(phone, 'resident-deposit-bills-en')
  await phone.getByTestId('held').click()
  await phone.getByTestId('deposit').first().waitFor()
  await shot(phone, 'resident-deposit-en')
  await phone.setViewportSize({ width: 320, height: 640 })
  await phone.getByTestId('deposit').nth(1).scrollIntoViewIfNeeded()
  await shot(phone, 'resident-deposit-en-small')
  assert.deepEqual(phone.errors, [])
})
