// Staff as the people of a company look after them: who joins waits for a second person, who leaves is out everywhere.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  eventually,
  goTo,
  logIn,
  open,
  patience,
  settle,
  shot,
  startBrowser,
  startDemo,
  terminal,
} from './demo.mjs'

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

const row = (page, text) => page.locator('.work .el-table__row', { hasText: text })
const yes = (page) => page.locator('.el-message-box__btns .el-button--primary').click()
const waiting = (page, login) => page.locator(`[data-test=waiting][data-login="${login}"]`)
const clean = (...pages) => {
  for (const p of pages) assert.deepEqual(p.errors, [])
}
const cookiesOf = async (page) => (await page.context().cookies()).filter((c) => c.name.startsWith('linlipay-staff'))
const narrow = async (page, name) => {
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 })
    await settle(page)
    await shot(page, `${name}-${width}`)
  }
  await page.setViewportSize({ width: 1440, height: 900 })
}

async function enter(login, password) {
  const page = await open(browser, 'console', demo.base + '/console')
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  return page
}

test('a member is added by one, approved by another, and chooses a password of their own', async () => {
  const operations = await logIn(browser, demo, 'operations')
  await goTo(operations, 'staff')
  await row(operations, 'jinxiu-cashier').waitFor()
  await operations.getByTestId('add-member').click()
  await operations.getByTestId('save-member').click()
  await operations.locator('.el-form-item__error', { hasText: '请填写' }).first().waitFor()
  await operations.locator('input[name=member-name]').fill('王小明')
  await operations.locator('input[name=member-login]').fill('jinxiu-cashier')
  await operations.locator('[data-role=cashier]').click()
  await operations.getByTestId('save-member').click()
  await operations.locator('.el-form-item__error', { hasText: '登录名已被使用' }).waitFor()
  await shot(operations, 'console-member-taken')
  await operations.locator('input[name=member-login]').fill('wang')
  await operations.getByTestId('save-member').click()
  const first = await operations.getByTestId('half').innerText()
  await settle(operations)
  await shot(operations, 'console-member-half')
  await operations.getByTestId('noted').click()
  await waiting(operations, 'wang').getByText('本人提出').waitFor()
  assert.equal(await waiting(operations, 'wang').getByTestId('approve').count(), 0)
  await settle(operations)
  await shot(operations, 'console-approvals-waiting')
  await narrow(operations, 'console-staff-phone')

  const finance = await logIn(browser, demo, 'finance')
  await finance.getByTestId('approvals-waiting').getByText('1').waitFor()
  await goTo(finance, 'staff')
  assert.equal(await finance.getByTestId('add-member').count(), 0)
  await goTo(finance, 'approvals') // where it waits among all else, and is decided as on the page of staff
  await waiting(finance, 'wang').getByTestId('refuse').click()
  await yes(finance)
  await finance.locator('.el-message-box__errormsg', { hasText: '必填' }).waitFor()
  await finance.locator('.el-message-box__btns .el-button').first().click()
  await waiting(finance, 'wang').getByTestId('approve').click()
  await settle(finance)
  await shot(finance, 'console-member-approve')
  await yes(finance)
  const second = await finance.getByTestId('half').innerText()
  await finance.getByTestId('noted').click()
  await waiting(finance, 'wang').waitFor({ state: 'detached' })
  await finance.getByTestId('approvals-waiting').waitFor({ state: 'detached' })

  const wang = await enter('wang', `${first}-${second}`)
  await wang.getByTestId('password-form').waitFor()
  await settle(wang)
  await shot(wang, 'console-choose-password')
  await narrow(wang, 'console-choose-password')
  await wang.locator('input[name=current]').fill(`${first}-${second}`)
  await wang.locator('input[name=next]').fill('linli-demo-wang')
  await wang.locator('input[name=again]').fill('another')
  await wang.locator('.el-form-item__error', { hasText: '不一致' }).waitFor()
  await wang.locator('input[name=again]').fill('linli-demo-wang')
  await wang.getByTestId('save-password').click()
  await wang.locator('.desk').waitFor()
  assert.equal(await wang.locator('aside', { hasText: '员工' }).count(), 0)
  await operations.reload()
  await row(operations, '王小明').locator('[data-standing=m_active]').waitFor()
  clean(operations, finance, wang)
})

