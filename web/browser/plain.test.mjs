// A host that is not this machine, by plain http: no context is secure there, so browsers give no device keys, no
// cameras and no cookies that are Secure. Each page works, or says what is missing and how to go on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { open, startBrowser, startDemo } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
const host = 'pay.example'
let demo, browser, base
before(async () => {
  demo = await startDemo()
  browser = await startBrowser(`--host-resolver-rules=MAP ${host} 127.0.0.1`)
  base = demo.base.replace(/127\.0\.0\.1|localhost/, host)
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

// visit opens a page of the host, where nothing is secure.
async function visit(path, size) {
  const page = await open(browser, size, base + path)
  assert.deepEqual(await page.evaluate(() => [location.hostname, isSecureContext, typeof crypto.subtle]), [
    host,
    false,
    'undefined',
  ])
  return page
}

test('a terminal says that it needs https, where it was opened, and what to do', async () => {
  const page = await visit('/terminal', 'terminal')
  for (const words of ['终端需要 HTTPS 地址', `当前地址 ${base} 不是 HTTPS`, '请用 https:// 开头的地址打开'])
    await page.getByText(words).waitFor()
  assert.equal(await page.getByTestId('submit').count(), 0) // there is nothing to press that cannot work
  assert.deepEqual(page.errors, [])
})

test('a member of staff logs in to the console and stays there after a reload', async () => {
  const page = await visit('/console', 'console')
  await page.locator('input[name=login]').fill('jinxiu-cashier')
  await page.locator('input[name=password]').fill('linli-demo-2026')
  await page.locator('button[type=submit]').click()
  await page.locator('.now input').waitFor()
  await page.reload()
  await page.locator('.now input').waitFor()
  assert.deepEqual(page.errors, [])
})

test('a resident logs in, and sees what is owed', async () => {
  const page = await visit('/resident', 'phone')
  await page.locator('input[name=phone]').fill(demo.residents[0].phone)
  await page.locator('.login .van-field button').click()
  await page.getByTestId('demo-code').click()
  await page.locator('button[type=submit]').click()
  await page.getByTestId('owed').first().waitFor()
  assert.deepEqual(page.errors, [])
})
