// Money that a person gives back on WeChat's own page: finance sees it, the bill is owed again, and the resident reads
// so.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, goTo, logIn, open, resident, settle, shot, sizes, startBrowser, startDemo } from './demo.mjs'

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

const clean = (...pages) => {
  for (const p of pages) assert.deepEqual(p.errors, [])
}
const yes = (page) => page.locator('.el-message-box__btns .el-button--primary').click()

// payInWeChat has the resident pay the first bills of the unit, and leaves the page on the wallet. It returns the
// order's id, which staff finds.
async function payInWeChat(page, bills, staff) {
  await page.getByTestId('unit').first().click()
  const lines = page.locator('.bills .van-cell')
  await lines.first().waitFor()
  for (let i = bills; i < (await lines.count()); i++) await lines.nth(i).click()
  await page.locator('.van-submit-bar__button').click()
  await page.locator('button[value=wechat]').click()
  await page.getByTestId('confirm').click()
  await page.getByTestId('merchant-page').waitFor()
  return (await api(staff, 'GET', '/v1/orders?limit=1')).items[0].id
}

// refundThere gives money back on the merchant's page of the sandbox's wallet; no amount is all.
async function refundThere(page, amount = '') {
  await page.getByTestId('merchant-page').locator('summary').click()
  await page.locator('input[name=amount]').fill(amount)
  await page.getByTestId('merchant-refund').click()
  await page
    .getByTestId('merchant-told')
    .getByText(/ · P\d+/)
    .waitFor()
  return (await page.getByTestId('merchant-told').textContent()).split(' · ')[1]
}

// both takes a picture at the desk's width and at a phone's.
async function both(page, name) {
  await settle(page)
  await shot(page, name)
  await page.setViewportSize(sizes.phone)
  await settle(page)
  await shot(page, name + '-phone')
  await page.setViewportSize(sizes.console)
}

const line = (page, unit) => page.locator('.rows tbody tr', { hasText: unit })

test('a refund on WeChat’s page stands in finance’s list, and the last bill is owed again', async () => {
  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'returns')
  await finance.getByTestId('no-returns').waitFor()
  assert.equal(await finance.getByTestId('returns-waiting').count(), 0)
  await shot(finance, 'console-returns-empty')

  const phone = await resident(browser, demo, demo.residents[0].phone)
  const id = await payInWeChat(phone, 2, finance)
  await shot(phone, 'wallet-merchant-page')
  const number = await refundThere(phone, '1.23')
  await settle(phone)
  await shot(phone, 'wallet-merchant-refund')
  const order = await api(finance, 'GET', `/v1/orders/${id}`)
  const row = line(finance, order.unit.label)
  await row.waitFor()
  for (const text of ['¥1.23', '微信支付商户号', number, order.items.at(-1).title, '渠道退款通知'])
    await row.getByText(text).first().waitFor()
  await finance.getByTestId('returns-waiting').waitFor() // by itself, as what waits comes in
  await eventually(() => finance.getByTestId('returns-waiting').textContent(), '1')
  await row.waitFor()
  await both(finance, 'console-returns')
  await finance.setViewportSize(sizes.phone) // each line is a card there, with all that can be done
  const button = await row.getByTestId('see_return').boundingBox()
  assert.ok(button.x >= 0 && button.x + button.width <= sizes.phone.width, 'a phone does not show what to do')
  await finance.setViewportSize(sizes.console)

  // it opens by the keyboard, and says in the drawer what it was
  await row.getByTestId('open-order').focus()
  await finance.keyboard.press('Enter')
  await finance.locator('.given', { hasText: '渠道退款' }).getByTestId('upstream-no').getByText(number).waitFor()
  await finance.locator('.el-timeline', { hasText: '渠道退款入账' }).waitFor()
  await settle(finance)
  await shot(finance, 'console-return-order')
  await finance.evaluate(() => {
    window.print = () => {
      document.title = 'printed'
    }
  })
  await finance.getByTestId('print-refund').click()
  await finance.getByTestId('print-now').click()
  await finance.waitForFunction(() => document.title === 'printed')
  await finance.emulateMedia({ media: 'print' })
  await finance.getByTestId('paper-room').filter({ hasText: '渠道退款' }).getByText(number).waitFor()
  await shot(finance, 'print-return')
  await finance.emulateMedia({ media: 'screen' })
  await finance.keyboard.press('Escape')
  await finance.locator('.print-dialog').waitFor({ state: 'detached' })
  await finance.keyboard.press('Escape')

  await phone.getByTestId('back').click()
  await phone.goto(`${demo.base}/resident#/orders/${id}`)
  await phone.getByTestId('refund').getByText('¥1.23').waitFor()
  await eventually(() => phone.getByTestId('status').textContent(), '部分退款')
  assert.ok(
    !(await phone.locator('#app').textContent()).includes(number),
    'the resident reads a number of the institution’s',
  )
  await settle(phone)
  await shot(phone, 'resident-return')
  await phone.goto(demo.base + '/resident')
  await phone.getByTestId('unit').first().click()
  await phone.locator('.bills .van-cell', { hasText: '1.23' }).first().waitFor()
  await shot(phone, 'resident-owed-again')

  await row.getByTestId('see_return').click()
  await finance.getByTestId('return-form').waitFor()
  await settle(finance)
  await shot(finance, 'console-return-seen')
  await finance.locator('.return-form input[name=note]').fill('平台客服代退')
  await finance.getByTestId('return-send').click()
  await finance.getByTestId('no-returns').waitFor()
  await finance.getByTestId('returns-waiting').waitFor({ state: 'detached' })
  const seen = await api(finance, 'GET', `/v1/orders/${id}`)
  assert.deepEqual([seen.refunds[0].note, seen.refunds[0].external, seen.refunded], ['平台客服代退', true, 123])

  const cashier = await logIn(browser, demo, 'cashier')
  assert.equal(await cashier.locator('aside', { hasText: '渠道退款' }).count(), 0)
  assert.equal((await api(cashier, 'GET', '/v1/returns')).status, 403)
  clean(finance, phone, cashier)
})

