// Starts the demo and a browser for the tests, and ends both.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const binary = resolve(process.env.LINLIPAY_BIN ?? join(import.meta.dirname, '../../bin/linlipay'))
const screens = resolve(import.meta.dirname, '../test-results/screens')

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ok) => server.once('listening', ok))
  const { port } = server.address()
  await new Promise((ok) => server.close(ok))
  return port
}

export async function startDemo(env = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'linlipay-'))
  const [port, wallet] = [await freePort(), await freePort()]
  const child = spawn(
    binary,
    ['demo', '--dir', dir, '--listen', `127.0.0.1:${port}`, '--wallet', `127.0.0.1:${wallet}`],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.on('data', (d) => {
    log += d
  })
  const base = `http://127.0.0.1:${port}`
  for (let i = 0; ; i++) {
    assert.equal(child.exitCode, null, `the demo ended: ${log}`)
    assert.ok(i < 300, `the demo did not come up: ${log}`)
    if (
      await fetch(base + '/healthz').then(
        (r) => r.ok,
        () => false,
      )
    )
      break
    await new Promise((ok) => setTimeout(ok, 100))
  }
  const facts = JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8'))
  return {
    ...facts,
    base,
    dir,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    // code is a fresh payment code as a wallet shows it; waiting are the payments whose payer is asked for the
    // password.
    code: (c) =>
      fetch(facts.wallet_url + '/codes', { method: 'POST', body: JSON.stringify(c) })
        .then((r) => r.json())
        .then((r) => r.code),
    waiting: () => fetch(facts.wallet_url + '/payments?waiting=1').then((r) => r.json()),
    confirm: (id) => fetch(`${facts.wallet_url}/payments/${id}/confirm`, { method: 'POST' }).then((r) => r.ok),
    // present is what a person does at the card reader, on the terminal that waits for a card, or on one that is mine:
    // swipe, decline, lose or leave.
    present: async (what, mine = () => true) => {
      const post = (path, body) =>
        fetch(facts.wallet_url + path, { method: 'POST', body: JSON.stringify(body) }).then((r) => r.json())
      for (let i = 0; ; i++) {
        const call = (await fetch(facts.wallet_url + '/cards/calls').then((r) => r.json())).find(mine)
        if (call)
          return post(`/cards/calls/${call.id}`, {
            do: what,
            card: (await post('/cards', { type: 'credit', issuer: '招商银行' })).card,
          })
        assert.ok(i < 300, 'no terminal waits for a card')
        await new Promise((ok) => setTimeout(ok, 100))
      }
    },
    // scan pays, as a wallet that has scanned the QR in a picture of the product's.
    scan: async (picture, wallet = 'wechat') => {
      const content = picture.replace(/\/qr\.(svg|png).*$/, '')
      const payment = await fetch(facts.wallet_url + '/scan', {
        method: 'POST',
        body: JSON.stringify({ content, wallet }),
      }).then((r) => r.json())
      return fetch(`${facts.wallet_url}/payments/${payment.id}/confirm`, { method: 'POST', body: '{}' }).then(
        (r) => r.ok,
      )
    },
    fault: (f) => fetch(facts.wallet_url + '/faults', { method: 'POST', body: JSON.stringify(f) }),
    stop: async () => {
      child.kill('SIGTERM')
      await new Promise((ok) => {
        if (child.exitCode !== null) ok()
        else child.once('exit', ok)
      })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export async function startBrowser() {
  mkdirSync(screens, { recursive: true })
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const phoneAgent =
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36'
export const sizes = {
  phone: { width: 390, height: 844 },
  terminal: { width: 1280, height: 800 },
  upright: { width: 720, height: 1280 },
  console: { width: 1440, height: 900 },
}

// open makes a page of a size that fails the test on a script error or a request that a policy blocked.
export async function open(browser, size, url, errors = []) {
  const context = await browser.newContext({
    viewport: sizes[size],
    userAgent: size === 'phone' ? phoneAgent : undefined,
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.on('pageerror', (e) => errors.push(String(e)))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of (4|5)\d\d|ERR_CONNECTION|net::/.test(m.text())) errors.push(m.text())
  })
  page.setDefaultTimeout(30_000)
  await page.goto(url)
  return Object.assign(page, { errors })
}

export async function shot(page, name) {
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1,
  )
  await page.screenshot({ path: join(screens, name + '.png') })
  assert.equal(wide, false, `${name} scrolls sideways`)
}

export async function pairTerminal(page, code) {
  for (const digit of code) await page.locator('.keypad .keys button', { hasText: new RegExp(`^${digit}$`) }).click()
  await page.getByTestId('submit').click()
  await page.getByTestId('start').waitFor()
}

// toQR chooses a unit and its first bill on a paired terminal, up to the QR.
export async function toQR(page, room, prefix) {
  await page.getByTestId('start').click()
  if (prefix) await shot(page, prefix + '-find')
  await page.keyboard.type(room)
  await page.getByTestId('submit').click()
  await page.locator('.bill').first().waitFor()
  if (prefix) await shot(page, prefix + '-bills')
  const boxes = page.locator('.bill input')
  for (let i = 1; i < (await boxes.count()); i++) await boxes.nth(i).uncheck()
  await page.getByTestId('pay').click()
  await page.getByTestId('qr').waitFor()
  await page.getByTestId('qr').evaluate((image) => image.decode())
}

// scanPicture shows the wallet a picture of what is on the other screen.
export async function scanPicture(wallet, kind, picture) {
  await wallet.locator(`button[data-wallet=${kind}]`).click()
  await wallet.locator('input[type=file]').setInputFiles({ name: 'qr.png', mimeType: 'image/png', buffer: picture })
  await wallet.getByTestId('confirm').waitFor()
}

// logIn opens the console as one of the demo's people; who is a login without its company.
export async function logIn(browser, demo, who, english = false) {
  const { login, password } = demo.staff.find((s) => s.login === 'jinxiu-' + who)
  const page = await open(browser, 'console', demo.base + '/console')
  if (english)
    await page.evaluate(() => {
      localStorage.setItem('lang', 'en')
      location.reload()
    })
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  await page.locator('.desk').waitFor()
  return page
}

// api asks the product's API as the person who is logged in on a console page.
export function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const r = await fetch(path, {
        method,
        headers: {
          'Linli-Session': 'staff',
          'Content-Type': 'application/json',
          'Idempotency-Key': crypto.randomUUID(),
        },
        body: body && JSON.stringify(body),
      })
      return { status: r.status, ...(await r.json()) }
    },
    [method, path, body],
  )
}

