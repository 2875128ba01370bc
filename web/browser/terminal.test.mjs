// The terminal's screens: every one leads back, is left by itself, and says when the terminal is cut off.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  eventually,
  logIn,
  open,
  pairTerminal,
  patience,
  shot,
  startBrowser,
  startDemo,
  terminal as paired,
  toQR,
} from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let demo, brief, browser // brief is one whose orders live for a minute
before(async () => {
  ;[demo, brief, browser] = await Promise.all([
    startDemo(),
    startDemo({ LINLIPAY_DESK_LIFETIME: '1m' }),
    startBrowser(),
  ])
})
after(async () => {
  await browser?.close()
  await Promise.all([demo?.stop(), brief?.stop()])
})

const clean = (...pages) => {
  for (const p of pages) assert.deepEqual(p.errors, [])
}
const on = (page, screen, timeout) => page.locator(`[data-screen=${screen}]`).waitFor({ timeout })

// seen is within how many milliseconds a loss is on the screen: ten seconds, and as much again for a slow machine.
const seen = 20_000

// pass lets time pass on a page, faster than it does.
const pass = (page, seconds) => page.clock.runFor(seconds * 1000)

// terminal is a paired one whose clock the test moves.
async function terminal(script) {
  const page = await open(browser, 'terminal', demo.base + '/terminal')
  await page.clock.install()
  if (script) await page.addInitScript(script)
  await page.reload()
  await pairTerminal(page, await demo.pairingCode())
  return page
}

async function find(page, room) {
  await page.getByTestId('start').click()
  await page.keyboard.type(room)
  await page.getByTestId('submit').click()
}