test('an amount that WeChat does not tell is entered by one person and approved by another', async () => {
  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'returns')
  const phone = await resident(browser, demo, demo.residents[1].phone)
  const id = await payInWeChat(phone, 1, finance)
  await demo.fault({ institution: 'wechat', fault: 'lost', operation: 'refund' })
  const number = await refundThere(phone, '2.50')
  const order = await api(finance, 'GET', `/v1/orders/${id}`) // a person opens it
  const row = line(finance, order.unit.label)
  await row.getByTestId('untold').waitFor()
  await shot(finance, 'console-returns-untold')
  await row.getByTestId('open-order').click()
  await finance.getByTestId('return-untold').waitFor()
  await settle(finance)
  await shot(finance, 'console-return-untold')
  await finance.keyboard.press('Escape')
  await finance.locator('.el-drawer').waitFor({ state: 'hidden' })

  await row.getByTestId('dismiss_return').click()
  await finance.getByTestId('return-send').click()
  await finance.locator('.return-form .el-form-item__error', { hasText: '必填' }).waitFor()
  await finance.keyboard.press('Escape')
  await finance.getByTestId('return-form').waitFor({ state: 'detached' })

  await row.getByTestId('declare').click()
  const amount = finance.locator('.return-form input[name=amount]')
  await amount.fill('99999')
  await finance.getByTestId('return-send').click()
  await finance.locator('.return-form [data-test=amount-read].bad', { hasText: '比可退金额多' }).waitFor()
  assert.equal(
    await finance.locator('.return-form .el-form-item__error', { hasText: '最多' }).count(),
    0,
    'one mistake is told twice',
  )
  await both(finance, 'console-return-declare-wrong')
  await finance.keyboard.press('Escape') // what was entered is not lost unasked
  await finance.locator('.el-message-box', { hasText: '放弃' }).locator('.el-button').first().click()
  assert.equal(await amount.inputValue(), '99999')
  for (const way of ['Escape', 'cancel']) {
    // and is let go of when asked
    if (way === 'Escape') await finance.keyboard.press('Escape')
    else await finance.locator('.return-form .right .el-button').first().click()
    // the box that was answered above may still be fading
    await finance.locator('.el-message-box__btns .el-button--primary').last().click()
    await finance.getByTestId('return-form').waitFor({ state: 'detached' })
    await row.getByTestId('declare').click()
    await amount.fill('1')
  }
  await amount.fill('2.50')
  await finance.locator('.return-form input[name=note]').fill('商户平台交易明细')
  await settle(finance)
  await shot(finance, 'console-return-declare')
  await finance.getByTestId('return-send').click()
  await row.waitFor({ state: 'detached' })
  const waiting = await api(finance, 'GET', `/v1/orders/${id}`)
  assert.deepEqual(
    waiting.refunds.map((r) => [r.status, r.external, r.amount]),
    [['requested', true, 250]],
  )
  assert.equal(
    (await api(finance, 'POST', `/v1/orders/${id}/refunds/1/decision`, { approve: true, note: '' })).status,
    403,
  )

  const second = await logIn(browser, demo, 'finance2')
  await goTo(second, 'refunds')
  const asked = line(second, waiting.refunds[0].out_refund_no)
  await asked.getByTestId('declared-hint').waitFor()
  await shot(second, 'console-refunds-declared')
  await asked.getByTestId('approve').click()
  const decision = second.getByTestId('decision')
  for (const text of [
    '不会再次退款',
    '商户平台交易明细',
    '批准后恢复待缴',
    order.items.at(-1).title,
    '¥2.50',
    order.unit.label,
    '锦绣花园',
  ])
    await decision.getByText(text).first().waitFor()
  await both(second, 'console-return-approve')
  await yes(second)
  await asked.waitFor({ state: 'detached' })
  const refunds = await fetch(demo.wallet_url + '/refunds').then((r) => r.json())
  assert.deepEqual(
    refunds.filter((r) => r.out_trade_no === order.attempts[0].out_trade_no).map((r) => r.out_refund_no),
    [number],
  )
  const booked = await api(second, 'GET', `/v1/orders/${id}`)
  assert.deepEqual([booked.refunded, booked.refunds[0].status], [250, 'succeeded'])
  clean(finance, phone, second)
})

