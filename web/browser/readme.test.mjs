// What the READMEs say to try, step by step: the addresses and words are taken from them, so that neither they nor the
// pages can change alone.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { open, patience, startBrowser, startDemo } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let browser
before(async () => {
  browser = await startBrowser()
})
after(() => browser?.close())

// tryIt is the numbered steps below a heading: what is bold stands on pages, what is code is typed or an address.
function tryIt(file, heading) {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
  const part = text.slice(text.indexOf(heading), text.indexOf('\n## ', text.indexOf(heading) + 1))
  return part
    .split(/^\d+\. /m)
    .slice(1)
    .map((step) => ({
      words: [...step.matchAll(/\*\*(.+?)\*\*/g)].map((m) => m[1]),
      codes: [...step.matchAll(/`(.+?)`/g)].map((m) => m[1]),
    }))
}

// Walk goes along the steps: each of their words is pressed or seen once, in their order.
class Walk {
  constructor(steps) {
    this.steps = steps
  }
  step(n) {
    this.done()
    this.words = [...this.steps[n - 1].words]
    this.codes = this.steps[n - 1].codes
  }
  done() {
    assert.deepEqual(this.words ?? [], [], 'words of the README that nobody pressed or saw')
  }
  word() {
    assert.ok(this.words.length, 'the README says no more')
    return this.words.shift()
  }
  // see reads a word on a page.
  async see(page) {
    await page.getByText(this.word()).filter({ visible: true }).first().waitFor()
  }
  // press presses what has the word, and returns the page that it opens, if it opens another.
  async press(page) {
    const word = this.word()
    const what = page
      .locator('button, a, summary, [role=menuitem], [role=tab]')
      .filter({ hasText: word, visible: true })
      .first()
    const opened = (await what.getAttribute('target')) === '_blank' ? page.context().waitForEvent('page') : undefined
    await what.click()
    return opened ?? page
  }
}

async function walk(file, heading, demo) {
  const go = new Walk(tryIt(file, heading))
  const english = file === 'README.md'
  const another = await open(browser, 'console', 'about:blank')
  const context = another.context()
  const from = async (path) => {
    const page = await context.newPage()
    page.setDefaultTimeout(patience)
    await page.goto(path)
    return page
  }

  go.step(1)
  const printed = go.codes.find((c) => c.startsWith('http'))
  const start = await from(printed.replace('http://127.0.0.1:8080', demo.base))
  if (english) await go.press(start)

  go.step(2)
  await go.see(start)
  const terminal = await go.press(start)
  await go.press(terminal)
  await go.press(terminal)
  await terminal.keyboard.type(go.codes[0])
  await go.press(terminal)
  await go.press(terminal)

  go.step(3)
  const wallet = await go.press(start)
  const qr = terminal.getByTestId('qr')
  await qr.evaluate((image) => image.decode())
  await wallet
    .locator('input[type=file]')
    .setInputFiles({ name: 'qr.png', mimeType: 'image/png', buffer: await qr.screenshot() })
  await go.press(wallet)
  await go.see(terminal)

  go.step(4)
  await terminal.getByTestId('next').click()
  await wallet.goto(demo.wallet_url + '/')
  await terminal.getByTestId('start').click()
  await terminal.keyboard.type(go.codes[0])
  await terminal.keyboard.press('Enter')
  await terminal.getByTestId('pay').click()
  await go.press(terminal)
  await go.see(wallet)
  await go.press(wallet)
  await terminal.getByTestId('paid').waitFor({ timeout: 2 * patience })

  go.step(5)
  await go.see(start)
  const phone = await go.press(start)
  await phone.waitForURL(/\/resident/)
  assert.ok(go.codes.includes('/resident'))
  await phone.getByTestId('unit').first().waitFor()
  const requests = go.word() // seen in the console, below

  go.step(6)
  const cashier = await go.press(start)
  await cashier.waitForURL(/\/console/)
  assert.ok(go.codes.includes('/console'))
  await cashier.getByText(requests).first().waitFor()
  await go.press(cashier)
  await cashier.locator('.rows tbody tr [data-status=paid]').nth(1).waitFor()

  go.step(7)
  await wallet.goto(demo.wallet_url + '/')
  await wallet.getByTestId('made-one').filter({ hasText: '微信' }).first().click()
  await wallet.waitForURL(/\/pay\//)
  await go.press(wallet)
  await go.press(wallet)
  await wallet
    .getByTestId('merchant-told')
    .getByText(/ · P\d+/)
    .waitFor()
  const finance = await go.press(start)
  await finance.waitForURL(/\/console/)
  await go.press(finance)
  await finance.getByText('¥').first().waitFor()
  await wallet.goto(demo.wallet_url + '/')
  await go.see(wallet)

  go.step(8)
  const [, body, address] = go.codes[0].match(/^curl -d '(.+)' (\S+)$/)
  const faults = 'http://' + address.replace('127.0.0.1:8090', new URL(demo.wallet_url).host)
  assert.ok((await fetch(faults, { method: 'POST', body })).ok)
  assert.match(await fetch(faults).then((r) => r.text()), /lost/)
  assert.ok((await fetch(faults, { method: 'DELETE' })).ok)
  assert.match(
    await fetch(faults, { method: 'POST', body: '{"fault":"none of this name"}' }).then((r) => r.text()),
    /lost/,
  )
  go.done()
  await context.close()
}

for (const [file, heading] of [
  ['README.zh-CN.md', '## 试一试'],
  ['README.md', '## Try it'],
]) {
  test(`what ${file} says to try can be done`, async () => {
    const demo = await startDemo()
    try {
      await walk(file, heading, demo)
    } finally {
      await demo.stop()
    }
  })
}
