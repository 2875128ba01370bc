import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  eventually,
  logIn,
  open,
  pairTerminal,
  patience,
  resident,
  scanPicture,
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

test('a resident scans the terminal with each wallet, the screen turns green and the cashier sees it', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await desk.locator('aside .menu a', { hasText: '订单' }).click()
  const screen = await open(browser, 'terminal', demo.base + '/terminal')
  await shot(screen, 'terminal-pairing')
  await pairTerminal(screen, await demo.pairingCode())
  await shot(screen, 'terminal-idle')
  const wallet = await open(browser, 'phone', demo.wallet_url + '/')
  await shot(wallet, 'wallet-scan')
  for (const kind of ['wechat', 'alipay']) {
    await toQR(screen, '1-1-301', kind === 'wechat' ? 'terminal' : '')
    await shot(screen, `terminal-qr-${kind}`)
    await desk.locator('[data-status=pending]').first().waitFor()
    await scanPicture(wallet, kind, await screen.getByTestId('qr').screenshot())
    await shot(wallet, `wallet-sheet-${kind}`)
    await wallet.getByTestId('confirm').click()
    await screen.getByTestId('paid').waitFor()
    await wallet.getByTestId('done').waitFor()
    await shot(screen, `terminal-paid-${kind}`)
    await shot(wallet, `wallet-done-${kind}`)
    await desk.locator('.rows tbody tr').first().locator('[data-status=paid]').waitFor()
    await screen
      .getByTestId('paid-how')
      .getByText(kind === 'wechat' ? '微信支付' : '支付宝')
      .waitFor()
    await eventually(
      () => screen.locator('main .primary').evaluateAll((some) => some.map((b) => b.dataset.test)),
      ['next'],
    )
    await screen.evaluate(() => {
      window.print = () => {
        document.title = 'printed'
      }
    })
    await screen.getByTestId('print').click()
    await screen.waitForFunction(() => document.title === 'printed')
    await screen.emulateMedia({ media: 'print' })
    await screen.getByTestId('paper-room').getByText('缴费凭证').waitFor()
    await shot(screen, `print-terminal-${kind}`)
    await screen.emulateMedia({ media: 'screen' })
    await screen.getByTestId('next').click()
    await screen.getByTestId('start').waitFor()
    await wallet.goto(demo.wallet_url + '/')
  }
  await shot(desk, 'console-orders')
  await desk.locator('.rows tbody tr').first().click()
  await desk.locator('.el-timeline').waitFor()
  await settle(desk)
  await shot(desk, 'console-order')
  clean(desk, screen, wallet)
})

test('a resident pays from the phone with each wallet and sees the receipt', async () => {
  const phone = await open(browser, 'phone', demo.base + '/resident')
  await phone.locator('input[name=phone]').fill(demo.residents[1].phone)
  await phone.locator('button', { hasText: '获取验证码' }).click()
  await phone.getByTestId('demo-code').click()
  await shot(phone, 'resident-login')
  await phone.locator('button[type=submit]').click()
  await phone.getByTestId('unit').first().waitFor()
  await shot(phone, 'resident-units')
  for (const [kind, name] of [
    ['wechat', '微信支付'],
    ['alipay', '支付宝'],
  ]) {
    await phone.goto(demo.base + '/resident')
    await phone.getByTestId('unit').first().click()
    const bills = phone.locator('.bills .van-cell')
    await bills.first().waitFor()
    if (kind === 'wechat') await shot(phone, 'resident-bills')
    for (let i = 1; i < (await bills.count()); i++) await bills.nth(i).click()
    await phone.locator('.van-submit-bar__button').click()
    await phone.locator(`button[value=${kind}]`).waitFor()
    await shot(phone, `checkout-choice-${kind}`)
    await phone.locator(`button[value=${kind}]`, { hasText: name }).click()
    await phone.getByTestId('confirm').click()
    await phone.getByTestId('back').click()
    await phone.locator('h1', { hasText: '支付成功' }).waitFor()
    await shot(phone, `checkout-paid-${kind}`)
  }
  await phone.locator('a.button').click()
  await phone.getByTestId('status').waitFor()
  await eventually(() => phone.getByTestId('status').textContent(), '已支付')
  await shot(phone, 'resident-receipt')
  await phone.goto(demo.base + '/resident')
  await phone.getByTestId('unit').first().click()
  await phone.locator('.van-tab', { hasText: '已缴' }).click()
  await phone.locator('.bills .van-cell').first().waitFor()
  await shot(phone, 'resident-paid-bills')
  await phone.locator('a[href$="/history"]').click()
  await phone.locator('.bills .van-cell').first().waitFor()
  await shot(phone, 'resident-history')
  clean(phone)
})