test('an amount that WeChat does not tell is asked for by the refund’s number, in English', async () => {
  const finance = await logIn(browser, demo, 'finance', true)
  await goTo(finance, 'returns')
  await finance.getByTestId('no-returns').waitFor()
  await both(finance, 'english-console-returns-empty')
  const phone = await resident(browser, demo, demo.residents[2].phone)
  const id = await payInWeChat(phone, 2, finance)
  await demo.fault({ institution: 'wechat', fault: 'lost', operation: 'refund' })
  const number = await refundThere(phone)
  const order = await api(finance, 'GET', `/v1/orders/${id}`)
  const row = line(finance, order.unit.label)
  await row.getByTestId('by_number').click()
  const field = finance.locator('.return-form input[name=number]')
  await field.fill('P1')
  await finance.getByTestId('return-send').click()
  await finance.locator('.return-form [role=alert]', { hasText: 'knows of no such refund' }).waitFor()
  await settle(finance)
  await shot(finance, 'english-console-return-number')
  await field.fill(number)
  await finance.getByTestId('return-send').click()
  await row.getByTestId('see_return').waitFor()
  await row.getByText('entered by a person').waitFor()
  await finance.getByTestId('return-form').waitFor({ state: 'detached' })
  await shot(finance, 'english-console-returns')
  assert.equal((await api(finance, 'GET', `/v1/orders/${id}`)).refunded, order.amount)
  clean(finance, phone)
})

