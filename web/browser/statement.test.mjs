// The statement of a home: what the page and the printed sheets say of it is what the bills say.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, shot, startBrowser, startDemo } from './demo.mjs'

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

const yuan = (fen) => `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
const plain = (text) => text.replaceAll(',', '')
const day = (iso) => new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().slice(0, 10)

// printed is what the page prints, as the text of its sheets.
async function printed(page, file) {
  await page.evaluate(() => {
    window.print = () => {
      document.title = 'printed'
    }
  })
  await page.getByTestId('print-statement').click()
  await page.waitForFunction(() => document.title === 'printed')
  const path = join(demo.dir, file + '.pdf')
  writeFileSync(path, await page.pdf({ preferCSSPageSize: true, printBackground: true }))
  const info = execFileSync('pdfinfo', [path]).toString()
  assert.match(info, /Page size:\s+59[45]\.\d+ x 84[12]\.\d+/, 'it is A4')
  const sheets = execFileSync('pdftotext', ['-layout', path, '-']).toString().split('\f')
  return { sheets: sheets.filter((s) => s.trim()), run: plain(sheets.join('').replace(/\s+/g, '')) }
}

test('a home that changed its owner has a statement of each, on the page and on paper', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  const operations = await logIn(browser, demo, 'operations')
  const unit = (await api(desk, 'GET', '/v1/units?q=1-1-502')).items[0]
  const bills = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=all`)).items
  const [first] = bills
  assert.ok(first.owed > 3000, 'the first bill is owed')
  // a part of it is paid in cash, and a part of that goes back
  const order = await api(desk, 'POST', '/v1/orders', { unit: unit.id, bills: [first.id], amount: 3000 })
  await api(desk, 'POST', `/v1/orders/${order.id}/attempts`, { method: 'cash', tendered: 3000 })
  const owed = bills.reduce((sum, b) => sum + b.owed, 0) - 3000
  const changed = { owner: '欧阳接房', phone: '13911112222' }
  await api(operations, 'PUT', `/v1/units/${unit.id}/owner`, changed)

  await goTo(desk, `homes/${unit.id}`)
  await desk.getByTestId('to-statement').click()
  await desk.getByTestId('no-lines').waitFor() // the new owner owes nothing yet
  assert.match(await desk.getByTestId('statement-of').innerText(), /欧阳接房（现业主）/)
  await desk.getByTestId('debtor').click()
  await desk.locator('.el-select-dropdown__item', { hasText: unit.owner }).click()
  const lines = desk.getByTestId('statement-lines')
  await lines.waitFor()
  const closing = desk.locator('[data-sum=st_closing]')
  assert.ok(plain((await closing.innerText()).replace(/\s/g, '')).includes(yuan(owed)), await closing.innerText())
  await lines.getByText('收款').first().waitFor()
  assert.equal(
    await lines
      .locator('tbody tr', { hasText: '收款' })
      .getByText(/¥30\.00/)
      .count(),
    1,
  )

  await desk.reload() // the debtor stands in the address
  await lines.waitFor()
  assert.match(desk.url(), /statement\?tenure=0/)
  const statement = await api(desk, 'GET', `/v1/units/${unit.id}/statement?tenure=0`)
  assert.equal(statement.closing_balance, owed)
  assert.equal(await lines.locator('tbody tr').count(), Math.min(statement.lines.length, 100))

  const paper = await printed(desk, 'statement')
  await shot(desk, 'statement')
  const words = { 零: 0, 壹: 1, 贰: 2, 叁: 3, 肆: 4, 伍: 5, 陆: 6, 柒: 7, 捌: 8, 玖: 9 }
  const said = /大写人民币([^整分角]*元)/.exec(paper.run)?.[1] ?? ''
  assert.equal(fromChinese(said, words), Math.floor(owed / 100), `the sum in words: ${said}`)
  for (const part of [
    '对账单',
    unit.community_name,
    unit.label,
    unit.owner,
    `最早账单至${day(statement.created_at)}`,
    `截至${day(statement.created_at)}欠费合计${yuan(owed)}`,
    '收费单位（盖章）',
    '经办人（签字）',
    '本对账单不是发票',
    ...statement.lines.map((l) => l.title),
    ...statement.lines.map((l) => yuan(l.balance)),
  ])
    assert.ok(paper.run.includes(part.replace(/\s/g, '')), `${part} in\n${paper.sheets.join('\n')}`)
  if (statement.lines.length > 40) assert.ok(paper.sheets.length > 1)
  for (const sheet of paper.sheets.filter((s) => /出账|他处已缴/.test(s)))
    assert.match(sheet, /摘要 +单据号 +应收增加 +应收减少 +欠费余额/, 'each sheet has the head of the table')

  const [download] = await Promise.all([desk.waitForEvent('download'), desk.getByTestId('statement-file').click()])
  const rows = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n')
  assert.equal(rows.length, statement.lines.length + 3)
  assert.ok(rows.at(-1).endsWith(yuan(owed).slice(1)), rows.at(-1))

  await goTo(desk, `homes/${unit.id}/statement?tenure=0&to=2020-01-01`)
  await desk.getByTestId('no-lines').waitFor()
  await desk.getByTestId('every-day').click()
  await lines.waitFor()
  await lines.getByTestId('see-bill').first().click()
  await desk.getByTestId('bill').waitFor()
  await desk.keyboard.press('Escape')
  await desk.getByTestId('statement-home').click()
  await desk.waitForURL(new RegExp(`#/homes/${unit.id}$`))
  assert.deepEqual([...desk.errors, ...operations.errors], [])
})

// fromChinese reads whole yuan below a hundred million in capital figures.
function fromChinese(text, figures) {
  const places = { 拾: 10, 佰: 100, 仟: 1000 }
  let sum = 0,
    group = 0,
    figure = 0
  for (const c of text) {
    if (c in figures) figure = figures[c]
    else if (c in places) {
      group += figure * places[c]
      figure = 0
    } else {
      sum += (group + figure) * (c === '万' ? 10_000 : 1)
      group = figure = 0
    }
  }
  return sum
}
