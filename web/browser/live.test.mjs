// Live pages: the tabs of a person share one stream, whoever of them goes; and the loss of the server or the line is on
// the screen within 10 s, and gone soon after it is back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, enter, goTo, logIn, open, pairTerminal, patience, startBrowser, startDemo } from './demo.mjs'

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

// counts says how many streams of a page's context are open.
function counts(context) {
  const open = new Set()
  context.on('request', (r) => {
    if (r.url().endsWith('/events')) open.add(r)
  })
  for (const ended of ['requestfinished', 'requestfailed']) context.on(ended, (r) => open.delete(r))
  return open
}

// tabs opens more tabs of the console of who is logged in on a page.
async function tabs(page, n) {
  const more = []
  for (let i = 0; i < n; i++) {
    const tab = await page.context().newPage()
    tab.setDefaultTimeout(patience)
    await tab.goto(demo.base + '/console#/orders')
    await tab.locator('.desk').waitFor()
    more.push(tab)
  }
  return more
}

let room = 300
async function newOrder(page) {
  for (;;) {
    const [unit] = (await api(page, 'GET', `/v1/units?q=1-1-${++room}`)).items
    const [bill] = unit ? (await api(page, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items : []
    if (bill) return (await api(page, 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id] })).id
  }
}
// held is something to wait for, and what ends it.
function held() {
  let end
  return [new Promise((ok) => (end = ok)), end]
}
const row = (page, id) => page.locator('.rows tbody tr', { hasText: id })
const seen = (pages, id) => Promise.all(pages.map((p) => row(p, id).waitFor()))
// within fails when some work takes longer. What hangs is waited for no longer than that either.
const within = (ms, what, work) => {
  let timer
  const late = new Promise((_, no) => {
    timer = setTimeout(() => no(new Error(`${what} took longer than ${ms} ms`)), ms)
  })
  return Promise.race([work(), late]).finally(() => clearTimeout(timer))
}
// A loss is on the screen within ten seconds, and gone within six; as much again is for a slow machine.
const [seenLost, seenBack] = [20_000, 12_000]

test('seven tabs of the console share a stream, all are live, and an eighth is answered', async () => {
  const first = await logIn(browser, demo, 'cashier')
  await goTo(first, 'orders')
  const open = counts(first.context())
  const all = [first, ...(await tabs(first, 6))]
  await seen(all, await newOrder(first))
  assert.ok(open.size <= 1, `${open.size} streams`) // the first tab's own began before it was counted
  await within(20_000, 'a request of a seventh tab', () => api(all[6], 'GET', '/v1/me'))
  const [eighth] = await tabs(first, 1)
  await within(20_000, 'a request of an eighth tab', () => api(eighth, 'GET', '/v1/me'))
  await seen([eighth], await newOrder(eighth))

  // Whoever has the stream goes, and what happens meanwhile is not lost.
  let left = [...all, eighth]
  while (left.length > 5) {
    const [gone, ...rest] = left
    const closing = gone.close()
    const id = await newOrder(rest[0])
    await closing
    await seen(rest, id)
    left = rest
  }
  // One whose page stands still has the others go on without it.
  const frozen = left[0]
  const [hold, release] = held()
  const [stands, stood] = held()
  await frozen.route('**/held', async (route) => {
    stood()
    await hold
    await route.fulfill({ body: '' })
  })
  const still = frozen.evaluate(() => {
    const ask = new XMLHttpRequest()
    ask.open('GET', '/held', false) // the page does nothing else until it is answered
    ask.send()
  })
  await stands
  await seen(left.slice(1), await newOrder(left[1]))
  release()
  await still
  await seen([frozen], await newOrder(left[1]))
  await first
    .context?.()
    .close()
    .catch(() => {})
})

test('another person in one tab is another person in all, and logging out ends all', async () => {
  const page = await logIn(browser, demo, 'cashier')
  const [other] = await tabs(page, 1)
  await page.getByRole('button', { name: '退出登录' }).click()
  await other.locator('.door').waitFor()
  await enter(page, demo, 'finance')
  await other.locator('.desk').waitFor()
  await page.context().close()
})

test(
  'a server that stops, and a line that is cut, are seen within 10 s on every live page and gone ' + 'soon after',
  async () => {
    const desk = await logIn(browser, demo, 'cashier')
    await goTo(desk, 'orders')
    const [second] = await tabs(desk, 1)
    const screen = await open(browser, 'terminal', demo.base + '/terminal')
    const stream = screen.waitForResponse((r) => r.url().endsWith('/events'))
    await pairTerminal(screen, await demo.pairingCode())
    await stream
    const away = {
      desk: desk.getByTestId('lost'),
      second: second.getByTestId('lost'),
      screen: screen.getByTestId('lost'),
    }
    const lost = (ms) =>
      Promise.all(Object.entries(away).map(([name, banner]) => within(ms, `${name} lost`, () => banner.waitFor())))
    const back = (ms) =>
      Promise.all(
        Object.entries(away).map(([name, banner]) =>
          within(ms, `${name} back`, () => banner.waitFor({ state: 'detached' })),
        ),
      )
    await seen([desk, second], await newOrder(desk)) // all are live
    demo.pause()
    await lost(seenLost)
    demo.resume()
    await back(seenBack)
    for (const context of [desk.context(), screen.context()]) await context.setOffline(true)
    await lost(seenLost)
    for (const context of [desk.context(), screen.context()]) await context.setOffline(false)
    await back(seenBack)
    await seen([desk, second], await newOrder(desk))
    await desk.context().close()
    await screen.context().close()
  },
)
