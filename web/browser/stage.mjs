// The demo, filled with what people do in a day, so that every page has something to show.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { another, api, eventually, logIn, open, resident, terminal, toQR } from './demo.mjs'

// asResident asks the API as the resident who is logged in on a phone's page.
export function asResident(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = {
        'Linli-Session': 'resident',
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
      }
      const r = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
      return { status: r.status, ...(await r.json().catch(() => ({}))) }
    },
    [method, path, body],
  )
}

// made is the answer of a call that must have worked.
async function made(answer) {
  const a = await answer
  assert.ok(!a.detail, JSON.stringify(a).slice(0, 300)) // a problem's
  return a
}

// order makes one for some bills of a room, or for an amount towards them.
async function order(cashier, room, bills = 1, amount) {
  const [unit] = (await api(cashier, 'GET', `/v1/units?q=${room}`)).items
  const { items } = await api(cashier, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)
  return made(
    api(cashier, 'POST', '/v1/orders', {
      unit: unit.id,
      bills: items.slice(0, bills).map((b) => b.id),
      amount,
      on_open: amount ? 'refuse' : 'supersede',
    }),
  )
}

async function byCode(demo, cashier, room, wallet, bills) {
  const o = await order(cashier, room, bills)
  await made(
    api(cashier, 'POST', `/v1/orders/${o.id}/attempts`, { method: 'code', auth_code: await demo.code({ wallet }) }),
  )
  return settled(cashier, o.id)
}

const settled = (cashier, id) =>
  eventually(
    () => api(cashier, 'GET', `/v1/orders/${id}`),
    (o) => o.status === 'paid',
    `order ${id} is paid`,
  )

async function inCash(cashier, room, bills, amount) {
  const o = await order(cashier, room, bills, amount)
  await made(api(cashier, 'POST', `/v1/orders/${o.id}/attempts`, { method: 'cash', tendered: o.amount + 5000 }))
  return settled(cashier, o.id)
}

// refund has the cashier ask for some of an order's first bill.
const refund = (cashier, o, amount) =>
  made(
    api(cashier, 'POST', `/v1/orders/${o.id}/refunds`, {
      items: [{ ref: o.items[0].ref, amount }],
      reason: '住户申请',
    }),
  )

// givenBack is money of an order that a person gave back on the institution's own page. It was noticed when this
// returns: whoever opens the order has the institution asked, but not twice within half a minute.
async function givenBack(demo, cashier, o, amount) {
  const payments = await fetch(demo.wallet_url + '/payments?paid=1').then((r) => r.json())
  const paid = payments.filter((p) => p.amount_fen === o.amount && p.title === o.title)
  assert.equal(paid.length, 1, `the wallet's payments of ${o.title}`)
  const answer = await fetch(`${demo.wallet_url}/payments/${paid[0].id}/refund`, {
    method: 'POST',
    body: JSON.stringify({ amount_fen: amount }),
  })
  assert.ok(answer.ok, `the institution gave nothing back: ${answer.status}`)
  await eventually(
    () => api(cashier, 'GET', `/v1/orders/${o.id}`),
    (now) => now.attempts.some((a) => a.returns), // WeChat Pay tells that some went back, not how much
    'what went back at the institution was noticed',
  )
}

// addressOf is what an order's QR says: the page behind it.
const addressOf = (demo, o) => new URL(o.qr.svg.replace(/\/qr\.svg.*$/, ''), demo.base).href

// paidTwice is an order that the resident paid with both wallets: what came second is unapplied.
async function paidTwice(browser, demo, page, o) {
  const { address } = o
  await page.goto(address)
  await page.locator('button[value=wechat]').click()
  await page.getByTestId('confirm').waitFor()
  const other = await open(browser, 'phone', address)
  await other.locator('button[value=alipay]').click()
  await other.getByTestId('confirm').click()
  await other.getByTestId('done').waitFor()
  await other.context().close()
  await demo.fault({ institution: 'wechat', fault: 'paid_after_close' })
  await page.getByTestId('confirm').click()
  await page.getByTestId('done').waitFor()
  return o
}

// ofResident is an order that the resident has not paid yet.
async function ofResident(demo, page) {
  const unit = (await asResident(page, 'GET', '/v1/units')).items[0]
  const { items } = await asResident(page, 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)
  const o = await made(
    asResident(page, 'POST', '/v1/orders', { unit: unit.id, bills: [items[0].id], on_open: 'supersede' }),
  )
  return { ...o, address: addressOf(demo, o) }
}

