// A company begins: two administrators come in by the links of `linlipay init`, and the first page says what is left to
// do before money is collected.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { layout, rules } from './axe.mjs'
import { eventually, freePorts, goTo, open, shot, sizes, startBrowser } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
const binary = new URL('../../bin/linlipay', import.meta.url).pathname
const password = 'a garden of seven plums'
let dir, env, server, browser, links

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'linlipay-'))
  const [port] = await freePorts(1)
  env = {
    ...process.env,
    LINLIPAY_SANDBOX: 'true',
    LINLIPAY_STORE: 'sqlite:' + dir,
    LINLIPAY_SECRET_KEY: randomBytes(32).toString('base64'),
    LINLIPAY_LISTEN: `127.0.0.1:${port}`,
    LINLIPAY_BASE_URL: `http://127.0.0.1:${port}`,
  }
  const admins = ['--admin', 'wangmin=王敏', '--admin', 'liqiang=李强']
  const said = spawnSync(binary, ['init', '--name', '锦绣物业', ...admins], { env, encoding: 'utf8' })
  assert.equal(said.status, 0, said.stderr)
  links = said.stdout.match(/http\S+/g)
  server = spawn(binary, ['serve'], { env, stdio: 'ignore' })
  const answers = () => fetch(env.LINLIPAY_BASE_URL + '/healthz').then((r) => r.ok)
  await eventually(answers, true, 'the server answers')
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  server?.kill('SIGTERM')
  rmSync(dir, { recursive: true, force: true })
})

// looked holds a page to what every page must be, on a desk and on a phone.
async function looked(page) {
  for (const size of ['console', 'phone']) {
    await page.setViewportSize(sizes[size])
    assert.deepEqual([...(await rules(page, true)), ...(await layout(page))], [], size)
  }
  await page.setViewportSize(sizes.console)
}

// enter opens a link and chooses a password.
async function enter(link, again = password) {
  const page = await open(browser, 'console', link)
  await page.locator('input[name=next]').fill(password)
  await page.locator('input[name=again]').fill(again)
  await looked(page)
  await page.getByTestId('save-password').click()
  return page
}

test('a link lets in once, to a page that says what is left to do', async () => {
  assert.equal(links.length, 2)
  const wrong = await enter(links[0], 'a garden of eight plums')
  await wrong.getByText('两次输入不一致').waitFor()
  await wrong.getByText('wangmin').waitFor() // and the link is as good as before

  const page = await enter(links[0])
  await page.getByTestId('setup').waitFor()
  await eventually(() => new URL(page.url()).hash, '#/', 'the link is out of the address')
  const left = page.locator('[data-test=setup] li:not(.done)')
  assert.equal(await left.count(), 6)
  await looked(page)
  await shot(page, 'console-setup')
  await page.locator('li.next a').click()
  await page.getByRole('heading', { name: '组织', exact: true }).waitFor()
  assert.deepEqual(page.errors, [])

  const late = await enter(links[0])
  await late.getByText('这个链接已用过或已过期').waitFor()
  const cut = await open(browser, 'console', links[1].replace(/&login.*/, ''))
  await cut.getByText('链接不完整').waitFor()
})

test('two people set the company up: what one asks for, the other approves', async () => {
  const li = await enter(links[1])
  await li.getByTestId('setup').waitFor()
  await goTo(li, 'staff')
  await li.getByText('王敏').first().waitFor()
  await goTo(li, 'organisation')
  await li.getByText('锦绣物业').first().waitFor()
  assert.deepEqual(li.errors, [])
})
