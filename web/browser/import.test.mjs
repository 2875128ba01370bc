// Operations bring a workbook: try it, look at what would become of it, and take it in.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, goTo, logIn, settle, shot, startBrowser, startDemo } from './demo.mjs'
import { sheetsOf, workbook } from './xlsx.mjs'

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

const heads = [
  '小区',
  '楼栋',
  '单元',
  '房号',
  '业主',
  '手机',
  '费用项目',
  '账期',
  '应收金额(元)',
  '截止日期',
  '状态',
  '已收',
  '备注',
]
const row = (room, owner, phone, fee, amount, more = {}) => [
  '新苑',
  '1栋',
  '1单元',
  room,
  owner,
  phone,
  fee,
  more.period ?? '2026-12',
  amount,
  '2026-12-31',
  more.status ?? '',
  more.received ?? '',
  '',
]
const ledger = (...rows) => ({
  name: '十二月台账.xlsx',
  mimeType: 'application/octet-stream',
  buffer: workbook(heads, ...rows),
})
const first = () =>
  ledger(
    row(101, '王小明', '+86 138 0000 0101', '物业费', 120),
    row(102, '李四', '13800000102/13900000102', '物业费', '88.80'),
    row(103, '赵六', '', '物业费', 100, { received: '40' }),
    ['新苑合计', '', '', '', '', '', '', '', 308.8, '', '', '', ''],
  )
const count = (page, outcome) =>
  page
    .getByTestId('tile-' + outcome)
    .locator('b')
    .innerText()
// counted waits until the report counts lines so; that of the workbook before may still stand there.
const counted = (page, wanted) =>
  eventually(async () => {
    const outcomes = Object.keys(wanted)
    const counts = await Promise.all(outcomes.map((o) => count(page, o)))
    return Object.fromEntries(outcomes.map((o, i) => [o, counts[i]]))
  }, wanted)
const bring = async (page, file) => {
  await page.getByTestId('file').setInputFiles(file)
  await page.getByTestId('result').waitFor()
}

test('a workbook is tried, taken in, and comes again', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'import')
  await page.getByTestId('drop').waitFor()
  await shot(page, 'console-import')
  await bring(page, first())
  await counted(page, { imported: '1', warning: '1', refused: '1', skipped: '1' })
  await page.getByText('重复收取').waitFor()
  await page.getByText('新小区「新苑」，房屋 2 户').waitFor()
  await page.getByText('M「备注」').waitFor()
  await settle(page)
  await shot(page, 'console-import-tried')

  await page.getByTestId('tile-refused').click() // in the address
  await page.waitForURL(/outcome=refused/)
  await eventually(() => page.locator('[data-test=rows] .el-table__row').count(), 1)
  await page.goBack()
  await page.locator('[data-test=rows] .el-table__row').nth(2).waitFor()

  await page.getByTestId('go').click()
  await page.getByText('导入完成').waitFor()
  const saved = page.waitForEvent('download')
  await page.getByTestId('download').click()
  const reported = await saved
  assert.match(reported.suggestedFilename(), /导入报告\.xlsx$/)
  const texts = sheetsOf(readFileSync(await reported.path()))
  for (const text of ['拒绝', '账单', '已收', '40']) assert.ok(texts.includes(`>${text}<`), `${text} in the report`)
  await page.getByTestId('next').click()

  await bring(page, first())
  await counted(page, { unchanged: '2' })
  await page.getByTestId('nothing').waitFor()
  assert.equal(await page.getByTestId('go').count(), 0)

  await bring(
    page,
    ledger(
      row(101, '孙八', '13700000101', '停车费', 300),
      row(102, '李四', '13800000102', '物业费', 88.8, { status: '已缴' }),
    ),
  )
  await counted(page, { pending: '1', differs: '1' })
  await settle(page)
  await shot(page, 'console-import-asks')
  for (const what of ['owners', 'paid']) {
    await page.getByTestId('take-' + what).click()
    await settle(page)
  }
  await counted(page, { warning: '2' })
  await page.getByTestId('go').click()
  await page.locator('.el-message-box', { hasText: '更新业主（1 行）' }).waitFor()
  await page.locator('.el-message-box__btns .el-button--primary').click()
  await page.getByText('导入完成').waitFor()
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 })
    await settle(page)
    await shot(page, `console-import-${width}`)
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await goTo(page, 'homes')
  await page.locator('input[name=unit]').fill('+86 137 0000 0101')
  await page.keyboard.press('Enter')
  await page.getByText('孙八').first().waitFor()
  assert.deepEqual(page.errors, [])
})