test('the terminal shows cancelled, a bill held elsewhere, a lost connection and what came meanwhile', async () => {
  const screen = await terminal(browser, demo, { size: 'upright' })
  await shot(screen, 'upright-idle')
  await toQR(screen, '1-1-401', 'upright')
  await shot(screen, 'upright-qr')
  await screen.getByTestId('cancel').click()
  await screen.getByTestId('closed').waitFor()
  await shot(screen, 'upright-cancelled')
  await screen.locator('.primary').click()
  await screen.locator('.bill').first().waitFor()
  await screen.getByTestId('pay').click()
  await screen.getByTestId('qr').waitFor()
  const wallet = await open(browser, 'phone', demo.wallet_url + '/')
  await scanPicture(wallet, 'wechat', await screen.getByTestId('qr').screenshot())
  await screen.context().setOffline(true)
  await wallet.getByTestId('confirm').click()
  await wallet.getByTestId('done').waitFor()
  await screen.evaluate(() => window.dispatchEvent(new Event('offline')))
  await screen.context().setOffline(false)
  await screen.getByTestId('paid').waitFor({ timeout: 2 * patience })
  await shot(screen, 'upright-paid')
  clean(screen, wallet)
})

test('a bill with an open order is refused with a way to take it over', async () => {
  const first = await terminal(browser, demo)
  await toQR(first, '2-1-501')
  const desk = await logIn(browser, demo, 'cashier')
  await desk.locator('aside .menu a', { hasText: '收款' }).click()
  await desk.locator('input[name=unit]').fill('2-1-501')
  await desk.locator('button[type=submit]').click()
  const rows = desk.locator('.units tbody tr')
  await rows.first().waitFor()
  // the home whose bill the terminal has, among those of the same number
  for (let i = 0; i < (await rows.count()); i++) {
    const answered = desk.waitForResponse((r) => r.url().includes('/bills'))
    await rows.nth(i).click()
    await answered
    await settle(desk)
    if (await desk.locator('.bills .el-tag', { hasText: '待支付' }).count()) break
  }
  await shot(desk, 'console-collect')
  await desk.locator('.bills thead .el-checkbox').click()
  await desk.getByTestId('collect').click()
  await desk.locator('.el-message-box').waitFor()
  await settle(desk)
  await shot(desk, 'console-take-over')
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await desk.locator('.pay img').waitFor()
  await settle(desk)
  await shot(desk, 'console-qr')
  await first.getByTestId('closed').waitFor()
  await shot(first, 'terminal-taken-over')
  const wallet = await open(browser, 'phone', demo.wallet_url + '/')
  await scanPicture(wallet, 'alipay', await desk.locator('.pay img').screenshot())
  await wallet.getByTestId('confirm').click()
  await desk.getByTestId('outcome').waitFor()
  await shot(desk, 'console-paid')
  clean(first, desk, wallet)
})

test('operations pairs a terminal, finance sees money to give back, and wrong log-ins are told', async () => {
  const ops = await logIn(browser, demo, 'operations')
  await ops.locator('aside .menu a', { hasText: '终端' }).click()
  await ops.getByTestId('pair').click()
  await ops.locator('.el-dialog .el-select').click()
  await ops.locator('.el-select-dropdown__item:visible').first().click()
  await ops.locator('.el-dialog input[maxlength]').fill('大堂终端')
  await ops.locator('.el-dialog button[type=submit]').click()
  const code = (await ops.getByTestId('code').textContent()).replace(/\D/g, '')
  assert.match(code, /^\d{8}$/)
  await shot(ops, 'console-pairing')
  const screen = await open(browser, 'terminal', demo.base + '/terminal')
  await pairTerminal(screen, code)
  const finance = await logIn(browser, demo, 'finance')
  await finance.locator('aside .menu a', { hasText: '异常款' }).click()
  await finance.getByText('没有异常款').waitFor()
  await shot(finance, 'console-exceptions-empty')
  const door = await open(browser, 'console', demo.base + '/console')
  await door.locator('input[name=login]').fill('nobody')
  await door.locator('input[name=password]').fill('wrong password')
  await door.locator('button[type=submit]').click()
  await door.getByText('登录名或密码不正确').waitFor()
  await shot(door, 'console-login')
  const english = await open(browser, 'terminal', demo.base + '/')
  await shot(english, 'start')
  const bad = await open(browser, 'phone', demo.base + '/q/unknown-token')
  await shot(bad, 'checkout-unknown')
  clean(ops, screen, finance, door, english, bad)
})

test('every page speaks English after the switch, and stays so', async () => {
  const page = await open(browser, 'phone', demo.base + '/resident')
  await page.locator('.link').click()
  await page.locator('button[type=submit]', { hasText: 'Log in' }).waitFor()
  await shot(page, 'english-resident')
  for (const [path, size, text] of [
    ['/terminal', 'terminal', 'Pair this terminal'],
    ['/console', 'console', 'Password'],
    ['/q/unknown', 'phone', 'This QR is not valid'],
  ]) {
    await page.goto(demo.base + path)
    await page.getByText(text).waitFor()
    await shot(page, 'english' + path.replaceAll('/', '-') + '-' + size)
  }
  await page.goto(demo.base + '/console')
  await page.locator('input[name=login]').fill('nobody')
  await page.locator('input[name=password]').fill('wrong password')
  await page.locator('button[type=submit]').click()
  await page.getByText('Login or password is wrong.').waitFor()
  clean(page)
})
