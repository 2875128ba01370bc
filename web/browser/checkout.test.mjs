import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, eventually, logIn, open, scanPicture, shot, startBrowser, startDemo, terminal, toQR } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser, cashier
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
  cashier = await logIn(browser, demo, 'cashier')
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const clean = (...pages) => {
  for (const p of pages) assert.deepEqual(p.errors, [])
}
const choices = (page) => page.locator('#pay button').evaluateAll((some) => some.map((b) => b.value))

// orderFor makes an order for a unit's first bill and returns it.
async function orderFor(room) {
  const [unit] = (await api(cashier, 'GET', `/v1/units?q=${room}`)).items
  const [bill] = (await api(cashier, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  return api(cashier, 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id] })
}
const order = (id) => api(cashier, 'GET', `/v1/orders/${id}`)

describe('the page behind the QR', { concurrency: 1 }, () => {
  test('a phone is offered every way, and another phone scans the QR of UnionPay', async () => {
    const made = await orderFor('1-1-901')
    const phone = await open(browser, 'phone', made.qr.url)
    await eventually(() => choices(phone), ['wechat', 'alipay', 'unionpay', 'any'])
    await shot(phone, 'checkout-choice-all')
    await phone.locator('button[value=unionpay]').click()
    await phone.locator('#code').waitFor()
    await shot(phone, 'checkout-code-unionpay')
    const other = await open(browser, 'phone', demo.wallet_url + '/')
    await scanPicture(other, 'unionpay', await phone.locator('#code').screenshot())
    await shot(other, 'wallet-sheet-unionpay')
    await other.getByTestId('confirm').click()
    await other.getByTestId('done').waitFor()
    await phone.locator('h1', { hasText: '支付成功' }).waitFor()
    await phone.locator('dd', { hasText: /^云闪付$/ }).waitFor()
    await shot(phone, 'checkout-paid-unionpay')
    await eventually(
      () => order(made.id).then((o) => o.attempts.map((a) => [a.wallet, a.method, a.state])),
      [['unionpay', 'native', 'succeeded']],
    )
    clean(phone, other)
  })

  test('a payer changes their mind, and opens the aggregate QR in the wallet of the same phone', async () => {
    const made = await orderFor('1-1-1001')
    const phone = await open(browser, 'phone', made.qr.url)
    await phone.locator('button[value=unionpay]').click()
    await phone.locator('#code').waitFor()
    await phone.locator('.back').click()
    await phone.locator('button[value=any]').click()
    await phone.locator('#code[data-wallet=any]').waitFor()
    await shot(phone, 'checkout-code-any')
    await phone.locator('#opens').click()
    await phone.locator('textarea').waitFor()
    await phone.locator('.tabs [data-wallet=alipay]').click()
    await eventually(() => phone.locator('textarea').inputValue(), /./)
    await phone.locator('form .go').click()
    await phone.getByTestId('confirm').click()
    await phone.getByTestId('back').click()
    await phone.locator('h1', { hasText: '支付成功' }).waitFor()
    await eventually(
      () => order(made.id).then((o) => o.attempts.map((a) => [a.method, a.state])),
      [
        ['native', 'ended'],
        ['native', 'succeeded'],
      ],
    )
    assert.equal((await order(made.id)).attempts[1].wallet, 'alipay')
    clean(phone)
  })

  test("a link opens UnionPay's app at once, and a page that is opened in no wallet asks which", async () => {
    const made = await orderFor('1-2-901')
    const phone = await open(browser, 'phone', made.qr.url)
    await phone.locator('button[value=any]').click()
    const content = new URL(await phone.locator('#opens').getAttribute('href')).searchParams.get('content')
    const stranger = await open(browser, 'phone', content)
    await stranger.getByTestId('confirm').waitFor()
    await eventually(
      () => stranger.locator('.tabs button').evaluateAll((some) => some.map((b) => b.dataset.wallet)),
      ['wechat', 'alipay', 'unionpay'],
    )
    await stranger.locator('.tabs [data-wallet=unionpay]').click()
    await shot(stranger, 'wallet-sheet-any')
    await phone.locator('.back').click()
    await phone.locator('button[value=unionpay]').click()
    await phone.locator('#opens').click()
    await phone.getByTestId('confirm').click()
    await phone.getByTestId('back').click()
    await phone.locator('h1', { hasText: '支付成功' }).waitFor()
    clean(phone, stranger)
  })

  test('a phone that shows a QR says how it is paid on that phone', async () => {
    const made = await orderFor('1-2-701')
    const phone = await open(browser, 'phone', made.qr.url)
    for (const [kind, how] of [
      ['unionpay', '从相册选取'],
      ['any', '从相册选取'],
    ]) {
      await phone.locator(`button[value=${kind}]`).click()
      await phone.getByTestId('how').getByText(how).waitFor()
      await phone.locator('.back').click()
    }
    clean(phone)
  })

  test('a computer shows the QRs of WeChat and Alipay too', async () => {
    for (const [room, kind] of [
      ['1-2-1001', 'wechat'],
      ['1-2-801', 'alipay'],
    ]) {
      const made = await orderFor(room)
      const computer = await open(browser, 'console', made.qr.url)
      await eventually(() => choices(computer), ['wechat', 'alipay', 'unionpay', 'any'])
      await computer.locator(`button[value=${kind}]`).click()
      await computer.locator('#code').waitFor()
      assert.equal(await computer.locator('#opens').count(), 0)
      assert.equal(await computer.getByTestId('how').count(), 0)
      const phone = await open(browser, 'phone', computer.url())
      await phone
        .getByTestId('how')
        .getByText(kind === 'wechat' ? '把本页链接发到微信' : '从相册选取')
        .waitFor()
      await shot(phone, `checkout-phone-code-${kind}`)
      await shot(computer, `checkout-computer-${kind}`)
      const wallet = await open(browser, 'phone', demo.wallet_url + '/')
      await scanPicture(wallet, kind, await computer.locator('#code').screenshot())
      await wallet.getByTestId('confirm').click()
      await computer.locator('h1', { hasText: '支付成功' }).waitFor()
      clean(computer, wallet, phone)
    }
  })

  test("UnionPay's app scans the terminal", async () => {
    const screen = await terminal(browser, demo)
    await toQR(screen, '1-1-501')
    await screen.locator('.wallets .unionpay').waitFor()
    await shot(screen, 'terminal-qr-wallets')
    const wallet = await open(browser, 'phone', demo.wallet_url + '/')
    await scanPicture(wallet, 'unionpay', await screen.getByTestId('qr').screenshot())
    await wallet.getByTestId('confirm').click()
    await screen.getByTestId('paid').waitFor()
    clean(screen, wallet)
  })
})