// choose has finance ask for a route of the whole company, unless it is chosen already, and another person approve it.
export async function choose(browser, demo, route) {
  const page = await logIn(browser, demo, 'finance')
  const now = await api(page, 'GET', '/v1/routes?community=')
  if (JSON.stringify(now.routes) !== JSON.stringify([route])) {
    const asked = await api(page, 'PUT', '/v1/routes', { community: '', routes: [route], revision: now.revision })
    assert.ok(asked.request, asked.detail)
    await decideRoutes(browser, demo)
  }
  await page.context().close()
}

// decideRoutes has another person in finance approve what waits for the whole company's routes.
export async function decideRoutes(browser, demo) {
  const page = await logIn(browser, demo, 'finance2')
  const { request } = await api(page, 'GET', '/v1/routes?community=')
  const decided = await api(page, 'POST', '/v1/routes/decision', { community: '', request: request.id, approve: true })
  assert.equal(decided.request?.state, 'approved', decided.detail)
  await page.context().close()
}

// goTo opens one of the console's pages.
export const goTo = (page, place) =>
  page.evaluate((place) => {
    location.hash = '#/' + place
  }, place)

// collect makes an order for some bills of a unit at the counter, up to the dialog that takes the money.
export async function collect(page, room, bills = 1) {
  await goTo(page, 'collect')
  await page.locator('input[name=unit]').fill(room)
  await page.locator('.bar button[type=submit]').click()
  await page.locator('.units tbody tr, .bills tbody tr').first().waitFor()
  if (!(await page.locator('.bills tbody tr').count())) await page.locator('.units tbody tr').first().click()
  const boxes = page.locator('.bills tbody .el-checkbox')
  await boxes.first().waitFor()
  for (let i = 0; i < bills; i++) await boxes.nth(i).click()
  await page.getByTestId('collect').click()
  await page.locator('.pay').waitFor()
}

// scanCode is a scanner at the desk: it types a code and Enter.
export async function scanCode(page, code) {
  await page.getByTestId('wedge').waitFor({ state: 'attached' })
  await page.waitForFunction(() => document.activeElement?.classList.contains('wedge'))
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}

export const step = (page, name, timeout) => page.locator(`[data-step=${name}]`).waitFor({ timeout })

// settle gives what slides or fades the time to arrive, for a picture.
export const settle = (page) => page.waitForTimeout(150)
