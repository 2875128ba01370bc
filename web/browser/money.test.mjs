// Payment codes, cash, refunds and money that was paid twice, as the people at the desks and the resident see them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { selectors } from 'playwright-core'
import {
  api,
  collect,
  eventually,
  goTo,
  logIn,
  open,
  pairTerminal,
  patience,
  resident,
  scanCode,
  settle,
  shot,
  startBrowser,
  startDemo,
  step,
  terminal,
  toQR,
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

const clean = (...pages) => {
  for (const p of pages) assert.deepEqual(p.errors, [])
}

// payTwice lets a resident pay the first bill with both wallets: Alipay is kept, WeChat's page is on the way back. It
// returns the resident's page, and the address of the page behind the QR.
async function payTwice(demo, i) {
  const phone = await resident(browser, demo, demo.residents[i].phone)
  await phone.getByTestId('unit').first().click()
  const bills = phone.locator('.bills .van-cell')
  await bills.first().waitFor()
  for (let i = 1; i < (await bills.count()); i++) await bills.nth(i).click()
  await phone.locator('.van-submit-bar__button').click()
  await phone.locator('button[value=wechat]').waitFor()
  const address = phone.url()
  await phone.locator('button[value=wechat]').click()
  await phone.getByTestId('confirm').waitFor()
  const other = await open(browser, 'phone', address)
  await other.locator('button[value=alipay]').click()
  await other.getByTestId('confirm').click()
  await other.getByTestId('back').click()
  await other.locator('h1', { hasText: '支付成功' }).waitFor()
  await demo.fault({ institution: 'wechat', fault: 'paid_after_close' })
  await phone.getByTestId('confirm').click()
  await phone.getByTestId('back').click()
  await phone.getByTestId('surplus').waitFor()
  clean(other)
  return [phone, address]
}

// confirmed has the payer of an amount enter the password; others may be asked for theirs at the same time.
async function confirmed(wallet, amount) {
  const fen = Number(amount.replace(/[^\d]/g, ''))
  const mine = (all) => all.filter((p) => p.wallet === wallet && p.amount_fen === fen)
  const [asked, ...others] = mine(await eventually(demo.waiting, (all) => mine(all).length > 0, `${wallet} asks`))
  assert.deepEqual(others, [], 'two payers are asked for the same amount')
  assert.ok(await demo.confirm(asked.id))
}

const yes = (page) => page.locator('.el-message-box__btns .el-button--primary').click()
const tab = (page, name) => page.locator('.work .el-tabs__item', { hasText: name }).click()

async function closePay(page) {
  await page.keyboard.press('Escape')
  const asked = page.locator('.el-message-box').filter({ visible: true }) // whether a live QR may be lost
  await Promise.race([page.locator('.pay').waitFor({ state: 'detached' }), asked.waitFor()])
  if (await asked.count()) await yes(page)
  await page.locator('.pay').waitFor({ state: 'detached' })
}

describe('money at the desks', { concurrency: 3 }, () => {
  test('a code that is never confirmed is reversed on the terminal, and a fresh one pays', async () => {
    const screen = await terminal(browser, demo)
    await toQR(screen, '1-1-401')
    await shot(screen, 'terminal-qr-or-code')
    await demo.fault({ institution: 'wechat', fault: 'timeout_before_effect', operation: 'reverse' })
    await scanCode(screen, await demo.code({ wallet: 'wechat', ask_password: true }))
    await step(screen, 'waiting')
    await shot(screen, 'terminal-code-waiting')
    await step(screen, 'reversing', 2 * patience)
    await shot(screen, 'terminal-code-reversing')
    await step(screen, 'reversed', 2 * patience)
    await shot(screen, 'terminal-code-reversed')
    await scanCode(screen, await demo.code({ wallet: 'alipay' }))
    await screen.getByTestId('paid').waitFor()
    clean(screen)
  })

  test('a code is refused with its reason, and one is paid after the password', async () => {
    const desk = await logIn(browser, demo, 'cashier')
    await collect(desk, '1-1-501')
    await settle(desk)
    await shot(desk, 'console-pay')
    await scanCode(desk, '6901234567892')
    await desk.getByTestId('code-wrong').waitFor()
    await shot(desk, 'console-code-not-a-code')
    await desk.getByTestId('camera').click()
    await desk.getByText('没有可用的摄像头').waitFor()
    const used = await demo.code({ wallet: 'alipay' })
    const refused = async (code, text, name) => {
      await scanCode(desk, code)
      await desk.locator('[data-step=refused]', { hasText: text }).waitFor()
      await eventually(() => desk.getByTestId('wedge').inputValue(), '')
      if (name) await shot(desk, name)
    }
    await refused(await demo.code({ wallet: 'wechat', valid_seconds: 0 }), '付款码已过期')
    await refused(await demo.code({ wallet: 'alipay', balance_fen: 1 }), '余额不足', 'console-code-balance-low')
    await scanCode(desk, await demo.code({ wallet: 'alipay', ask_password: true }))
    await step(desk, 'waiting')
    await shot(desk, 'console-code-waiting')
    await confirmed('alipay', await desk.locator('.pay .huge').textContent())
    await desk.getByTestId('outcome').waitFor()
    await settle(desk)
    await shot(desk, 'console-code-paid')
    await closePay(desk)
    await collect(desk, '1-1-501')
    await scanCode(desk, used)
    await desk.getByTestId('outcome').waitFor()
    await closePay(desk)
    await collect(desk, '1-1-502')
    await refused(used, '付款码无效、已过期或已使用', 'console-code-used')
    clean(desk)
  })

  test('a code is taken at once on an upright terminal, and a refusal is told there', async () => {
    const screen = await terminal(browser, demo, { size: 'upright' })
    await toQR(screen, '1-1-301')
    await shot(screen, 'upright-qr-or-code')
    await scanCode(screen, await demo.code({ wallet: 'wechat', balance_fen: 0 }))
    await step(screen, 'refused')
    await shot(screen, 'upright-code-refused')
    await scanCode(screen, await demo.code({ wallet: 'wechat', ask_password: true }))
    await step(screen, 'waiting')
    await shot(screen, 'upright-code-waiting')
    await screen.getByText('取消订单').waitFor({ state: 'detached' })
    await confirmed('wechat', await screen.locator('.charging .amount').textContent())
    await screen.getByTestId('paid').waitFor()
    await shot(screen, 'upright-code-paid')
    clean(screen)
  })

  test(
    'cash is taken with change; a refund asked for by the cashier is approved by finance, and exactly that is ' +
      'owed again',
    async () => {
      const desk = await logIn(browser, demo, 'cashier')
      await collect(desk, '2-1-501', 2)
      await desk.locator('.el-tabs__item', { hasText: '现金' }).click()
      await desk.locator('input[name=tendered]').fill('1')
      await desk.getByText('还差').waitFor()
      await desk.locator('input[name=tendered]').fill('400,50')
      await desk.getByText('逗号只用于千位分隔').waitFor()
      await desk.getByTestId('take-cash').click()
      await desk.getByText('逗号只用于千位分隔').waitFor()
      await eventually(() => desk.getByTestId('change').innerText(), '¥–')
      await settle(desk)
      await shot(desk, 'console-cash-comma')
      await desk.locator('input[name=tendered]').fill('￥４，０００。５')
      await desk.getByTestId('amount-read').getByText('¥4,000.50', { exact: true }).waitFor()
      await desk.locator('.handy button').last().click()
      await settle(desk)
      await shot(desk, 'console-cash')
      await desk.getByTestId('take-cash').click()
      await desk.getByTestId('outcome').waitFor()
      await settle(desk)
      await shot(desk, 'console-cash-paid')
      await closePay(desk)
      const [order] = (await api(desk, 'GET', '/v1/orders?limit=50')).items.filter(
        (o) => o.unit.label.includes('501') && o.attempts[0]?.institution === 'cash',
      )
      await goTo(desk, 'orders')
      await desk.locator('.rows tbody tr', { hasText: order.id }).click()
      await desk.getByTestId('refund-open').waitFor()
      assert.equal(await desk.getByTestId('check').count(), 0, 'nobody can be asked about cash')
      await desk.getByTestId('refund-open').click()
      await desk.locator('.refund-dialog', { hasText: '由收银员退付现金' }).waitFor()
      assert.equal(
        await desk.locator('.refund-dialog', { hasText: '原路' }).count(),
        0,
        'cash is said to go back the way it came',
      )
      await desk.locator('.refund-line').nth(1).locator('.el-checkbox').click()
      const amount = desk.getByTestId('refund-amount').first()
      await amount.fill('999999')
      await desk.getByTestId('amount-read').getByText('最多可退').waitFor()
      await desk.getByTestId('ask-refund').click()
      await desk.getByTestId('reason-wrong').waitFor()
      await desk.locator('input[name=reason]').fill('金额有误')
      await desk.getByTestId('ask-refund').click()
      await amount.fill('1,50')
      await desk.getByText('逗号只用于千位分隔').waitFor()
      await desk.getByTestId('ask-refund').click()
      await eventually(() => desk.getByTestId('refund-total').innerText(), '¥–')
      await settle(desk)
      await shot(desk, 'console-refund-comma')
      await amount.fill('12.34')
      await desk.getByTestId('amount-read').getByText('¥12.34', { exact: true }).waitFor()
      await settle(desk)
      await shot(desk, 'console-refund-dialog')
      await desk.getByTestId('ask-refund').click()
      await desk.locator('[data-refund=requested]').waitFor()

      const finance = await logIn(browser, demo, 'finance')
      await goTo(finance, 'refunds')
      const asked = finance.locator('.rows tbody tr', { hasText: order.id + 'R01' })
      await asked.waitFor()
      await shot(finance, 'console-refunds')
      await asked.getByTestId('approve').click()
      await settle(finance)
      await finance.getByTestId('decision').getByText(order.items[0].title).waitFor()
      await finance.getByTestId('decision').getByText('由收银员退付现金').waitFor()
      await shot(finance, 'console-refund-approve')
      await yes(finance)
      await asked.waitFor({ state: 'detached' })

      // whoever asks cannot decide: there is no button, and the API refuses
      await goTo(finance, 'orders')
      await finance.locator('.rows tbody tr', { hasText: order.id }).click()
      await finance.getByTestId('refund-open').click()
      await finance.locator('input[name=reason]').fill('住户申请')
      await finance.getByTestId('ask-refund').click()
      await finance.locator('[data-refund=requested]').waitFor()
      await finance.locator('.given').getByTestId('not-yours').filter({ hasText: '本人申请' }).waitFor()
      assert.equal(await finance.locator('.given').getByTestId('approve').count(), 0)
      const own = await api(finance, 'POST', `/v1/orders/${order.id}/refunds/2/decision`, { approve: true, note: '' })
      assert.deepEqual([own.status, own.detail], [403, '申请人不能审批自己的退款，请由另一人审批。'])
      await settle(finance)
      await shot(finance, 'console-refund-own')
      const second = await logIn(browser, demo, 'finance2')
      await goTo(second, 'refunds')
      const other = second.locator('.rows tbody tr', { hasText: order.id + 'R02' })
      await other.getByTestId('reject').click()
      await second.locator('.el-message-box input').fill('资料不全')
      await yes(second)
      await other.waitFor({ state: 'detached' })
      await finance.locator('[data-refund=rejected]').waitFor()

      await desk.getByTestId('handout').click()
      await yes(desk)
      await desk.locator('[data-refund=succeeded]').waitFor()
      await eventually(() => desk.getByTestId('standing').innerText(), '部分退款')
      await settle(desk)
      await shot(desk, 'console-refunded')
      await desk.evaluate(() => {
        window.print = () => {
          document.title = 'printed'
        }
      })
      await desk.getByTestId('print-refund').click()
      await desk.getByTestId('print-now').click()
      await desk.waitForFunction(() => document.title === 'printed')
      await desk.emulateMedia({ media: 'print' })
      await desk.getByTestId('paper-room').getByText('12.34').first().waitFor()
      await shot(desk, 'print-refund')
      await desk.emulateMedia({ media: 'screen' })
      await desk.keyboard.press('Escape')
      await desk.locator('.print-dialog').waitFor({ state: 'detached' })
      const { items } = await api(desk, 'GET', `/v1/units/${order.unit.id}/bills`)
      assert.deepEqual(
        order.items.map((i) => items.find((b) => b.title === i.title)?.owed),
        [1234, undefined],
      )
      await desk.keyboard.press('Escape')
      await collect(desk, '2-1-501')
      await eventually(() => desk.locator('.pay .huge').textContent(), /12\.34/)
      await closePay(desk)
      await desk.locator('.bills', { hasText: '已缴 ¥287.66' }).waitFor()
      await shot(desk, 'console-owed-again')
      clean(desk, finance, second)
    },
  )

  test('both wallets pay one order: the resident sees which is kept and that the other goes back', async () => {
    await demo.fault({ institution: 'wechat', fault: 'refund_slow', operation: 'refund' })
    const [phone, address] = await payTwice(demo, 0)
    await phone.locator('.surplus.refunding').waitFor()
    assert.match(
      await phone.getByTestId('surplus').textContent(),
      /微信支付的 ¥[\d.]+ 未用于本订单（订单已由另一笔付款支付），正在自动原路退回。/,
    )
    await shot(phone, 'checkout-surplus')
    await phone.locator('a.button').click()
    await phone.locator('[data-unapplied=refunding]', { hasText: '重复支付的' }).waitFor()
    await shot(phone, 'resident-surplus')
    const finance = await logIn(browser, demo, 'finance')
    await goTo(finance, 'exceptions')
    await tab(finance, '处理中')
    await finance.locator('[data-unapplied=refunding]').waitFor()
    await shot(finance, 'console-exceptions')
    const [slow] = await fetch(demo.wallet_url + '/refunds').then((r) => r.json())
    assert.ok((await fetch(`${demo.wallet_url}/refunds/${slow.id}/settle`, { method: 'POST', body: '{}' })).ok)
    await phone.locator('[data-unapplied=refunded]', { hasText: '已退回微信支付' }).waitFor({ timeout: 2 * patience })
    await eventually(() => phone.getByTestId('status').textContent(), '已支付')
    await shot(phone, 'resident-returned')
    await phone.goto(address + '/result')
    await phone.locator('.surplus.refunded').waitFor()
    await shot(phone, 'checkout-returned')
    await tab(finance, '已完结')
    await finance.locator('[data-unapplied=refunded]').click()
    await finance.locator('.el-timeline').waitFor()
    await settle(finance)
    await shot(finance, 'console-exception-order')
    await goTo(finance, 'messages')
    await finance.getByTestId('replay').first().waitFor()
    await shot(finance, 'console-messages')
    await finance.getByTestId('replay').first().click()
    await finance.locator('.el-message', { hasText: '处理结果' }).waitFor()
    clean(phone, finance)
  })

  test('money that waits for a person becomes a prepayment, and an abnormal refund is settled by hand', async () => {
    const careful = await startDemo({ LINLIPAY_SURPLUS: 'person' })
    try {
      const [phone] = await payTwice(careful, 0)
      await shot(phone, 'checkout-surplus-open')
      const finance = await logIn(browser, careful, 'finance')
      await goTo(finance, 'exceptions')
      const row = finance.locator('.rows tbody tr').first()
      await row.getByTestId('claim').click()
      await row.getByText('锦绣物业财务').waitFor()
      await shot(finance, 'console-exceptions-open')
      await row.getByTestId('prepay').click()
      await yes(finance)
      await finance.getByText('没有异常款').waitFor()
      await phone.goto(careful.base + '/resident')
      await phone.getByTestId('unit').first().click()
      await phone.getByTestId('prepaid').waitFor()
      await phone.locator('.bills .van-cell').first().waitFor()
      await shot(phone, 'resident-prepaid')
      await phone.locator('a[href$="/history"]').click()
      await phone.getByText('已转为预存').waitFor()
      await shot(phone, 'resident-history-surplus')

      const desk = await logIn(browser, careful, 'cashier')
      await collect(desk, '1-1-401')
      await scanCode(desk, await careful.code({ wallet: 'wechat' }))
      await desk.getByTestId('outcome').waitFor()
      await closePay(desk)
      const [order] = (await api(desk, 'GET', '/v1/orders?limit=1')).items
      await careful.fault({ institution: 'wechat', fault: 'refund_abnormal' })
      assert.equal(
        (
          await api(desk, 'POST', `/v1/orders/${order.id}/refunds`, {
            items: order.items.map(({ ref, amount }) => ({ ref, amount })),
            reason: '房屋过户',
          })
        ).status,
        201,
      )
      await goTo(finance, 'refunds')
      await finance.locator('.rows tbody').getByTestId('approve').click()
      await yes(finance)
      await tab(finance, '退款异常')
      await finance.getByTestId('by-hand').waitFor({ timeout: 2 * patience })
      await shot(finance, 'console-refunds-abnormal')
      await finance.getByTestId('by-hand').click()
      await finance.locator('.el-message-box input').fill('已银行转账给业主')
      await yes(finance)
      await finance.getByText('没有退款').waitFor()
      await tab(finance, '全部')
      await finance.locator('[data-refund=succeeded]').waitFor()
      await shot(finance, 'console-refunds-all')
      clean(phone, finance, desk)
    } finally {
      await careful.stop()
    }
  })
})

test('the new pages speak English', async () => {
  const desk = await logIn(browser, demo, 'cashier', true)
  await collect(desk, '3-1-401')
  await scanCode(desk, await demo.code({ wallet: 'wechat', balance_fen: 1 }))
  await step(desk, 'refused')
  await settle(desk)
  await shot(desk, 'english-console-pay')
  await desk.locator('.el-tabs__item', { hasText: 'Cash' }).click()
  await settle(desk)
  await shot(desk, 'english-console-cash')
  await closePay(desk)
  const finance = await logIn(browser, demo, 'finance', true)
  for (const [place, all] of [
    ['refunds', true],
    ['exceptions', true],
    ['messages', false],
  ]) {
    await goTo(finance, place)
    if (all) await tab(finance, 'All')
    await finance.locator('.el-table__row').first().waitFor()
    await shot(finance, 'english-console-' + place)
  }
  await goTo(finance, 'refunds')
  await tab(finance, 'All')
  await finance.locator('.rows tbody tr').first().click()
  await finance.locator('.el-timeline').waitFor()
  await settle(finance)
  await shot(finance, 'english-console-order')
  const screen = await open(browser, 'upright', demo.base + '/terminal')
  await screen.locator('.link').click()
  await pairTerminal(screen, await demo.pairingCode(2))
  await toQR(screen, '3-1-501')
  await scanCode(screen, await demo.code({ wallet: 'alipay', valid_seconds: 0 }))
  await step(screen, 'refused')
  await shot(screen, 'english-upright-refused')
  await scanCode(screen, await demo.code({ wallet: 'alipay', ask_password: true }))
  await step(screen, 'waiting')
  await shot(screen, 'english-upright-waiting')
  await confirmed('alipay', await screen.locator('.charging .amount').textContent())
  await screen.getByTestId('paid').waitFor()
  const phone = await resident(browser, demo, demo.residents[0].phone)
  await phone.getByTestId('unit').first().click()
  await phone.locator('a[href$="/history"]').click()
  await phone.locator('.bills .van-cell').first().waitFor()
  await phone.locator('.link').click()
  await phone.locator('.bills .van-cell', { hasText: 'went back' }).waitFor()
  await shot(phone, 'english-resident-history')
  await phone.locator('.bills .van-cell', { hasText: 'went back' }).click()
  await phone.locator('[data-unapplied=refunded]').waitFor()
  await shot(phone, 'english-resident-returned')
  clean(desk, finance, screen, phone)
})
