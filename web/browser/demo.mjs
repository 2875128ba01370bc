// Starts the demo and a browser for the tests, and ends both.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const binary = resolve(process.env.LINLIPAY_BIN ?? join(import.meta.dirname, '../../bin/linlipay'))
const screens = resolve(import.meta.dirname, '../test-results/screens')

// freePorts are as many ports of this machine that nothing listens on, no two the same.
export async function freePorts(n) {
  const servers = Array.from({ length: n }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((s) => s.listening || new Promise((ok) => s.once('listening', ok))))
  const ports = servers.map((s) => s.address().port)
  await Promise.all(servers.map((s) => new Promise((ok) => s.close(ok))))
  return ports
}

// pause lets some time pass between two looks at something.
const pause = (ms = 100) => new Promise((ok) => setTimeout(ok, ms))

// eventually waits until what is asked is what is wanted: a value, what a pattern matches, or what a function says is
// right. It returns the answer, or fails with the last one. An answer that cannot be had yet is not right.
export async function eventually(ask, wanted, what) {
  const right = (got) => {
    if (wanted instanceof RegExp) assert.match(String(got), wanted, what)
    else if (typeof wanted === 'function') assert.ok(wanted(got), `${what ?? wanted}: ${JSON.stringify(got)}`)
    else assert.deepEqual(got, wanted, what)
    return got
  }
  for (const until = Date.now() + patience; ; await pause()) {
    try {
      return right(await ask())
    } catch (e) {
      if (Date.now() > until) throw e
    }
  }
}

// patience is how long a test waits for what must come; a page that comes sooner is waited for no longer.
export const patience = 60_000