test('no refund is asked for before an untold one is explained; what was dismissed is opened again', async () => {
  const finance = await logIn(browser, demo, 'finance')
  const cashier = await logIn(browser, demo, 'cashier')
  const phone = await resident(browser, demo, demo.residents[0].phone)
  const id = await payInWeChat(phone, 1, finance)
  await demo.fault({ institution: 'wechat', fault: 'lost', operation: 'refund' })
  await refundThere(phone, '0.50')
  const order = await api(finance, 'GET', `/v1/orders/${id}`) // a person opens it
  const badge = finance.getByTestId('returns-waiting')
  const counts = (n) => eventually(async () => ((await badge.count()) ? Number(await badge.innerText()) : 0), n)
  const { items } = await eventually(
    () => api(finance, 'GET', '/v1/returns'),
    (list) => list.items.some((o) => o.id === id),
    'the refund is noticed',
  )
  await counts(items.length)
  const open = (page) => page.locator('.rows tbody tr', { hasText: id }).click()
  for (const [page, name] of [
    [cashier, 'cashier'],
    [finance, 'finance'],
  ]) {
    await page.reload()
    await goTo(page, 'orders')
    await open(page)
    await page.getByTestId('return-untold').waitFor()
    await page.getByTestId('refund-open').click()
    await page.getByTestId('refund-blocked').waitFor()
    assert.equal(await page.locator('input[name=reason]').count(), 0)
    await settle(page)
    await both(page, `console-refund-blocked-${name}`)
    await page.getByTestId('go-explain').click()
    await page.getByTestId('refund-blocked').waitFor({ state: 'hidden' })
    await page.waitForFunction(() => document.activeElement?.dataset.test === 'return-untold')
  }
  const body = { items: [{ ref: order.items[0].ref, amount: 1 }], reason: '住户申请' }
  const refused = await api(cashier, 'POST', `/v1/orders/${id}/refunds`, body)
  assert.deepEqual([refused.status, refused.explain_first], [409, 1])

  const drawer = finance.locator('.el-drawer')
  await drawer.getByTestId('dismiss_return').click()
  await finance.locator('.return-form input[name=note]').fill('平台查无退款')
  await finance.getByTestId('return-send').click()
  const dismissed = drawer.getByTestId('return-dismissed')
  await dismissed.getByText('平台查无退款').waitFor()
  await counts(items.length - 1) // no page was changed for that
  await settle(finance)
  await both(finance, 'console-return-dismissed')
  await cashier.getByTestId('return-dismissed').waitFor()
  assert.equal(await cashier.getByTestId('reopen_return').count(), 0)
  await dismissed.getByTestId('reopen_return').click()
  await finance.getByTestId('return-send').click()
  await finance.locator('.return-form .el-form-item__error', { hasText: '必填' }).waitFor()
  await both(finance, 'console-return-reopen')
  await finance.locator('.return-form input[name=note]').fill('看错了一笔')
  await finance.getByTestId('return-send').click()
  await finance.getByTestId('return-untold').waitFor()
  await counts(items.length)
  const history = drawer.locator('.el-timeline')
  for (const text of ['已核实无其他退款', '平台查无退款', '重新打开渠道退款', '看错了一笔'])
    await history.getByText(text).first().waitFor()
  assert.ok(!(await history.textContent()).includes('微信支付 微信支付'))
  await history.getByText('重新打开渠道退款').scrollIntoViewIfNeeded()
  await settle(finance)
  await shot(finance, 'console-return-history')
  await finance.keyboard.press('Escape')
  await goTo(finance, 'returns')
  await line(finance, order.community_name + ' · ' + order.unit_label)
    .getByTestId('untold')
    .waitFor()
  await both(finance, 'console-returns-again')

  const foreign = await logIn(browser, demo, 'finance', true)
  await goTo(foreign, 'returns')
  await line(foreign, order.community_name + ' · ' + order.unit_label)
    .getByTestId('untold')
    .waitFor()
  await both(foreign, 'english-console-returns-untold')
  await line(foreign, order.community_name + ' · ' + order.unit_label)
    .getByTestId('open-order')
    .click()
  await foreign.getByTestId('return-untold').waitFor()
  await settle(foreign)
  await both(foreign, 'english-console-return-untold')
  await foreign.getByTestId('refund-open').click()
  await foreign.getByTestId('refund-blocked').waitFor()
  await both(foreign, 'english-console-refund-blocked')
  clean(finance, cashier, phone, foreign)
})