// ordersOf are the orders of a phone: one that was paid twice, and one in progress.
async function ordersOf(browser, demo, { phone }) {
  const page = await resident(browser, demo, phone)
  const unit = (await asResident(page, 'GET', '/v1/units')).items[0].id
  const ahead = await made(asResident(page, 'POST', '/v1/orders', { unit, prepay: 4200 }))
  await demo.scan(addressOf(demo, ahead))
  const twice = await paidTwice(browser, demo, page, await ofResident(demo, page))
  await page.goto(demo.base + '/resident')
  const open = await ofResident(demo, page)
  await page.context().close()
  return { twice, open }
}

// byCard is an order that a terminal's card application says is paid, and no institution has confirmed. It returns what
// the application was asked.
async function byCard(browser, demo, finance, finance2, room) {
  const now = await api(finance, 'GET', '/v1/routes?community=')
  const routes = [{ wallet: 'card', method: 'card_present', accounts: ['jinxiu-shengpay'] }]
  const asked = await api(finance, 'PUT', '/v1/routes', { routes, revision: now.revision })
  assert.ok(asked.request, asked.detail)
  await api(finance2, 'POST', '/v1/routes/decision', { request: asked.request.id, approve: true })
  const screen = await terminal(browser, demo)
  await toQR(screen, room)
  const call = screen.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/cards/calls'))
  await screen.getByTestId('swipe').click()
  await demo.present('swipe')
  await screen.getByTestId('paid').waitFor()
  await screen.context().close()
  return (await call).postData()
}

// endpoints are addresses of a company's systems in every state: one that takes all, one that takes nothing, one that
// said that it is gone and so was switched off, and one that waits for another person.
async function endpoints(operations, finance) {
  const system = createServer((req, res) => req.resume().on('end', () => res.writeHead(Number(req.url.slice(1))).end()))
  await new Promise((ok) => system.listen(0, '127.0.0.1', ok))
  system.unref()
  const ask = (status, note) => {
    const url = `http://127.0.0.1:${system.address().port}/${status}`
    return made(api(operations, 'POST', '/v1/webhook-endpoints', { url, note }))
  }
  for (const [status, note] of [
    [204, '用友 ERP'],
    [500, '金蝶财务'],
    [410, '业主小程序'],
  ]) {
    const { endpoint } = await ask(status, note)
    const at = `/v1/webhook-endpoints/${endpoint.id}`
    await made(api(finance, 'POST', at + '/decision', { request: endpoint.request.id, approve: true }))
    await made(api(operations, 'POST', at + '/tests'))
  }
  await ask(204, '数据大屏')
  await eventually(
    () => api(operations, 'GET', '/v1/webhook-endpoints?state=failing'),
    (page) => page.items.length === 1,
    'an endpoint was switched off',
  )
}

// inParts is a home whose first bill is paid in parts, one of them being paid now; from then on residents may pay a
// part.
async function inParts(demo, cashier, operations, finance, facts) {
  facts.part = await inCash(cashier, '1-1-502', 1, 5000)
  const held = await order(cashier, '1-1-502', 1, 2000)
  facts.held = { ...held, address: addressOf(demo, held) }
  const { settings } = await made(api(operations, 'GET', '/v1/settings'))
  const asked = { ...settings, part_payments: 'everybody', reason: '' }
  const { change } = await made(api(operations, 'PUT', '/v1/settings', asked))
  await made(api(finance, 'POST', '/v1/organisation/decision', { request: change.request.id, approve: true }))
}

// unpaid is the address of the page behind the QR of an order that a clerk makes just now: one lives for five minutes
// only.
export async function unpaid(demo, clerk) {
  return addressOf(demo, await order(clerk, '2-1-602'))
}

// prepare fills the demo. It returns what scenes need to know, and the consoles of those who filled it: one a role, and
// the clerk's, on which no scene is shown.
export async function prepare(browser, demo) {
  const people = ['cashier', 'finance', 'finance2', 'operations', 'auditor']
  const [cashier, finance, finance2, operations, auditor] = await Promise.all(
    people.map((who) => logIn(browser, demo, who)),
  )
  const owner = demo.residents[0]
  const facts = { owner, clerk: cashier, desks: { cashier: await another(cashier), finance, operations, auditor } }
  await Promise.all([
    atTheDesk(demo, cashier, finance, facts).then(async () =>
      Object.assign(facts, await ordersOf(browser, demo, owner)),
    ),
    inParts(demo, cashier, operations, finance, facts),
    paidAhead(cashier, facts),
    paidOut(cashier, finance, facts),
    byCard(browser, demo, finance, finance2, '1-1-701').then((call) => (facts.card_call = call)),
    bindingAsked(browser, demo, owner),
    changesAsked(operations),
    cutOver(operations, finance, facts),
  ])
  await deposits(cashier, finance, facts)
  await endpoints(operations, finance)
  facts.home = (await api(cashier, 'GET', '/v1/units?q=1-1-301')).items[0]
  await finance2.context().close()
  return facts
}

