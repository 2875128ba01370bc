// Bills of two legal entities: on the phone, at the terminal and at the counter each payee's stand together and are
// paid by themselves.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  eventually,
  goTo,
  logIn,
  resident,
  settle,
  shot,
  sizes,
  startBrowser,
  startDemo,
  terminal,
} from './demo.mjs'
import { workbook } from './xlsx.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser, branch, home // as it is typed
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
  await moveLater()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

// moveLater has the first resident's community belong to another entity from the month after next on, which no midnight
// makes today, and brings bills of then.
async function moveLater() {
  const [community, building, entrance, room] = demo.residents[0].unit.split(' ')
  home = [building, entrance, room].join('-').replace(/栋|单元/g, '')
  const today = new Date(Date.now() + 8 * 3600_000)
  const from = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 2, 1)).toISOString().slice(0, 10)
  const operations = await logIn(browser, demo, 'operations')
  const o = await api(operations, 'GET', '/v1/organisation')
  branch = o.entities[1]
  const asked = await api(operations, 'POST', '/v1/organisation/moves', {
    communities: [o.places.find((p) => p.name === community).community],
    entity: branch.id,
    from,
    revision: o.places.find((p) => p.name === community).revision,
  })
  assert.ok(asked.requests, asked.detail)
  const finance = await logIn(browser, demo, 'finance')
  const decided = await api(finance, 'POST', '/v1/organisation/decision', {
    request: asked.requests[0].request.id,
    approve: true,
  })
  assert.equal(decided.requests?.[0].request.state, 'approved', decided.detail)
  const heads = ['小区', '楼栋', '单元', '房号', '公司主体', '费用项目', '账期', '金额']
  const row = (fee, amount, at = [building, entrance, room]) => [
    community,
    ...at,
    branch.name,
    fee,
    from.slice(0, 7),
    amount,
  ]
  const other = ['2栋', '1单元', '101'] // the counter's home
  const report = await operations.evaluate(
    async (bytes) => {
      const r = await fetch('/v1/imports', {
        method: 'POST',
        headers: {
          'Linli-Session': 'staff',
          'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        },
        body: new Uint8Array(bytes),
      })
      return r.json()
    },
    [
      ...workbook(
        heads,
        row('新主体物业费', '88.80'),
        row('新主体停车费', '20.00'),
        row('新主体物业费', '66.60', other),
      ),
    ],
  )
  assert.equal(report.totals?.imported, 3, JSON.stringify(report))
  await operations.context().close()
  await finance.context().close()
}

const owed = (group) => group.innerText().then((text) => /¥\s*([\d,.]+)/.exec(text)[1])

test('on the phone each payee has a button, and paying one leaves the other', async () => {
  const page = await resident(browser, demo, demo.residents[0].phone)
  await page.getByTestId('unit').first().click()
  const payees = page.getByTestId('payee')
  await payees.nth(1).waitFor()
  assert.match(await payees.nth(1).innerText(), new RegExp(branch.name))
  assert.equal(await page.locator('.van-submit-bar').count(), 0)
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 })
    await settle(page)
    await shot(page, `payees-phone-${width}`)
  }
  const button = page.getByTestId('pay-payee')
  assert.equal(await owed(button.nth(1)), '108.80')
  await page.locator('.bills .van-cell', { hasText: '新主体停车费' }).click()
  await button.nth(1).filter({ hasText: '88.80' }).click()
  await page.locator('button[value=wechat]').click()
  await page.getByTestId('confirm').click()
  await page.getByTestId('merchant-page').waitFor()
  await page.goto(demo.base + '/resident')
  await page.getByTestId('unit').first().click()
  await eventually(() => page.locator('.bills .van-cell', { hasText: '新主体物业费' }).count(), 0)
  assert.equal(await owed(button.nth(1)), '20.00')
  assert.deepEqual(page.errors, [])
  await page.context().close()
})

test('at the terminal the other payee is the next step after the first', async () => {
  const page = await terminal(browser, demo)
  await page.getByTestId('start').click()
  await page.keyboard.type(home)
  await page.getByTestId('submit').click()
  await page.getByTestId('payee').nth(1).waitFor()
  for (const size of ['upright', 'terminal']) {
    await page.setViewportSize(sizes[size])
    await settle(page)
    await shot(page, `payees-terminal-${size}`)
  }
  await page.getByTestId('pay-payee').first().click()
  const qr = page.getByTestId('qr')
  await qr.waitFor()
  await qr.evaluate((image) => image.decode())
  assert.ok(await demo.scan(await qr.evaluate((image) => image.src)))
  await page.getByTestId('rest').filter({ hasText: branch.name }).waitFor()
  await settle(page)
  await shot(page, 'payees-terminal-paid')
  await page.getByTestId('more').click()
  await page.getByTestId('pay').click() // of one payee alone: as ever
  await qr.waitFor()
  assert.deepEqual(page.errors, [])
  await page.context().close()
})

test('at the counter each payee is collected for, one after the other', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await goTo(page, 'collect')
  await page.locator('input[name=unit]').fill('2-1-101')
  await page.locator('.bar button[type=submit]').click()
  await page.locator('.units tbody tr', { hasText: demo.residents[0].unit.split(' ')[0] }).click()
  const payees = page.locator('.bills [role=group]')
  await payees.nth(1).filter({ hasText: branch.name }).waitFor()
  assert.match(await page.getByTestId('payees').innerText(), /2/)
  await settle(page)
  await shot(page, 'payees-counter')
  // What is chosen of the other stays so while the first is paid.
  await payees.nth(1).locator('tbody .el-checkbox').first().click()
  await payees.first().locator('tbody .el-checkbox').first().click()
  await payees.first().getByTestId('collect').click()
  await page.locator('.pay').waitFor()
  const qr = page.locator('.pay img')
  assert.ok(await demo.scan(await qr.evaluate((image) => image.src)))
  await page.getByTestId('rest').filter({ hasText: branch.name }).waitFor()
  await settle(page)
  await shot(page, 'payees-counter-paid')
  await page.getByTestId('more').click()
  await page.locator('.pay').waitFor({ state: 'hidden' })
  const other = page.locator('.bills [role=group], .bills > div', { hasText: '新主体' }).last()
  await other.locator('tbody .el-checkbox.is-checked').first().waitFor()
  await other.getByTestId('collect').click()
  await page.locator('.pay').waitFor()
  assert.ok(await demo.scan(await qr.evaluate((image) => image.src)))
  await page.getByTestId('next-home').click()
  await page.locator('input[name=unit]:focus').waitFor()
  assert.equal(await page.locator('input[name=unit]').inputValue(), '')
  assert.deepEqual(page.errors, [])
  await page.context().close()
})