function screens() {
  test('no such room and a home that owes nothing say what to do next, and each screen is left by itself', async () => {
    const page = await terminal()
    for (const size of [
      { width: 1280, height: 800 },
      { width: 720, height: 1280 },
      { width: 1024, height: 600 },
    ]) {
      await page.setViewportSize(size)
      await on(page, 'idle')
      await page.locator('.how li').nth(3).waitFor()
      await shot(page, `terminal-idle-${size.width}`)
      await find(page, '9-9-999')
      await on(page, 'none')
      await page.getByText('没有找到“9-9-999”').waitFor()
      await page.getByText('物业服务台查询').waitFor()
      await shot(page, `terminal-none-${size.width}`)
      await page.getByTestId('other').click()
      await on(page, 'find')
      await page.getByTestId('home').click()
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.route('**/bills?*', async (route) => {
      // a home that has paid
      const answer = await route.fetch()
      await route.fulfill({
        response: answer,
        json: { ...(await answer.json()), items: [], prepayment_balance: 1200 },
      })
    })
    await find(page, '1-1-901')
    await on(page, 'clear')
    await page.getByText('预存款余额 ¥12.00').waitFor()
    await shot(page, 'terminal-clear')
    await page.unroute('**/bills?*')
    const screens = [
      // how each is reached, and how many seconds it stays when nobody does anything
      ['clear', () => {}, 30],
      ['none', () => find(page, '9-9-999'), 30],
      ['find', () => page.getByTestId('start').click(), 60],
      ['units', () => find(page, '601'), 60],
      ['bills', () => find(page, '1-1-901'), 90],
    ]
    for (const [screen, reach, seconds] of screens) {
      await reach()
      await on(page, screen)
      const ring = page.locator('footer .ring')
      // the ring of the screen before may still stand there
      await eventually(
        () => ring.textContent().then(Number),
        (left) => left > 0 && left <= seconds,
        screen,
      )
      await pass(page, seconds + 1)
      await on(page, 'idle')
    }
    clean(page)
  })

  test('no card is no trap: back, cancelled, or given up by itself', async () => {
    const page = await terminal()
    await toQR(page, '1-1-601')
    const calls = () => fetch(demo.wallet_url + '/cards/calls').then(async (r) => (await r.json()).length)
    const swipe = async () => {
      await eventually(calls, 0, 'no card is waited for any more')
      await page.getByTestId('swipe').click()
      await page
        .getByTestId('card-left')
        .getByText(/[01]:\d\d/)
        .waitFor()
      await eventually(calls, 1, 'a card is waited for')
    }
    await swipe()
    await shot(page, 'terminal-card-waiting')
    await page.getByTestId('card-back').click()
    await page.getByTestId('card-nothing').waitFor()
    await swipe()
    await pass(page, 91)
    await page.getByTestId('card-nothing').waitFor()
    await on(page, 'pay')
    await eventually(calls, 0, 'the reader still waits')
    await swipe()
    await page.getByTestId('card-cancel').click()
    await on(page, 'closed')
    await page.getByTestId('home').click()
    await on(page, 'idle')
    clean(page)
  })

  test('an application that does not say whether it gave up leaves the order in doubt, and nobody stuck', async () => {
    const page = await terminal(() => {
      const never = () => new Promise(() => {})
      window.calls = 0
      window.LinliDevice = { call: () => (window.calls++, never()), cancel: never }
    })
    await toQR(page, '1-1-701')
    await page.getByTestId('swipe').click()
    await eventually(() => page.evaluate(() => window.calls), 1, 'the application waits for a card')
    await page.getByTestId('card-cancel').click()
    await pass(page, 11)
    await page.getByTestId('card-unknown').waitFor()
    await on(page, 'pay')
    await eventually(
      () => page.locator('main .primary').evaluateAll((some) => some.map((b) => b.dataset.test)),
      ['ask-card'],
      'a card may have been charged',
    )
    clean(page)
  })

  test('who goes back while the server does not answer has no card application called', async () => {
    const operations = await logIn(browser, demo, 'operations')
    const page = await paired(browser, demo, {
      script: () => {
        window.calls = 0
        window.LinliDevice = {
          call: () => {
            window.calls++
            return {}
          },
          cancel: () => true,
        }
      },
    })
    await toQR(page, '1-1-801')
    let go
    const held = new Promise((ok) => {
      go = ok
    })
    await page.route('**/attempts', async (route) => {
      await held
      await route.continue()
    })
    await page.getByTestId('swipe').click()
    await page.getByTestId('card-back').click()
    await on(page, 'pay')
    go()
    await page.getByTestId('card-nothing').waitFor()
    assert.equal(await page.evaluate(() => window.calls), 0)
    assert.equal(await page.getByTestId('card-unknown').count(), 0)
    await page.getByTestId('cancel').click()
    await on(page, 'closed')
    await eventually(
      () => api(operations, 'GET', '/v1/terminals'),
      ({ items }) => items.every((t) => t.online && Date.now() - Date.parse(t.last_seen_at) < 60_000),
      'every terminal was seen within a minute',
    )
    clean(page, operations)
  })

  test('the loss of the server and of the network is seen within ten seconds, and goes away with it', async () => {
    const page = await open(browser, 'terminal', demo.base + '/terminal')
    const stream = page.waitForResponse((r) => r.url().endsWith('/events'))
    await pairTerminal(page, await demo.pairingCode())
    await stream
    demo.pause()
    try {
      await page.getByTestId('cut').waitFor({ timeout: seen })
      await page.getByText('暂时连不上缴费系统').waitFor()
      assert.equal(await page.getByTestId('start').count(), 0)
      await shot(page, 'terminal-cut-server')
    } finally {
      demo.resume()
    }
    await page.getByTestId('start').waitFor()
    await eventually(() => page.getByTestId('lost').count(), 0)
    await toQR(page, '1-1-501')
    await page.context().setOffline(true)
    await page.getByTestId('lost').filter({ hasText: '网络已断开' }).waitFor({ timeout: seen })
    await page.getByTestId('lost-pay').getByText('二维码仍可支付').waitFor()
    await page.getByTestId('qr').waitFor()
    await shot(page, 'terminal-qr-lost')
    await page.context().setOffline(false)
    await page.getByTestId('lost').waitFor({ state: 'detached' })
    clean(page)
  })
}

// An order lives for a minute at least: one terminal waits for that while others are looked at.
describe('the terminal', { concurrency: 2 }, () => {
  test('an order nobody pays expires on the screen, upstream first', async () => {
    const screen = await paired(browser, brief)
    await toQR(screen, '1-1-301')
    await screen.getByTestId('closed').waitFor({ timeout: 60_000 + patience })
    await eventually(() => screen.getByTestId('closed').textContent(), '二维码已过期')
    await shot(screen, 'terminal-expired')
    clean(screen)
  })
  describe('its screens', { concurrency: 1 }, screens)
})