// atTheDesk is what a cashier collects in a day, and what goes back of it.
async function atTheDesk(demo, cashier, finance, facts) {
  facts.paid = await byCode(demo, cashier, '1-1-601', 'wechat', 2)
  facts.cash = await inCash(cashier, '1-1-602', 1)
  await refund(cashier, facts.cash, 100)
  const back = await byCode(demo, cashier, '1-1-702', 'alipay', 1)
  const asked = await refund(cashier, back, 200)
  await made(api(finance, 'POST', `/v1/orders/${back.id}/refunds/${asked.refund.no}/decision`, { approve: true }))
  const given = await byCode(demo, cashier, '1-1-802', 'wechat', 1)
  await givenBack(demo, cashier, given, 123)
}

// paidAhead is a home whose owner paid ahead, and a bill that was paid of it in part.
async function paidAhead(cashier, facts) {
  const [unit] = (await api(cashier, 'GET', '/v1/units?q=1-1-201')).items
  const o = await made(api(cashier, 'POST', '/v1/orders', { unit: unit.id, prepay: 30000 }))
  await made(api(cashier, 'POST', `/v1/orders/${o.id}/attempts`, { method: 'cash', tendered: 30000 }))
  await settled(cashier, o.id)
  const at = `/v1/units/${unit.id}`
  const [prepayment] = await eventually(
    async () => (await api(cashier, 'GET', at + '/prepayments')).items,
    (all) => all.length > 0,
    'what was paid ahead is kept',
  )
  const [bill] = (await api(cashier, 'GET', at + '/bills?status=unpaid')).items
  await made(api(cashier, 'POST', `/v1/prepayments/${prepayment.id}/draws`, { bill: bill.id, amount: 1234 }))
  facts.prepaid = { unit: unit.id, bill: bill.id, order: o.id, prepayment: prepayment.id }
}

// paidOut are payouts in every state, of what two owners paid ahead.
async function paidOut(cashier, finance, facts) {
  const ahead = async (room) => {
    const [unit] = (await api(cashier, 'GET', `/v1/units?q=${room}`)).items
    const o = await made(api(cashier, 'POST', '/v1/orders', { unit: unit.id, prepay: 90000 }))
    await made(api(cashier, 'POST', `/v1/orders/${o.id}/attempts`, { method: 'cash', tendered: 90000 }))
    const [prepayment] = await eventually(
      async () => (await api(cashier, 'GET', `/v1/units/${unit.id}/prepayments`)).items,
      (all) => all.length > 0,
      'what was paid ahead is kept',
    )
    return { unit: unit.id, prepayment: prepayment.id, at: `/v1/prepayments/${prepayment.id}/payouts` }
  }
  const cash = { amount: 1000, method: 'cash', payee: '李雷', reason: '由儿子代领' }
  const transfer = {
    amount: 12345,
    method: 'bank_transfer',
    payee: '韩梅梅',
    bank: '中国工商银行股份有限公司福州鼓楼支行',
    account: '6222 0214 0200 1234 567',
    reason: '住户已搬离，微信支付已超过一年',
  }
  const ask = async ({ at }, what) => (await made(api(cashier, 'POST', at, what))).payouts[0].id
  const asked = async (of, what, approve = true) => {
    const request = await ask(of, what)
    const note = approve ? undefined : '须业主本人领取'
    await made(api(finance, 'POST', `${of.at}/decision`, { request, approve, note }))
    return request
  }
  const one = await ahead('2-1-401')
  await asked(one, cash, false)
  const paid = await asked(one, transfer)
  await made(api(finance, 'POST', `${one.at}/${paid}/payment`, { reference: 'HD20261130001' }))
  const cancelled = await asked(one, cash)
  await made(api(finance, 'POST', `${one.at}/${cancelled}/cancellation`, { reason: '未来领取' }))
  await asked(one, cash)
  await asked(one, transfer)
  const other = await ahead('2-1-501')
  await ask(other, transfer)
  facts.payouts = { paid: one, asked: other }
}