// launch starts the demo on free ports and returns it once it answers, or null where another program was faster with
// one of them.
async function launch(env) {
  const dir = mkdtempSync(join(tmpdir(), 'linlipay-'))
  const [port, wallet] = await freePorts(2)
  const child = spawn(
    binary,
    ['demo', '--dir', dir, '--listen', `127.0.0.1:${port}`, '--wallet', `127.0.0.1:${wallet}`],
    {
      env: { ...process.env, LINLIPAY_DESK_LIFETIME: '1h', LINLIPAY_PHONE_LIFETIME: '1h', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let log = ''
  child.stderr.on('data', (d) => {
    log += d
  })
  const base = `http://127.0.0.1:${port}`
  for (let i = 0; ; i++) {
    if (child.exitCode !== null && /address already in use/.test(log)) {
      rmSync(dir, { recursive: true, force: true })
      return null
    }
    assert.equal(child.exitCode, null, `the demo ended: ${log}`)
    assert.ok(i < 1200, `the demo did not come up: ${log}`)
    const answers = await fetch(base + '/healthz').then(
      (r) => r.ok,
      () => false,
    )
    if (answers && existsSync(join(dir, 'demo.json'))) return { child, dir, base } // and not another program's answer
    await pause()
  }
}

// startDemo starts the demo of this machine. Its orders outlast a slow machine's tests, where a test does not say less.
export async function startDemo(env = {}) {
  let demo
  for (let i = 0; !(demo = await launch(env)); i++) assert.ok(i < 5, 'no port stays free')
  const { child, dir, base } = demo
  const facts = JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8'))
  return {
    ...facts,
    base,
    dir,
    // pairingCode pairs a terminal with a community; that of the demo's start is told too, and soon of no use.
    pairingCode: async (community = 0) => {
      const start = await fetch(base + '/').then((r) => r.text())
      const { companies } = JSON.parse(/id="demo">(.*?)<\/script>/s.exec(start)[1])
      return companies.flatMap((c) => c.terminals)[community].code
    },
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
      const calls = () => fetch(facts.wallet_url + '/cards/calls').then((r) => r.json())
      const call = (await eventually(calls, (all) => all.some(mine), 'a terminal waits for a card')).find(mine)
      const { card } = await post('/cards', { type: 'credit', issuer: '招商银行' })
      return post(`/cards/calls/${call.id}`, { do: what, card })
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

// more are switches of Chromium's beside the usual.
export async function startBrowser(...more) {
  mkdirSync(screens, { recursive: true })
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      ...more,
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

// open makes a page of a size, in Chinese or English. It collects script errors, what a policy blocked and files that
// there are not (404), for the test to fail on. What the API has not is the page's to say.
export async function open(browser, size, url, { english = false } = {}) {
  const context = await browser.newContext({
    viewport: sizes[size],
    userAgent: size === 'phone' ? phoneAgent : undefined,
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
    reducedMotion: 'reduce',
  })
  await context.addInitScript(countsAsking)
  if (english) await context.addInitScript(speaksEnglish)
  return at(await context.newPage(), url)
}

// another is another tab of the same browser, at the same address.
export const another = async (page) => at(await page.context().newPage(), page.url())

// at goes to an address with a new page, and collects its errors.
async function at(page, url) {
  const errors = []
  page.on('pageerror', (e) => errors.push(String(e)))
  page.on('response', (r) => {
    if (r.status() !== 404 || r.request().isNavigationRequest() || new URL(r.url()).pathname.startsWith('/v1/')) return
    errors.push(`404 ${r.request().method()} ${r.url()}`)
  })
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of (4|5)\d\d|ERR_CONNECTION|net::/.test(m.text())) errors.push(m.text())
  })
  page.setDefaultTimeout(patience)
  await page.goto(url)
  errors.push(...(await iconless(page)))
  return Object.assign(page, { errors })
}

// iconless is what there is to say of a page's icon, which no browser without a head asks for.
async function iconless(page) {
  if (!page.url().startsWith('http')) return []
  const named = await page.evaluate(() => document.querySelector('link[rel=icon]')?.href)
  const icon = new URL(named ?? '/favicon.ico', page.url()) // the name may be one that this machine cannot resolve
  const answer = await fetch(new URL(icon.pathname, `http://127.0.0.1:${icon.port}`))
  return answer.ok ? [] : [`${answer.status} ${icon}, the icon of ${page.url()}`]
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

// terminal is a paired terminal, of a size and a community; script is what its browser runs before the page.
export async function terminal(browser, demo, { size = 'terminal', community, script } = {}) {
  const page = await open(browser, size, demo.base + '/terminal')
  if (script) {
    await page.addInitScript(script)
    await page.reload()
  }
  await pairTerminal(page, await demo.pairingCode(community))
  return page
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

// enter fills in the console's door as one of the demo's people; who is a login without its company.
export async function enter(page, demo, who) {
  const { login, password } = demo.staff.find((s) => s.login === 'jinxiu-' + who)
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  await page.locator('.desk').waitFor()
}

// logIn opens the console as one of the demo's people.
export async function logIn(browser, demo, who, english = false) {
  const page = await open(browser, 'console', demo.base + '/console', { english })
  await enter(page, demo, who)
  return page
}

// resident is a phone's page that somebody has logged in on, where they wanted to be.
export async function resident(browser, demo, phone, { english, size = 'phone', place = '' } = {}) {
  const page = await open(browser, size, demo.base + '/resident' + place, { english })
  await asPhone(page, phone)
  return page
}

// asPhone logs a phone in, by the code that the demo shows.
export async function asPhone(page, phone) {
  await page.locator('input[name=phone]').fill(phone)
  await page.locator('.login .van-field button').click()
  await page.getByTestId('demo-code').click()
  await page.locator('button[type=submit]').click()
  await page.locator('.login').waitFor({ state: 'detached' })
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
    const asked = await api(page, 'PUT', '/v1/routes', { routes: [route], revision: now.revision })
    assert.ok(asked.request, asked.detail)
    await decideRoutes(browser, demo)
  }
  await page.context().close()
}

// decideRoutes has another person in finance approve what waits for the whole company's routes.
export async function decideRoutes(browser, demo) {
  const page = await logIn(browser, demo, 'finance2')
  const { request } = await api(page, 'GET', '/v1/routes?community=')
  const decided = await api(page, 'POST', '/v1/routes/decision', { request: request.id, approve: true })
  assert.equal(decided.request?.state, 'approved', decided.detail)
  await page.context().close()
}

// goTo opens a page of the console's or the resident's and waits until it stands there, or the question whether to
// leave: what is filled in next is not the page before's, and no second address overtakes the first.
export const goTo = (page, place) =>
  page.evaluate((place) => {
    const router = document.querySelector('[data-v-app]').__vue_app__.config.globalProperties.$router
    const overtaken = 8 // by another address: vue-router's NavigationFailureType.cancelled
    const here = location.hash
    return new Promise((ok) => {
      const stop = router.afterEach((to, from, failure) => {
        if (failure?.type !== overtaken) arrived()
      })
      const asked = setInterval(() => {
        if (document.querySelector('.el-message-box')?.getClientRects().length) arrived()
      }, 50)
      const arrived = () => {
        clearInterval(asked)
        stop()
        ok()
      }
      location.hash = '#/' + place
      if (location.hash === here) arrived()
    })
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

// settle waits until a page stands still: it asks the server for nothing, its pictures are there, and some frames have
// come in which nothing of it changed. What ticks, and what never comes, is waited for no longer than a few seconds.
export async function settle(page, { asking = true } = {}) {
  for (let tries = 0; ; tries++) {
    try {
      return await page.evaluate(still, asking)
    } catch (e) {
      if (tries > 5 || !/context was destroyed|navigat/i.test(e.message)) throw e // it has gone to another page
      await page.waitForLoadState()
    }
  }
}
const still = (asking) =>
  new Promise((ok) => {
    const until = performance.now() + 4000
    let frames = 0
    const changes = new MutationObserver(() => (frames = 0))
    changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    const frame = () => {
      const busy = (asking && window.asking) || [...document.images].some((i) => !i.complete && i.loading !== 'lazy')
      frames = busy ? 0 : frames + 1
      if (frames > 3 || performance.now() > until) {
        changes.disconnect()
        return ok()
      }
      requestAnimationFrame(() => setTimeout(frame))
    }
    frame()
  })

// speaksEnglish is a person who has chosen English before, and may choose again.
function speaksEnglish() {
  if (!location.host || localStorage.getItem('lang')) return
  localStorage.setItem('lang', 'en')
  document.cookie = 'lang=en; path=/'
}

// countsAsking has a page count, as window.asking, what it has asked the API for and not read yet; but for its stream.
function countsAsking() {
  window.asking = 0
  const counted = (answer) => {
    window.asking++
    return answer.finally(() => window.asking--)
  }
  const ask = window.fetch
  window.fetch = (what, ...more) => {
    const answer = ask(what, ...more)
    return /events/.test(what.url ?? what) ? answer : counted(answer)
  }
  for (const read of ['json', 'text', 'blob']) {
    const of = Response.prototype[read]
    Response.prototype[read] = function () {
      return counted(of.call(this))
    }
  }
}
