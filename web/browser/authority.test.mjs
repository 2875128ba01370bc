// Who decides, by the company's own table: it is asked for with a limit and approved by another person; a refund above
// the limit is not operations' to decide, until finance names them a deputy, and then the record says for whom.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, shot, sizes, startBrowser, startDemo } from './demo.mjs'

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

const yes = (page) => page.locator('.el-message-box__btns .el-button--primary').click()
const nameOf = async (page) => (await api(page, 'GET', '/v1/me')).name

// paidInCash is an order that the cashier took in cash, of a bill large enough to give something back of.
async function paidInCash(desk) {
  const owner = demo.residents[0]
  const room = owner.unit
    .split(' ')
    .slice(1)
    .join('-')
    .replace(/栋|单元/g, '')
  const unit = (await api(desk, 'GET', `/v1/units?q=${room}`)).items.find(
    (u) => `${u.community_name} ${u.label}` === owner.unit,
  )
  const bill = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items[0]
  const order = await api(desk, 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id], on_open: 'refuse' })
  const paid = await api(desk, 'POST', `/v1/orders/${order.id}/attempts`, {
    method: 'cash',
    tendered: order.amount,
  })
  assert.equal(paid.order?.status, 'paid', JSON.stringify(paid))
  return order
}

test('a table is asked for and approved, says who decides a refund, and a deputy decides in its place', async () => {
  const [desk, operations, finance] = [
    await logIn(browser, demo, 'cashier'),
    await logIn(browser, demo, 'operations'),
    await logIn(browser, demo, 'finance'),
  ]
  const order = await paidInCash(desk)
  const refund = async (amount) => {
    const asked = await api(desk, 'POST', `/v1/orders/${order.id}/refunds`, {
      items: [{ ref: order.items[0].ref, amount }],
      reason: '多收',
    })
    assert.equal(asked.refund?.status, 'requested', JSON.stringify(asked))
    return asked.refund
  }
  const [small, large] = [await refund(80), await refund(200)]

  // Without a table finance decides everything, and the page says so.
  await goTo(operations, 'authority')
  await operations.getByTestId('no-authority').filter({ hasText: '全部由财务审批' }).waitFor()
  await shot(operations, 'authority-none')
  await goTo(operations, 'refunds')
  await operations.getByTestId('not-yours').nth(1).waitFor()
  assert.equal(await operations.getByTestId('approve').count(), 0, 'operations decide without a table')

  await goTo(operations, 'authority')
  await operations.getByTestId('edit-authority').click()
  const form = operations.getByTestId('authority-form')
  await form.getByTestId('add-line').click()
  const limit = form.getByTestId('line-limit').last()
  await limit.fill('0')
  await form.getByTestId('save-authority').click()
  await form.getByText('限额须大于 0').waitFor()
  await limit.fill('1.00')
  await form.getByTestId('authority-diff').getByText('退款：运营，≤ ¥1.00，全部小区').waitFor()
  await shot(operations, 'authority-form')
  await form.locator('textarea[name=reason]').fill('总经理办公会决定')
  await form.getByTestId('save-authority').click()
  await operations.getByTestId('who-decides').waitFor()
  assert.equal(await operations.getByTestId('approve').count(), 0, 'the asker may not approve')

  await goTo(finance, 'authority')
  const change = finance.getByTestId('change')
  await change.getByText('总经理办公会决定').waitFor()
  assert.match(await change.innerText(), /运营 ≤ ¥1\.00；财务 不限金额/)
  await shot(finance, 'authority-waits')
  await finance.getByTestId('approve').click()
  await yes(finance)
  await finance.getByTestId('authority').getByText('≤ ¥1.00').waitFor()
  await shot(finance, 'authority')

  // Up to the limit operations decide; above it they are not offered to, and refused.
  await goTo(operations, 'first')
  await goTo(operations, 'refunds')
  const line = (r) => operations.locator('.rows tbody tr', { hasText: r.out_refund_no })
  await line(small).getByTestId('approve').click()
  await yes(operations)
  await line(small).waitFor({ state: 'detached' })
  await line(large).getByTestId('not-yours').waitFor()
  assert.equal(await line(large).getByTestId('approve').count(), 0)
  const decision = `/v1/orders/${order.id}/refunds/${large.no}/decision`
  const refused = await api(operations, 'POST', decision, { approve: true })
  assert.equal(refused.code, 'forbidden')
  assert.match(refused.detail, /须由负责该小区的财务审批/)

  // Finance names operations for today: the deputy decides, and the record has both.
  const [boss, deputy] = [await nameOf(finance), await nameOf(operations)]
  await finance.getByTestId('add-deputy').click()
  await finance.getByTestId('deputy-who').click()
  await finance.locator('.el-select-dropdown__item:visible', { hasText: deputy }).click()
  await shot(finance, 'authority-deputy-form')
  await finance.getByTestId('save-deputy').click()
  await finance.getByTestId('deputies').getByText(`${deputy} 代 ${boss}`).waitFor()
  await finance.setViewportSize({ width: 1280, height: 800 })
  await shot(finance, 'authority-deputies-1280')
  await finance.setViewportSize(sizes.console)

  await operations.reload()
  await line(large).getByTestId('in-place').getByText(`您代 ${boss} 审批`).waitFor()
  await shot(operations, 'authority-in-place')
  await line(large).getByTestId('approve').click()
  await yes(operations)
  await line(large).waitFor({ state: 'detached' })
  await goTo(finance, `orders/${order.id}`)
  await finance.getByText(`${deputy} 代 ${boss} 批准`).waitFor()
  await shot(finance, 'authority-decided')

  // Ended before its time, it stays on record.
  await finance.reload()
  await goTo(finance, 'authority')
  await finance.getByTestId('end-deputy').click()
  await yes(finance)
  await finance.getByTestId('past-deputies').locator('summary').click()
  await finance.getByTestId('past-deputies').getByText('已终止', { exact: true }).waitFor()
  assert.deepEqual([...operations.errors, ...finance.errors], [])
})
