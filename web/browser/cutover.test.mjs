// A community moves in: what was owed before is held against the system that it leaves, and locked by two people.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, startBrowser, startDemo } from './demo.mjs'

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

const yuan = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`

// owedBy adds up what homes owe of each fee before a period, bill by bill, as a person with the lists would.
async function owedBy(desk, community, first) {
  const sums = {}
  for (let cursor = '', more = true; more;) {
    const units = await api(desk, 'GET', `/v1/units?community=${community}&q=&limit=200&cursor=${cursor}`)
    for (const u of units.items) {
      const { items } = await api(desk, 'GET', `/v1/units/${u.id}/bills?status=unpaid&limit=200`)
      for (const b of items.filter((b) => b.period < first)) {
        sums[b.fee] ??= { amount: 0, bills: 0 }
        sums[b.fee].amount += b.billed
        sums[b.fee].bills++
      }
    }
    cursor = units.next ?? ''
    more = !!cursor
  }
  return sums
}

test('what a community owed before is entered, agrees, and is locked by two people', async () => {
  const desk = await logIn(browser, demo, 'operations')
  const { items } = await api(desk, 'GET', '/v1/cutovers')
  const { community, community_name: name } = items.at(-1)
  await goTo(desk, 'cutovers')
  await desk.getByRole('button', { name, exact: true }).click()
  const sheet = desk.getByTestId('cutover')
  await sheet.waitFor()
  const first = await sheet.locator('.el-date-editor input').inputValue()
  const sums = await owedBy(desk, community, first)
  const fees = Object.keys(sums)
  assert.ok(fees.length > 0, 'the demo owes something of before')

  const row = (fee) => sheet.locator(`tr[data-fee="${fee}"]`)
  const result = (fee) => row(fee).getByTestId('cutover-result').innerText()
  for (const fee of fees) {
    const text = (await row(fee).innerText()).replaceAll(',', '')
    assert.ok(text.includes(`¥${yuan(sums[fee].amount)}`), `${fee}: ${text} has ¥${yuan(sums[fee].amount)}`)
    assert.ok(text.includes(`${sums[fee].bills} 笔`), text)
    await row(fee)
      .locator('input')
      .first()
      .fill(yuan(sums[fee].amount + 1))
  }
  assert.equal(await result(fees[0]), '本系统少 ¥0.01')
  await desk.getByTestId('save-totals').click()
  await desk.getByText('已保存', { exact: true }).waitFor()
  assert.equal(await desk.getByTestId('ask-lock').count(), 0, 'what differs cannot be locked')
  for (const fee of fees) {
    const [amount, bills] = [row(fee).locator('input').first(), row(fee).locator('input').nth(1)]
    await amount.fill(yuan(sums[fee].amount))
    await bills.fill(String(sums[fee].bills + 1))
    assert.equal(await result(fee), '笔数不同')
    await bills.fill(String(sums[fee].bills))
    assert.equal(await result(fee), '一致')
  }
  await desk.getByTestId('save-totals').click()
  await desk.getByTestId('ask-lock').click()
  await sheet.getByTestId('withdraw').waitFor()
  assert.equal(await sheet.getByTestId('approve').count(), 0, 'the asker may not approve')
  assert.equal(await sheet.locator('input').count(), 0, 'nothing is entered while it waits')

  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'approvals')
  const change = finance.getByTestId('change').filter({ hasText: name })
  await change.getByTestId('see-record').click()
  const seen = finance.getByTestId('cutover')
  await seen.getByTestId('approve').click()
  await finance.locator('.el-message-box .el-button--primary').click()
  await seen.getByTestId('cutover-state').getByText('已锁定').waitFor()
  await seen.getByTestId('ask-open').click()
  await finance.locator('.el-message-box input').fill('漏了一户')
  await finance.locator('.el-message-box .el-button--primary').click()
  await seen.getByTestId('withdraw').click()
  await seen.getByTestId('ask-open').waitFor()
  const { state, matches } = await api(desk, 'GET', `/v1/communities/${community}/cutover`)
  assert.deepEqual([state, matches], ['locked', true])
  assert.deepEqual([...desk.errors, ...finance.errors], [])
})
