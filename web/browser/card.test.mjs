// Bank cards on a terminal, as the resident, the cashier and finance see them; and who takes which way to pay.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  choose,
  decideRoutes,
  eventually,
  goTo,
  logIn,
  open,
  pairTerminal,
  patience,
  resident,
  settle,
  shot,
  startBrowser,
  startDemo,
  terminal,
  toQR,
} from './demo.mjs'

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
const newest = async (page) => (await api(page, 'GET', '/v1/orders?limit=1')).items[0]

// refundWhole has the cashier ask for the whole of an order and finance approve it.
async function refundWhole(cashier, finance, order) {
  const items = order.items.map((i) => ({ ref: i.ref, amount: i.amount }))
  const asked = await api(cashier, 'POST', `/v1/orders/${order.id}/refunds`, { items, reason: '住户申请' })
  return api(finance, 'POST', `/v1/orders/${order.id}/refunds/${asked.refund.no}/decision`, { approve: true })
}

describe('cards', { concurrency: 1 }, () => {
  test('a card is confirmed by the acquirer, and undone on the terminal', async () => {
    const screen = await terminal(browser, demo)
    await toQR(screen, '1-1-601')
    await screen.getByTestId('swipe').waitFor()
    await shot(screen, 'terminal-qr-or-card')
    await screen.setViewportSize({ width: 720, height: 1280 })
    await shot(screen, 'upright-qr-or-card')
    await screen.setViewportSize({ width: 1280, height: 800 })
    await demo.fault({ institution: 'lakala', fault: 'timeout_before_effect', operation: 'query', count: 4 })
    await demo.fault({ institution: 'lakala', fault: 'lost', operation: 'pay' })
    await screen.getByTestId('swipe').click()
    await demo.present('swipe')
    await screen.getByTestId('card-state').filter({ hasText: '等待收单机构确认' }).waitFor()
    await shot(screen, 'terminal-card-reported')
    await screen.getByTestId('paid').waitFor({ timeout: 2 * patience })
    await shot(screen, 'terminal-card-paid')
    await screen.getByTestId('next').click() // or it goes by itself

    const [cashier, finance] = [await logIn(browser, demo, 'cashier'), await logIn(browser, demo, 'finance')]
    const order = await newest(finance)
    assert.equal(order.attempts[0].institution, 'lakala')
    assert.match(order.attempts[0].card.masked, /^\d{6}\*+\d{4}$/)
    await refundWhole(cashier, finance, order)
    await screen.getByTestId('void').waitFor()
    await shot(screen, 'terminal-void')
    await screen.getByTestId('void').click()
    await demo.present('swipe')
    await screen.getByTestId('void').waitFor({ state: 'detached' })
    await eventually(
      () => api(finance, 'GET', `/v1/orders/${order.id}`).then((o) => o.refunds[0].status),
      'succeeded',
      'the void is confirmed',
    )
    await goTo(finance, 'orders')
    await finance.locator('tbody tr', { hasText: order.unit.label }).first().click()
    await finance.locator('.el-timeline').getByText('终端报告已撤销').waitFor()
    await shot(finance, 'console-card-order')
    clean(screen, cashier, finance)
  })

  test('a card that only a statement confirms is provisional, and finance ends it', async () => {
    const finance = await logIn(browser, demo, 'finance')
    await goTo(finance, 'unconfirmed')
    await finance.getByText('没有待确认的刷卡').waitFor()
    await shot(finance, 'console-unconfirmed-empty')
    await goTo(finance, 'routes')
    const first = finance.locator('[data-first="card card_present"]')
    await first.waitFor()
    await shot(finance, 'console-routes')
    await first.click()
    await finance.locator('.el-select-dropdown__item:visible', { hasText: '盛付通' }).click()
    await finance.getByTestId('save-routes').click()
    await finance.getByTestId('change').waitFor()
    await shot(finance, 'console-routes-asked')
    await decideRoutes(browser, demo)

    const screen = await terminal(browser, demo)
    await toQR(screen, '1-1-701')
    await screen.getByTestId('swipe').click()
    await demo.present('swipe')
    await screen.getByTestId('paid').waitFor()
    await screen.getByText('待收单机构对账单确认').first().waitFor()
    await shot(screen, 'terminal-card-provisional')
    await screen.getByTestId('next').click()

    await goTo(finance, 'unconfirmed')
    await finance.locator('[data-unconfirmed=provisional]').waitFor()
    await shot(finance, 'console-unconfirmed')

    const cashier = await logIn(browser, demo, 'cashier')
    await refundWhole(cashier, finance, await newest(finance))
    await screen.getByTestId('void').click()
    await demo.present('swipe')
    const unconfirmedVoid = finance.locator('tr', { has: finance.locator('[data-unconfirmed=void_provisional]') })
    await unconfirmedVoid.waitFor()
    assert.equal(await unconfirmedVoid.getByTestId('made-good').count(), 0, 'the statement has not been heard')
    await shot(finance, 'console-unconfirmed-void')
    await finance.getByTestId('deny').click()
    await finance.locator('.el-message-box input').fill('收单机构查无此笔')
    await shot(finance, 'console-deny')
    await finance.locator('.el-message-box__btns .el-button--primary').click()
    await finance.getByText('没有待确认的刷卡').waitFor()
    const order = await newest(finance)
    assert.equal(order.refunded, order.amount)
    clean(screen, finance, cashier)
  })

  test("at the wallet's card reader a card is declined, charged in silence, or not held at all", async () => {
    const screen = await terminal(browser, demo)
    const wallet = await open(browser, 'phone', demo.wallet_url + '/')
    const finance = await logIn(browser, demo, 'finance')
    await choose(browser, demo, { wallet: 'card', method: 'card_present', accounts: ['jinxiu-lakala'] })
    const swipe = async (what, told) => {
      await screen.getByTestId('swipe').click()
      await screen.getByText('请在终端上刷卡').waitFor()
      await wallet.locator(`[data-do=${what}]`).click()
      await wallet.getByTestId('reader-told').filter({ hasText: told }).waitFor()
    }
    await toQR(screen, '1-1-801')
    await screen.getByTestId('swipe').click()
    await screen.getByText('请在终端上刷卡').waitFor()
    await shot(screen, 'terminal-card-reading')
    await wallet.getByTestId('card-call').waitFor()
    await shot(wallet, 'wallet-card-call')
    await wallet.locator('[data-do=decline]').click()
    await wallet.getByTestId('reader-told').filter({ hasText: '已拒绝' }).waitFor()
    await screen.getByTestId('card-declined').filter({ hasText: '您的账户或银行卡不支持此次支付' }).waitFor()
    await shot(screen, 'terminal-card-declined')
    await screen.setViewportSize({ width: 720, height: 1280 })
    await shot(screen, 'upright-card-declined')
    await screen.setViewportSize({ width: 1280, height: 800 })
    await shot(wallet, 'wallet-card-declined')
    await eventually(() => newest(finance).then((o) => o.attempts[0].state), 'ended')

    await swipe('leave', '什么也没有发生')
    await screen.getByTestId('card-unknown').waitFor()
    // what stands out resolves the doubt; a card is charged again only by who says that it was not
    await eventually(
      () => screen.locator('main .primary').evaluateAll((some) => some.map((b) => b.dataset.test)),
      ['ask-card'],
    )
    assert.equal(await screen.getByTestId('swipe').count(), 0)
    await shot(screen, 'terminal-card-unknown')
    await screen.getByTestId('ask-card').click()
    await screen.getByText('刚刚已查询').waitFor()
    await shot(screen, 'terminal-card-asked')
    await screen.getByTestId('swipe-again').click()
    await screen.getByTestId('card-again').waitFor()
    await eventually(
      () => screen.locator('main .primary').evaluateAll((some) => some.map((b) => b.dataset.test)),
      ['card-wait'],
    )
    await shot(screen, 'terminal-card-again')
    await screen.getByTestId('card-wait').click()
    await screen.setViewportSize({ width: 720, height: 1280 })
    await shot(screen, 'upright-card-unknown')
    await screen.setViewportSize({ width: 1280, height: 800 })

    // a person who goes back before a card was held to the reader is in no doubt
    const again = async () => {
      await screen.getByTestId('swipe-again').click()
      await screen.getByTestId('swipe-sure').click()
    }
    await again()
    await screen
      .getByTestId('card-left')
      .getByText(/\d+:\d\d/)
      .waitFor()
    await wallet.getByTestId('card-call').waitFor()
    await screen.getByTestId('card-back').click()
    await screen.getByTestId('swipe').waitFor()
    assert.equal(await screen.getByTestId('card-unknown').count(), 0)
    await wallet.getByTestId('card-call').waitFor({ state: 'detached' })
    await shot(screen, 'terminal-card-back')

    const made = wallet.getByTestId('made-one').filter({ hasText: '银行卡' })
    const before = await made.count()
    await swipe('lose', '终端没有收到结果')
    await eventually(() => made.count(), before + 1) // on the page that stands there already
    await screen.getByTestId('paid').waitFor() // the acquirer tells what the terminal did not hear
    const order = await newest(finance)
    assert.equal(order.status, 'paid')
    await eventually(
      () => newest(finance).then((o) => o.attempts.map((a) => [a.state, !!a.device_report])),
      [
        ['ended', true],
        ['succeeded', false],
      ],
    )
    await goTo(finance, 'orders')
    await finance.locator('tbody tr', { hasText: order.unit.label }).first().click()
    await finance.locator('.el-timeline').getByText('终端报告刷卡未成功').waitFor()
    await settle(finance)
    await shot(finance, 'console-card-declined')
    clean(screen, wallet, finance)
  })

  test('the resident of a card payment has its receipt', async () => {
    const finance = await logIn(browser, demo, 'finance')
    const order = await newest(finance)
    const homes = (await api(finance, 'GET', `/v1/units?q=${encodeURIComponent(order.unit.label)}`)).items
    const payer = homes.find((u) => u.id === order.unit.id) // orders have numbers masked
    const phone = await resident(browser, demo, payer.phone)
    await phone.getByTestId('unit').first().waitFor()
    await goTo(phone, 'orders/' + order.id)
    await phone
      .getByTestId('card')
      .filter({ hasText: /^\D*\d{6}\*+\d{4} 招商银行$/ })
      .waitFor()
    await shot(phone, 'resident-card-receipt')
    await phone.goto(order.qr.url)
    await phone.locator('dd', { hasText: /^银行卡$/ }).waitFor()
    await shot(phone, 'checkout-card-receipt')
    clean(finance, phone)
  })

  test('a result outlasts a clock that was two days ahead, a line that broke, and a restart', async () => {
    const finance = await logIn(browser, demo, 'finance')
    await choose(browser, demo, { wallet: 'card', method: 'card_present', accounts: ['jinxiu-shengpay'] })
    const screen = await open(browser, 'terminal', demo.base + '/terminal')
    await screen.addInitScript(() => {
      const real = Date.now
      Date.now = () => real() + Number(localStorage.getItem('clock') ?? 0)
    })
    await screen.evaluate((ahead) => localStorage.setItem('clock', ahead), 2 * 86_400_000)
    await screen.reload()
    await pairTerminal(screen, await demo.pairingCode())
    await toQR(screen, '1-1-501') // the token is from now on, by a clock that is ahead
    await screen.evaluate(() => localStorage.removeItem('clock')) // and somebody mends it
    const sent = []
    let broken = true
    await screen.route('**/device-reports', async (route) => {
      const { fields, read_at, timestamp, signature } = route.request().postDataJSON()
      sent.push({ fields, read_at, timestamp, signature })
      return broken ? route.abort() : route.continue()
    })
    await screen.getByTestId('swipe').click()
    await demo.present('swipe')
    await screen.getByTestId('card-state').filter({ hasText: '正在把结果送达服务器' }).waitFor()
    await screen.getByTestId('unsent').filter({ hasText: '1 笔刷卡结果尚未送达' }).waitFor()
    await shot(screen, 'terminal-card-unsent')
    await screen.setViewportSize({ width: 720, height: 1280 })
    await shot(screen, 'upright-card-unsent')
    await screen.setViewportSize({ width: 1280, height: 800 })
    await screen.reload()
    await screen.getByTestId('unsent').waitFor()
    assert.equal((await newest(finance)).attempts[0].device_report, undefined)
    broken = false
    await screen.getByTestId('unsent').locator('button').click()
    await screen.getByTestId('unsent').waitFor({ state: 'detached' })
    const order = await newest(finance)
    await eventually(
      () => newest(finance).then((o) => [o.attempts[0].institution, o.status, o.attempts[0].device_report?.succeeded]),
      ['shengpay', 'paid', true],
    )
    const [first, last] = [sent[0], sent.at(-1)]
    assert.deepEqual([last.fields, last.read_at], [first.fields, first.read_at])
    assert.ok(
      last.signature !== first.signature && Math.abs(last.timestamp * 1000 - Date.now()) < 60_000,
      "it was not signed anew by the server's time",
    )
    await screen.reload()
    await screen.getByTestId('start').waitFor()
    assert.equal(await screen.getByTestId('unsent').count(), 0)
    await api(finance, 'POST', `/v1/orders/${order.id}/attempts/1/resolution`, { note: '收单机构查无此笔' })
    await choose(browser, demo, { wallet: 'card', method: 'card_present', accounts: ['jinxiu-lakala'] })
    clean(screen, finance)
  })

  test('a result that is not taken is told on the terminal, stands on the order, and waits for finance', async () => {
    const screen = await open(browser, 'terminal', demo.base + '/terminal')
    await screen.evaluate(() => {
      // an application that hands back another amount
      window.LinliDevice = {
        call: (request) =>
          JSON.stringify({
            msg_tp: '0210',
            order_no: JSON.parse(request).extras.order_no,
            amt: '0.01',
            refernumber: '123456789012',
          }),
      }
    })
    await pairTerminal(screen, await demo.pairingCode())
    await toQR(screen, '1-1-401')
    await screen.getByTestId('swipe').click()
    await screen.locator('.banner.bad', { hasText: '金额与订单不符' }).waitFor()
    await shot(screen, 'terminal-card-disbelieved')
    const finance = await logIn(browser, demo, 'finance')
    const order = await newest(finance)
    await goTo(finance, 'orders')
    await finance.locator('tbody tr', { hasText: order.unit.label }).first().click()
    const line = finance.locator('.el-timeline-item', { hasText: '终端结果未采信' })
    await line.getByText('金额与订单不符').waitFor()
    await line.scrollIntoViewIfNeeded()
    await settle(finance)
    await shot(finance, 'console-card-disbelieved')
    await finance.getByTestId('untaken').getByText('amt=0.01').waitFor()
    await goTo(finance, 'unconfirmed')
    const waiting = finance.locator('tr', { has: finance.locator('[data-unconfirmed=untaken]') })
    await waiting.getByText('金额与订单不符').waitFor()
    await waiting.getByTestId('untaken-fields').getByText('refernumber=123456789012').waitFor()
    await shot(finance, 'console-unconfirmed-untaken')
    await waiting.getByTestId('settle-result').click()
    await finance.locator('.el-message-box input').fill('收单机构查无此笔')
    await shot(finance, 'console-settle-result')
    await finance.locator('.el-message-box__btns .el-button--primary').click()
    await finance.getByText('没有待确认的刷卡').waitFor()
    assert.equal((await api(finance, 'GET', `/v1/orders/${order.id}`)).rejected_reports[0].open, false)
    clean(screen, finance)
  })

  test('a terminal without a card application says so, and takes the QR', async () => {
    const screen = await open(browser, 'terminal', demo.base + '/terminal')
    await screen.route(/\/v1\/terminals(\/tokens)?$/, async (route) => {
      // as outside of a trial
      const answer = await route.fetch()
      const body = await answer.json()
      delete body.terminal.card_reader
      await route.fulfill({ response: answer, json: body })
    })
    await pairTerminal(screen, await demo.pairingCode(1))
    await toQR(screen, '1-1-601')
    await screen.getByTestId('no-reader').waitFor()
    assert.equal(await screen.getByTestId('swipe').count(), 0)
    await shot(screen, 'terminal-no-reader')
    await screen.setViewportSize({ width: 720, height: 1280 })
    await shot(screen, 'upright-no-reader')
    clean(screen)
  })

  test('the routes show an institution that does not answer', async () => {
    const [finance, cashier] = [await logIn(browser, demo, 'finance'), await logIn(browser, demo, 'cashier')]
    await choose(browser, demo, { wallet: 'alipay', method: 'native', accounts: ['jinxiu-lakala', 'jinxiu-alipay'] })
    const [unit] = (await api(cashier, 'GET', '/v1/units?q=1-1-901')).items
    const [bill] = (await api(cashier, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
    const order = await api(cashier, 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id] })
    await demo.fault({ institution: 'lakala', fault: 'timeout_before_effect', count: 100 })
    await api(cashier, 'POST', `/v1/orders/${order.id}/attempts`, { wallet: 'alipay', method: 'native' })
    await eventually(
      async () => {
        await api(cashier, 'POST', `/v1/orders/${order.id}/queries`, {})
        return (await api(finance, 'GET', '/v1/routes')).choices.some((c) => c.accounts.some((a) => a.failing))
      },
      true,
      'the circuit opens',
    )
    await goTo(finance, 'routes')
    const marks = Object.entries({
      'alipay native': ['拉卡拉 熔断中，由支付宝收款'],
      'unionpay native': ['拉卡拉 熔断中，无备用'],
      'wechat code': [],
    }) // WeChat itself takes its codes
    for (const [way, texts] of marks) {
      const row = finance.locator('tbody tr', { has: finance.locator(`[data-first="${way}"]`) })
      await row.waitFor()
      await eventually(() => row.getByTestId('failing').allTextContents(), texts)
    }
    await shot(finance, 'console-routes-failing')
    await finance.locator('header .el-select').click()
    await finance.locator('.el-select-dropdown__item:visible').nth(1).click()
    const inherited = finance.locator('tbody tr', { has: finance.locator('[data-first="alipay native"]') })
    await inherited.getByText('默认：拉卡拉').waitFor() // the company's choice holds in a community without one
    await eventually(() => inherited.getByTestId('failing').allTextContents(), marks[0][1])
    clean(finance, cashier)
  })
})