test('a leaver is out everywhere, with the reason at the door, and comes back only by two', async () => {
  const operations = await logIn(browser, demo, 'operations')
  const cashier = await logIn(browser, demo, 'cashier')
  await goTo(operations, 'staff')
  await row(operations, 'jinxiu-cashier').getByTestId('devices').click()
  await operations.getByTestId('session').first().waitFor()
  await settle(operations)
  await shot(operations, 'console-member-devices')
  await operations.keyboard.press('Escape')
  await row(operations, 'jinxiu-cashier').getByTestId('toggle').click()
  await settle(operations)
  await shot(operations, 'console-member-disable')
  await yes(operations)
  await row(operations, 'jinxiu-cashier').locator('[data-standing=m_disabled]').waitFor()
  // the live list alone finds it out
  await cashier.locator('.door', { hasText: '该账号已停用' }).waitFor({ timeout: 2 * patience })
  await shot(cashier, 'console-disabled')
  await row(operations, 'jinxiu-cashier').getByTestId('toggle').click()
  await yes(operations)
  await waiting(operations, 'jinxiu-cashier').getByTestId('withdraw').click()
  await waiting(operations, 'jinxiu-cashier').waitFor({ state: 'detached' })
  await row(operations, 'jinxiu-cashier').getByTestId('rights').click()
  await operations.locator('[data-role=finance]').click()
  await operations.getByTestId('save-member').click()
  await waiting(operations, 'jinxiu-cashier').waitFor()
  await row(operations, 'jinxiu-cashier').getByTestId('toggle').click()
  await yes(operations)
  await waiting(operations, 'jinxiu-cashier').getByText('重新启用').waitFor()
  await settle(operations)
  await shot(operations, 'console-staff-two-wishes')

  const finance = await logIn(browser, demo, 'finance', true)
  await goTo(finance, 'staff')
  await waiting(finance, 'jinxiu-cashier').getByTestId('approve').waitFor()
  await settle(finance)
  await shot(finance, 'english-console-staff')
  await narrow(finance, 'english-console-staff-phone')
  await waiting(finance, 'jinxiu-cashier').getByTestId('refuse').click()
  await finance.locator('.el-message-box__input input').fill('not needed')
  await yes(finance)
  await row(finance, 'jinxiu-cashier').getByText('not needed').waitFor()
  assert.equal((await api(finance, 'POST', '/v1/members/x/deactivation', {})).status, 403)
  clean(operations, finance, cashier)
})

test(
  'one changes the own password, ends other sessions, and logs out; no token is where a script ' + 'can read it',
  async () => {
    const first = await logIn(browser, demo, 'finance2')
    const other = await logIn(browser, demo, 'finance2')
    const seen = await first.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)
    const cookies = await cookiesOf(first)
    assert.equal(cookies.length, 2)
    for (const c of cookies) {
      assert.ok(c.httpOnly && c.sameSite === 'Strict', c.name)
      assert.ok(!seen.includes(c.value), `${c.name} can be read`)
    }
    await goTo(first, 'me')
    await first.getByTestId('session').nth(1).waitFor()
    await settle(first)
    await shot(first, 'console-me')
    await narrow(first, 'console-me-phone')
    await first.getByTestId('end-all').click()
    await first.waitForFunction(() => document.querySelectorAll('[data-test=session]').length === 1)
    await other.locator('.door').waitFor({ timeout: 2 * patience })
    await first.locator('input[name=current]').fill('wrong')
    for (const name of ['next', 'again']) await first.locator(`input[name=${name}]`).fill('linli-demo-changed')
    await first.getByTestId('save-password').click()
    await first.locator('[data-test=password-form] .el-form-item__error', { hasText: '当前密码不正确' }).waitFor()
    await first.locator('input[name=current]').fill(demo.staff[0].password)
    await first.getByTestId('save-password').click()
    await first.locator('.el-message', { hasText: '密码已修改' }).waitFor()
    assert.equal((await api(first, 'GET', '/v1/me')).status, 200)

    // without a line nobody is logged out; with one the cookies are gone
    const out = first.locator('.top .link', { hasText: '退出登录' })
    await first.context().setOffline(true)
    await out.click()
    await first.locator('.el-message', { hasText: '网络连接失败' }).waitFor()
    await first.context().setOffline(false)
    await out.click()
    await first.locator('.door').waitFor()
    await eventually(() => cookiesOf(first).then((all) => all.length), 0)
    assert.equal((await api(first, 'GET', '/v1/me')).status, 401)
    clean(first, other)
  },
)

test('an entry with tokens that an older page left is removed', async () => {
  const page = await open(browser, 'console', demo.base + '/console')
  await page.evaluate(() =>
    localStorage.setItem(
      'linlipay-staff',
      JSON.stringify({ access: 'a.b.c', refresh: 'x.y', until: 9e15, who: { staff: { name: 'x', roles: [] } } }),
    ),
  )
  await page.reload()
  await page.locator('.door').waitFor()
  await eventually(() => page.evaluate(() => localStorage.getItem('linlipay-staff')), null)
  clean(page)
})

test('a page of another site gets nothing with the cookies of ours', async () => {
  const page = await logIn(browser, demo, 'operations')
  const evil = await page.context().newPage()
  await evil.route('http://localhost:1/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<p>another site</p>' }),
  )
  await evil.goto('http://localhost:1/')
  const tried = await evil.evaluate(async (base) => {
    const one = (headers) =>
      fetch(base + '/v1/me/sessions', { method: 'DELETE', credentials: 'include', headers }).then(
        (r) => r.status,
        () => 'blocked',
      )
    return [await one({}), await one({ 'Linli-Session': 'staff' })]
  }, demo.base)
  assert.deepEqual(tried, ['blocked', 'blocked'])
  assert.equal((await api(page, 'GET', '/v1/me')).status, 200)
})

test('an unpaired terminal says so on its screen, and is listed no more', async () => {
  const screen = await terminal(browser, demo)
  const operations = await logIn(browser, demo, 'operations')
  await goTo(operations, 'terminals')
  await operations.getByTestId('unpair').first().waitFor()
  await settle(operations)
  await shot(operations, 'console-terminals')
  await narrow(operations, 'console-terminals-phone')
  await operations.getByTestId('unpair').first().click()
  await settle(operations)
  await shot(operations, 'console-terminal-unpair')
  await yes(operations)
  await operations.getByTestId('unpair').waitFor({ state: 'detached' })
  await screen.locator('.banner', { hasText: '解除配对' }).waitFor({ timeout: 2 * patience })
  await screen.locator('.keypad').waitFor()
  await shot(screen, 'terminal-unpaired')
  clean(screen, operations)
})
