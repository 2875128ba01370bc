// A bill is corrected: one person asks, another approves, and everybody sees what is owed since.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { api, goTo, logIn, resident, startBrowser, startDemo } from './demo.mjs'

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
const plain = async (of) => (await of.innerText()).replaceAll(',', '')

// approve has a person of finance approve what waits.
async function approve(title) {
  const finance = await logIn(browser, demo, 'finance')
  await goTo(finance, 'approvals')
  const change = finance.getByTestId('change').filter({ hasText: title })
  await change.getByTestId('see-record').click()
  await finance.getByTestId('bill').getByTestId('approve').click()
  await finance.locator('.el-message-box .el-button--primary').click()
  await finance.getByTestId('bill').getByTestId('correction').waitFor()
  assert.deepEqual(finance.errors, [])
  await finance.context().close()
}

test('a bill is reduced at the desk, and another one cancelled, by two people', async () => {
  const owner = demo.residents[0]
  const room = owner.unit
    .split(' ')
    .slice(1)
    .join('-')
    .replace(/栋|单元/g, '')
  const desk = await logIn(browser, demo, 'cashier')
  const unit = (await api(desk, 'GET', `/v1/units?q=${room}`)).items.find(
    (u) => `${u.community_name} ${u.label}` === owner.unit,
  )
  const bills = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  const [reduced, cancelled] = bills
  const ask = async (bill, fill) => {
    await goTo(desk, `collect/${unit.id}?q=${room}&bill=${bill.id}`)
    await desk.getByTestId('bill').getByTestId('correct').click()
    await fill(desk.locator('.correction-dialog'))
    await desk.getByTestId('ask-correction').click()
    await desk.getByTestId('bill').getByTestId('withdraw').waitFor()
    assert.equal(await desk.getByTestId('bill').getByTestId('approve').count(), 0, 'the asker may not approve')
    await goTo(desk, 'orders')
  }

  await ask(reduced, async (dialog) => {
    await dialog.locator('[name=amount]').fill('99999999')
    await dialog.locator('[name=reason]').fill('漏水')
    await desk.getByTestId('ask-correction').click()
    await dialog.getByText(/最多 ¥.*请先退款/).waitFor()
    await dialog.locator('[name=amount]').fill('1.50')
    assert.equal(await plain(dialog.getByTestId('after')), yuan(reduced.owed - 150))
  })
  await approve('减免 ¥1.50')
  await ask(cancelled, async (dialog) => {
    await dialog.locator('[data-kind=cancellation]').click()
    await dialog.locator('[name=reason]').fill('重复出账')
    await desk.getByTestId('ask-correction').click()
    await dialog.getByText('请选择作废之后能否重新出账').waitFor()
    await dialog.locator('[data-again=no]').click()
  })
  await approve('不再出账')

  await goTo(desk, `collect/${unit.id}?q=${room}`)
  await desk.locator('.bills').waitFor()
  const owed = (await api(desk, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  assert.ok(!owed.some((b) => b.id === cancelled.id), 'the cancelled bill is still owed')
  assert.equal(owed.find((b) => b.id === reduced.id).owed, reduced.owed - 150)
  assert.match(await plain(desk.locator('.bills')), new RegExp(`账单 ${yuan(reduced.amount)}，减免 ¥1.50`))

  await desk.getByTestId('every-bill').click()
  await desk.getByTestId('home-bills').getByText('已作废').waitFor()

  const order = await api(desk, 'POST', '/v1/orders', { unit: unit.id, bills: [reduced.id], on_open: 'refuse' })
  await goTo(desk, `collect/${unit.id}?q=${room}&bill=${reduced.id}`)
  await desk.getByTestId('bill-order').filter({ hasText: order.id }).waitFor() // whoever lowers it must wait for that
  await goTo(desk, 'orders')

  await goTo(desk, `homes/${unit.id}?q=${room}`)
  await desk.getByText('已作废').first().waitFor()
  await desk.getByRole('dialog').getByText('已作废').waitFor()

  const phone = await resident(browser, demo, owner.phone, { place: `#/units/${unit.id}` })
  await phone.getByText('减免 ¥1.50').first().waitFor()
  assert.equal(await phone.getByText('漏水').count(), 0, 'the reason is the staff’s')
  assert.deepEqual([...desk.errors, ...phone.errors], [])
})