// deposits are those of a home, and one of an owner with a phone: one that waits for a deduction, one that was deducted
// from, one that became a prepayment, and one with a long name.
async function deposits(cashier, finance, facts) {
  const [unit] = (await api(cashier, 'GET', '/v1/units?q=2-1-601')).items
  const take = async (home, name, prepay) => {
    const o = await made(api(cashier, 'POST', '/v1/orders', { unit: home, prepay, deposit: name }))
    await made(api(cashier, 'POST', `/v1/orders/${o.id}/attempts`, { method: 'cash', tendered: prepay }))
    const all = async () => (await api(cashier, 'GET', `/v1/units/${home}/deposits`)).items
    const found = await eventually(
      all,
      (some) => some.some((d) => d.deposit === name && d.balance),
      'a deposit is held',
    )
    return { order: o.id, id: found.find((d) => d.deposit === name).id }
  }
  const consent = '签字确认单 ZX-2026-018，物业与装修公司、业主三方于现场共同签字'
  const deduct = { amount: 80000, method: 'deduction', fee: '装修损坏赔偿', consent, reason: '验收发现走廊墙面破损' }
  const convert = { amount: 20000, method: 'prepayment', consent, reason: '业主要求抵物业费' }
  const ask = async ({ id }, what) =>
    (await made(api(cashier, 'POST', `/v1/prepayments/${id}/payouts`, what))).payouts[0].id
  const done = async (of, what) => {
    const body = { request: await ask(of, what), approve: true }
    await made(api(finance, 'POST', `/v1/prepayments/${of.id}/payouts/decision`, body))
  }
  const one = await take(unit.id, '装修押金', 300000)
  await done(one, deduct)
  await done(one, convert)
  await done(await take(unit.id, '门禁卡押金', 20000), convert)
  const asked = await take(unit.id, '地下二层商业街临时促销展位使用押金', 500000)
  await ask(asked, deduct)
  const mine = await take(facts.twice.unit.id, '装修押金', 300000)
  await done(mine, deduct)
  facts.deposits = { unit: unit.id, one, asked }
}

// bindingAsked is a tenant who asks for the home of an owner.
async function bindingAsked(browser, demo, owner) {
  const tenant = await resident(browser, demo, '13700000001')
  const [community, ...label] = owner.unit.split(' ')
  const [{ id }] = (await asResident(tenant, 'GET', `/v1/communities?name=${encodeURIComponent(community)}`)).items
  await made(
    asResident(tenant, 'POST', '/v1/bindings', {
      community: id,
      label: label.join(' '),
      method: 'office',
      note: '租户王五',
    }),
  )
  await tenant.context().close()
}

// cutOver has three communities move in: one is being checked, one waits to be locked, one is locked.
async function cutOver(operations, finance, facts) {
  const states = ['open', 'requested', 'locked']
  const { items } = await api(operations, 'GET', '/v1/cutovers?limit=3')
  facts.cutovers = Object.fromEntries(states.map((s, i) => [s, items[i].community]))
  for (const state of states) {
    const at = `/v1/communities/${facts.cutovers[state]}/cutover`
    const first_period = '2000-01' // nothing of what the other scenes collect is of before
    const owed = await made(api(operations, 'GET', `${at}?first_period=${first_period}`))
    assert.equal(owed.fees.length, 0)
    const totals = [{ fee: '物业费', amount: state === 'open' ? 1280050 : 0 }]
    const c = await made(api(operations, 'PUT', at, { first_period, totals, revision: 0 }))
    if (state === 'open') continue
    const asked = await made(
      api(operations, 'POST', `${at}/requests`, { revision: c.revision, reason: '已与原系统核对' }),
    )
    if (state === 'locked')
      await made(api(finance, 'POST', `${at}/decision`, { request: asked.request.id, approve: true }))
  }
}

// changesAsked are an account that is to change and a new member, which wait for others to approve them.
async function changesAsked(operations) {
  const { items: accounts } = await api(operations, 'GET', '/v1/merchant-accounts')
  const alipay = accounts.find((a) => a.institution === 'alipay')
  const account = `/v1/merchant-accounts/${alipay.id}`
  await made(
    api(operations, 'PATCH', account, {
      name: '支付宝二期',
      communities: [],
      settings: { seller_id: '2088000000000009' },
      rotate: false,
      replaces: '',
      reason: '换收款账户',
      revision: alipay.revision,
    }),
  )
  await made(
    api(operations, 'POST', '/v1/members', { name: '王小明', login: 'wang', roles: ['cashier'], communities: [] }),
  )
}
