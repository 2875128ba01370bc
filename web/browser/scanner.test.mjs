// Scanners at the console, as they are set up: what ends a code, how fast it comes, what has the focus, what stands
// around it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { collect, eventually, logIn, startBrowser, startDemo } from './demo.mjs'

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

const code = '134567890123456789'
// burst is a scanner's typing, as fast as the page takes it, however busy the machine is.
const burst = (page) =>
  page.evaluate((code) => {
    for (const key of code) {
      const e = new KeyboardEvent('keydown', { key, code: 'Digit' + key, bubbles: true, cancelable: true })
      if (document.activeElement.dispatchEvent(e)) document.execCommand('insertText', false, key)
    }
  }, code)
const traps = [
  ['Enter', (p) => p.keyboard.type(code + '\n')],
  [
    'Tab',
    async (p) => {
      await p.keyboard.type(code)
      await p.keyboard.press('Tab')
    },
  ],
  [
    'carriage return and line feed',
    async (p) => {
      await p.keyboard.type(code)
      await p.keyboard.press('Enter')
      await p.keyboard.press('Enter')
    },
  ],
  ['nothing', burst],
  [
    'slow keys',
    async (p) => {
      await p.keyboard.type(code, { delay: 50 })
      await p.keyboard.press('Enter')
    },
  ],
  ['the kind of the symbol', (p) => p.keyboard.type(`]C1${code}\n`)],
  ['the kind of the symbol, slower than any scanner', (p) => p.keyboard.type(`]C1${code}\n`, { delay: 150 })],
  [
    'full-width digits',
    async (p) => {
      for (const d of code) await p.keyboard.insertText(String.fromCharCode(d.charCodeAt(0) + 0xfee0))
      await p.keyboard.press('Enter')
    },
  ],
  ['letters around', (p) => p.keyboard.type(`A${code}Z\n`)],
  ['letters around, slower than any scanner', (p) => p.keyboard.type(`A${code}Z\n`, { delay: 150 })],
  ['two reads in a row', (p) => p.keyboard.type(`${code}\n${code}\n`)],
  [
    'a person who types',
    async (p) => {
      await p.getByTestId('wedge').fill(code)
      await p.keyboard.press('Enter')
    },
  ],
]

test('a code is charged once, however the scanner sends it and whatever has the focus', async () => {
  const page = await logIn(browser, demo, 'cashier')
  const sent = []
  // sentOnce waits for the code, lets the institution answer, and gives a second one the time to be sent that it needs
  // on a page: Wedge.vue waits for the end of a code much shorter.
  const sentOnce = async (what, answer) => {
    await eventually(
      () => sent.length,
      (n) => n > 0,
      `${what}: the code is sent`,
    )
    const answers = page.waitForResponse('**/v1/orders/*/attempts')
    answer()
    await answers
    const rest = (ms) => page.evaluate((ms) => new Promise((ok) => setTimeout(ok, ms)), ms)
    await rest(500)
    await page.keyboard.press('Enter') // the code is gone: there is nothing left to be sent
    await rest(100)
    assert.deepEqual(sent, [code], what)
    await eventually(() => page.getByTestId('wedge').inputValue(), '', what)
  }
  const asks = () => {
    let answer
    answered = new Promise((ok) => (answer = ok))
    sent.length = 0
    return answer
  }
  let answered = Promise.resolve() // until then the institution has not answered, however slow the machine is
  await page.route('**/v1/orders/*/attempts', async (route) => {
    sent.push(route.request().postDataJSON().auth_code)
    await answered
    await route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'upstream', detail: 'no' }),
    })
  })
  await collect(page, '1-1-301')
  for (const [name, scan] of traps) {
    await page.getByTestId('wedge').focus()
    const answer = asks()
    await scan(page)
    await sentOnce(name, answer)
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-test'))
    await eventually(focused, 'wedge', `${name}: the next code comes here too`)
  }
  // Where another field has the focus the code is taken out of it again, and what was typed there stays.
  await page.evaluate(() => {
    const other = Object.assign(document.createElement('input'), { id: 'other', value: '12.50' })
    document.querySelector('.pay').prepend(other)
  })
  for (const end of ['Enter', 'Tab', '']) {
    await page.locator('#other').focus()
    await page.keyboard.press('End')
    const answer = asks()
    await burst(page)
    if (end) await page.keyboard.press(end)
    await sentOnce(`another field, ${end || 'nothing'}`, answer)
    await eventually(() => page.locator('#other').inputValue(), '12.50')
  }
  // A person's digits in another field are theirs.
  sent.length = 0
  await page.locator('#other').focus()
  await page.keyboard.type('12345', { delay: 150 })
  assert.match(await page.locator('#other').inputValue(), /12345/)
  assert.deepEqual(sent, [])
  assert.deepEqual(page.errors, [])
})
