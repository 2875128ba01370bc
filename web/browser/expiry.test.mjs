import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { open, pairTerminal, shot, startBrowser, startDemo, toQR } from './demo.mjs'

selectors.setTestIdAttribute('data-test')

let demo, browser
before(async () => {
  demo = await startDemo({ LINLIPAY_DESK_LIFETIME: '1m' })
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

test('an order nobody pays expires on the screen, upstream first', async () => {
  const screen = await open(browser, 'terminal', demo.base + '/terminal')
  await pairTerminal(screen, demo.pairing_codes[0])
  await toQR(screen, '1-1-301')
  await screen.getByTestId('closed').waitFor({ timeout: 80_000 })
  assert.equal(await screen.getByTestId('closed').textContent(), '二维码已过期')
  await shot(screen, 'terminal-expired')
  assert.deepEqual(screen.errors, [])
})
