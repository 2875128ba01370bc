import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, patience, shot, startBrowser, startDemo, terminal, toQR } from './demo.mjs'

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
  const screen = await terminal(browser, demo)
  await toQR(screen, '1-1-301')
  await screen.getByTestId('closed').waitFor({ timeout: 60_000 + patience })
  await eventually(() => screen.getByTestId('closed').textContent(), '二维码已过期')
  await shot(screen, 'terminal-expired')
  assert.deepEqual(screen.errors, [])
})
