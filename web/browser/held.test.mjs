// What the system before held for households comes in by the workbook, stands at the home, and counts in the cut-over.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, shot, startBrowser, startDemo } from './demo.mjs'
import { workbook } from './xlsx.mjs'

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

test('a deposit of the system before comes in, counts in the cut-over, and stands at the home', async () => {
  const desk = await logIn(browser, demo, 'operations')
  const home = (await api(desk, 'GET', '/v1/units?q=1-1-401')).items[0]
  const [building, entrance, room] = home.label.split(' ')
  const row = (name, amount, more = []) => [home.community_name, building, entrance, room, name, amount, ...more]
  const sheet = workbook(
    ['小区', '楼栋', '单元', '房号', '款项', '余额', '缴款人', '缴款日期', '缴款方式', '收据号'],
    row('装修押金', '3000', ['安居装饰公司', '2024-11-02', '现金', 'SJ000123']),
    row('预存款', '128.50'),
    row('门禁卡押金', '很多'),
  )
  await goTo(desk, 'import')
  const file = { name: '押金.xlsx', mimeType: 'application/octet-stream', buffer: sheet }
  await desk.getByTestId('file').setInputFiles(file)
  await desk.getByTestId('import-held').getByText('3,128.50').waitFor()
  assert.match(await desk.getByTestId('tile-refused').innerText(), /1/)
  await shot(desk, 'console-held-trial')
  await desk.getByTestId('go').click()
  await desk.getByText('导入完成').waitFor()

  await goTo(desk, 'cutovers')
  await desk.getByRole('button', { name: home.community_name, exact: true }).click()
  const line = desk.getByTestId('cutover').locator('tr[data-fee="装修押金"]')
  await line.getByTestId('held').waitFor()
  assert.match(await line.innerText(), /3,000\.00/)
  const fen = (text) => Math.round(Number(text.replace(/[¥,]/g, '')) * 100)
  const rows = desk.getByTestId('cutover').locator('tbody tr')
  let owed = 0
  for (const row of await rows.filter({ hasNot: desk.getByTestId('held') }).all()) {
    owed += fen(await row.locator('td b').first().innerText())
  }
  assert.equal(fen(await desk.getByTestId('cutover-sum').innerText()), owed, 'what is held is not owed')
  await shot(desk, 'console-held-cutover')

  const cashier = await logIn(browser, demo, 'cashier')
  await goTo(cashier, `collect/${home.id}?q=1-1-401`)
  await cashier.getByTestId('deposits').getByText('¥3,000.00').waitFor()
  await cashier.getByTestId('prepaid').getByText('¥128.50').waitFor()
  await cashier.getByTestId('see-deposit').click()
  await cashier.getByTestId('opening').getByText('2024-11-02 · 安居装饰公司 · 现金 · 原收据 SJ000123').waitFor()
  await shot(cashier, 'console-held-record')
  assert.deepEqual([...desk.errors, ...cashier.errors], [])
})