// A column that nobody knows, with what may be money in it, and a fee whose name is much like that of another: each row
// waits until a person has ticked that it is no mistake.
test('a column of numbers and a fee much like another are taken by a tick each', async () => {
  const page = await logIn(browser, demo, 'operations')
  await goTo(page, 'import')
  const doubtful = (fee, extra) => ({
    ...ledger(),
    buffer: workbook([...heads, '内部甲'], [...row(201, '钱七', '13800000201', fee, 120), extra]),
  })
  await bring(page, doubtful('物业费', 36.5))
  await counted(page, { pending: '1' })
  assert.equal(await page.getByTestId('go').count(), 0)
  await settle(page)
  await shot(page, 'console-import-columns')
  await page.getByTestId('take-columns').click()
  await page.getByTestId('go').click()
  await page.locator('.el-message-box', { hasText: '忽略不认识的数字列（1 行）' }).waitFor()
  await page.locator('.el-message-box__btns .el-button--primary').click()
  await page.getByText('导入完成').waitFor()
  await page.getByTestId('next').click()

  await bring(page, doubtful('物业管理费', ''))
  await counted(page, { pending: '1' })
  await page.getByTestId('take-fees').waitFor()
  assert.equal(await page.getByTestId('take-columns').count(), 0)
  await settle(page)
  await shot(page, 'console-import-fees')
  await page.getByTestId('take-fees').click()
  await page.getByTestId('go').click()
  await page.locator('.el-message-box__btns .el-button--primary').click()
  await page.getByText('导入完成').waitFor()
  assert.deepEqual(page.errors, [])
})

test('what is no workbook is said, and the template is one', async () => {
  const page = await logIn(browser, demo, 'operations', true)
  await goTo(page, 'import')
  const wrong = page.getByTestId('wrong')
  for (const [name, content, says] of [
    ['bills.xls', 'x', /old \.xls/],
    ['bills.csv', 'a,b', /\.xlsx/],
    ['bills.xlsx', 'a,b\n', /CSV/],
    ['bills.xlsx', '', /empty/],
    ['bills.xlsx', workbook(['小区', '房号', '金额'], ['新苑', '101', '1']), /columns are missing/],
  ]) {
    await page
      .getByTestId('file')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) })
    await wrong.filter({ hasText: says }).waitFor()
  }
  await settle(page)
  await shot(page, 'console-import-wrong-en')
  const saved = page.waitForEvent('download')
  await page.getByTestId('template').click()
  const path = await (await saved).path()
  await bring(page, { name: 'template.xlsx', mimeType: 'application/octet-stream', buffer: readFileSync(path) })
  await page.getByTestId('nothing').waitFor()

  await page.keyboard.press('Escape') // everything by keyboard: the button that chooses a file opens the chooser
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Another file' }).focus()
  await page.keyboard.press('Enter')
  await (await chooser).setFiles(first())
  await page.getByTestId('tile-refused').waitFor()
  await settle(page)
  await shot(page, 'console-import-tried-en')
  assert.deepEqual(page.errors, [])
})

test('only operations import', async () => {
  const page = await logIn(browser, demo, 'cashier')
  await page.goto(demo.base + '/console#/import')
  await page.getByText('您的角色不能查看“导入”').waitFor()
})
