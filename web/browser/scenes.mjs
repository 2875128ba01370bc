// Every page of the product in every state, one line a page: who looks, and how they get there. `scripts/shots` takes
// their pictures, and axe.test.mjs holds them to what every page must be. A page that stands nowhere here fails there.
import { api, collect, goTo, pairTerminal, resident, settle, toQR } from './demo.mjs'
import { workbook } from './xlsx.mjs'

// sizes are what each face of the product is looked at with; large is type at 1.4 times.
export const sizes = {
  desk: { width: 1440, height: 900 },
  small_desk: { width: 1280, height: 800 }, // which English desks have where LINLIPAY_SMALL_DESK is set
  tall: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
  narrow_large: { width: 320, height: 640, large: true },
  wide: { width: 1280, height: 800 },
  wide_large: { width: 1280, height: 800, large: true },
  upright: { width: 720, height: 1280 },
  low: { width: 1024, height: 600 },
}
const phones = ['tall', 'narrow', 'narrow_large']
const pocket = ['desk', 'tall'] // pages of the console that people open on a phone
const terminals = ['wide', 'upright', 'low', 'wide_large', 'narrow', 'narrow_large']

// A face is one address of the product and whoever sits before it: enter opens its page, as that person.
// The desks have been logged in since the demo was filled.
const desk = (who) => ({ sizes: ['desk'], page: '/console', enter: (s) => s.facts.desks[who] })
const anybody = (page, some) => ({ sizes: some, page, enter: (s) => s.visit(page, some[0]) })
export const faces = {
  cashier: desk('cashier'),
  finance: desk('finance'),
  operations: desk('operations'),
  auditor: desk('auditor'),
  door: anybody('/console', ['desk', 'narrow']),
  start: anybody('/', ['desk', 'tall', 'narrow']),
  problems: anybody('/docs/problems', ['desk', 'narrow']),
  reference: { ...anybody('/docs', ['desk', 'narrow']), bilingual: true },
  guide: { ...anybody('/docs/webhooks.zh-CN.md', ['desk', 'narrow']), bilingual: true },
  phone: anybody('/resident', phones),
  resident: {
    sizes: phones,
    page: '/resident',
    enter: (s) => resident(s.browser, s.demo, s.facts.owner.phone),
  },
  screen: anybody('/terminal', terminals),
  terminal: {
    sizes: terminals,
    page: '/terminal',
    enter: async (s) => {
      const page = await s.visit('/terminal', 'wide')
      await pairTerminal(page, await s.demo.pairingCode())
      return page
    },
  },
  payer: { ...anybody('/q/', phones), enter: (s) => s.visit('', 'tall') },
  // the wallet is the sandbox's, and speaks both languages at once
  wallet: { sizes: phones, page: 'wallet', bilingual: true, enter: (s) => s.visit(s.demo.wallet_url + '/', 'tall') },
}

// A list is a page whose states come from what the server answers: see states in tour.mjs.
const whole = ['full', 'ugly', 'empty', 'loading', 'error']
const list = (as, place, more = {}) => ({
  as,
  name: `console-${place}`,
  place,
  states: whole,
  sizes: pocket,
  go: (p) => goTo(p, place),
  ...more,
})
const row = (p, text) => p.locator('.rows tbody tr, .work .el-table__row', { hasText: text }).first()
const opened = (p) => p.locator('.el-drawer__body:visible, .el-dialog:visible').first().waitFor()
// left is away from a page, and with it from its drawers and dialogs. Where that asks what becomes of what was entered,
// reload does not.
const left = (p) => goTo(p, 'nope')
const at = (p, ...steps) =>
  steps.reduce((done, s) => done.then(() => p.getByTestId(s).first().click()), Promise.resolve())

// box waits for a question that is asked in a box of its own; asked answers it with no.
const box = (p) => p.locator('.el-message-box:visible').waitFor()
// reload loads the page anew, and lets it come to where its address leads: an order that is opened late would lie over
// the page that is gone to next.
const reload = (p) => p.reload().then(() => settle(p))
// closing goes from a live order, which is asked about.
const closing = (p) =>
  goTo(p, 'homes')
    .then(() => box(p))
    .then(() => p.locator('.el-message-box:visible .el-button--primary').click())
    .then(() => p.locator('.pay').waitFor({ state: 'detached' }))
// retaken has the bills of the order that is shown collected anew, as from another window.
const retaken = async (p) => {
  const id = /order=(\d+)/.exec(new URL(p.url()).hash)[1]
  const { unit, items } = await api(p, 'GET', '/v1/orders/' + id)
  await api(p, 'POST', '/v1/orders', { unit: unit.id, bills: items.map((i) => i.ref), on_open: 'supersede' })
}
// toFirst counts the first page's numbers anew.
const toFirst = (p) => left(p).then(() => goTo(p, ''))

// toBills looks up a home at the counter, up to its bills; toPart an amount that is to be taken towards them.
async function toBills(p, room) {
  await goTo(p, 'orders')
  await goTo(p, 'collect')
  await p.locator('input[name=unit]').fill(room)
  await p.locator('.bar button[type=submit]').click()
  await p.locator('.units tbody tr').first().click()
  await p.locator('.bills tbody tr').first().waitFor()
}
async function toBill(p, room) {
  await toBills(p, room)
  await at(p, 'see-bill')
  await p.getByTestId('bill').waitFor()
}
// toPrepaid is a home whose owner paid ahead, at the counter, with what of it the address opens.
async function toPrepaid(p, s, more = '') {
  await goTo(p, 'orders')
  await goTo(p, `collect/${s.facts.prepaid.unit}?q=1-1-201${more}`)
  await p.getByTestId('prepaid').first().waitFor()
}
// toPayout is the prepayment of one of the homes with payouts.
async function toPayout(p, { unit, prepayment }) {
  await goTo(p, 'orders')
  await goTo(p, `collect/${unit}?q=2-1&prepayment=${prepayment}`)
  await p.getByTestId('payouts').waitFor()
}
// toDeposit is a home with deposits, at the counter, with the record of one of them.
async function toDeposit(p, s, of) {
  await goTo(p, 'orders')
  await goTo(p, `collect/${s.facts.deposits.unit}?q=2-1-601&prepayment=${of?.id ?? ''}`)
  await p
    .getByTestId(of ? 'pre-available' : 'deposit')
    .first()
    .waitFor()
}
// asking opens what is asked for of a deposit; with nothing said each field says what it needs.
const asking = (what) => async (p, s) => {
  await toDeposit(p, s, s.facts.deposits.one)
  await at(p, what, 'ask-payout')
}
async function toCorrection(p, room = '1-1-502') {
  await toBill(p, room)
  await at(p, 'correct')
  await p.locator('.correction-dialog').waitFor()
}
async function toPart(p, amount) {
  await toBills(p, '1-1-502')
  await at(p, 'part')
  await p.locator('input[name=part]').fill(amount)
  if (!amount) await p.keyboard.press('Enter')
}

// payPart has a resident enter what they pay of their bills; nothing is refused.
async function payPart(p, s, amount) {
  await goTo(p, `units/${s.facts.twice.unit.id}`)
  await at(p, 'part')
  await p.locator('input[name=part]').fill(amount)
  if (amount === '0') await p.keyboard.press('Enter')
}

// pressed opens the place and presses what leads to a dialog or a drawer.
const pressed =
  (place, ...steps) =>
  async (p) => {
    await goTo(p, place)
    await at(p, ...steps)
    await opened(p)
  }

// toPay has a paired terminal begin anew, up to the order of a home.
async function toPay(p, room) {
  await p.reload()
  await p.getByTestId('start').waitFor()
  await toQR(p, room)
}

// swipes has a card held to this terminal's reader, and to no other.
async function swipes(p, s, what) {
  const [asked] = await Promise.all([
    p.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/cards/calls')),
    p.getByTestId('swipe').or(p.getByTestId('swipe-sure')).first().click(),
  ])
  const text = asked.postData()
  await s.demo.present(what, (call) => text.includes(call.out_trade_no))
}

// aCall has a terminal wait at the sandbox's card reader, for as long as the wallet is looked at.
const aCall = (s) => {
  void fetch(s.demo.wallet_url + '/cards/calls', { method: 'POST', body: s.facts.card_call }).catch(() => undefined)
}

// A workbook with a line of each kind: taken, with a warning, refused, skipped.
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
const line = (room, owner, phone, amount, received = '') => [
  '新苑',
  '1栋',
  '1单元',
  room,
  owner,
  phone,
  '物业费',
  '2026-12',
  amount,
  '2026-12-31',
  '',
  received,
  '',
]
const ledger = {
  name: '十二月台账.xlsx',
  mimeType: 'application/octet-stream',
  buffer: workbook(
    heads,
    line(101, '王小明', '+86 138 0000 0101', 120),
    line(102, '李四', '13800000102/13900000102', '88.80'),
    line(103, '赵六', '', 100, '40'),
    ['新苑合计', '', '', '', '', '', '', '', 308.8, '', '', '', ''],
  ),
}
// ticks is one whose rows are taken only when a person has ticked that they are no mistake.
const ticks = {
  ...ledger,
  buffer: workbook(
    [...heads, '内部甲'],
    [...line(201, '钱七', '13800000201', 120), 36.5],
    [...line(202, '孙八', '13800000202', 100), ''],
    [...line(202, '孙八', '13800000202', 100).with(6, '物业管理费'), ''],
  ),
}

// orderOf opens an order's drawer from the list.
async function orderOf(p, order) {
  await goTo(p, 'orders')
  await row(p, order.id).click()
  await opened(p)
}

export const scenes = [
  { as: 'start', name: 'start' },
  { as: 'problems', name: 'problems' },
  { as: 'guide', name: 'guide' },
  { as: 'reference', name: 'reference' },
  { as: 'door', name: 'console-login' },
  {
    as: 'door',
    name: 'console-login-wrong',
    go: async (p) => {
      await p.locator('input[name=login]').fill('jinxiu-cashier')
      await p.locator('input[name=password]').fill('not this one')
      await p.locator('button[type=submit]').click()
      await p.getByRole('alert').first().waitFor()
    },
  },

  {
    as: 'door',
    name: 'console-welcome',
    place: 'welcome',
    go: (p) => goTo(p, 'welcome?login=wangmin&code=KVWYJW6N-QNYX7POG'),
  },
  { as: 'door', name: 'console-welcome-cut', go: (p) => goTo(p, 'welcome?login=wangmin') },

  { as: 'cashier', name: 'console-first', place: 'first', sizes: pocket, go: toFirst },
  {
    as: 'cashier',
    name: 'console-first-missing',
    go: (p) => p.locator('.now button[type=submit]').click(),
    leave: left,
  },
  ...['finance', 'operations'].map((as) => ({ as, name: `console-first-${as}`, go: toFirst })),
  {
    as: 'operations',
    name: 'console-first-new',
    sizes: pocket,
    states: ['founded'],
    go: async (p) => {
      await toFirst(p)
      await p.getByTestId('setup').waitFor()
    },
  },
  {
    as: 'auditor',
    name: 'console-first-auditor',
    sizes: pocket,
    states: ['full', 'broken', 'unverified', 'loading', 'error'],
    go: async (p, s, state) => {
      await toFirst(p)
      if (['full', 'broken', 'unverified'].includes(state)) await p.getByTestId('chains').waitFor()
    },
  },
  {
    as: 'finance',
    name: 'console-menu',
    sizes: ['tall'],
    go: async (p) => {
      await p.setViewportSize(sizes.tall)
      await p.getByTestId('open-menu').click()
      await opened(p)
    },
    leave: reload,
  },
  { as: 'cashier', name: 'console-nowhere', place: 'nowhere', go: (p) => goTo(p, 'nope') },
  list('finance', 'orders', {
    readme: { name: 'console', size: 'desk', width: 1440, height: 900 },
  }),
  { as: 'cashier', name: 'console-collect', sizes: pocket, place: 'collect', go: (p) => goTo(p, 'collect') },
  {
    as: 'cashier',
    name: 'console-collect-bills',
    sizes: pocket,
    states: ['full', 'ugly', 'error'],
    go: async (p, s, state) => {
      await goTo(p, 'orders')
      await goTo(p, 'collect')
      await p.locator('input[name=unit]').fill('1-1-301')
      await p.locator('.bar button[type=submit]').click()
      if (state !== 'error') await p.locator('.units tbody tr').first().click() // else no unit is found
    },
  },
  { as: 'cashier', name: 'console-collect-held', sizes: pocket, go: (p) => toBills(p, '1-1-502') },
  { as: 'cashier', name: 'console-collect-part', sizes: pocket, go: (p) => toPart(p, '23.45') },
  { as: 'cashier', name: 'console-collect-part-none', sizes: pocket, go: (p) => toPart(p, '') },
  { as: 'cashier', name: 'console-collect-part-over', sizes: pocket, go: (p) => toPart(p, '99999999') },
  { as: 'cashier', name: 'console-bill', sizes: pocket, go: (p) => toBill(p, '1-1-502'), leave: reload },
  { as: 'cashier', name: 'console-prepaid-home', sizes: pocket, go: (p, s) => toPrepaid(p, s) },
  {
    as: 'cashier',
    name: 'console-prepaid-top-up',
    sizes: pocket,
    go: async (p, s) => {
      await toPrepaid(p, s)
      await at(p, 'top-up')
      await at(p, 'make-top-up') // of nothing: the field says what it needs
    },
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-prepaid-use',
    sizes: pocket,
    go: async (p, s) => {
      await toPrepaid(p, s)
      await p.locator('.bills tbody .el-checkbox').first().click()
      await at(p, 'use-prepaid')
      await p.getByTestId('draw-form').waitFor()
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-prepaid-record',
    sizes: pocket,
    go: async (p, s) => {
      await toPrepaid(p, s, `&prepayment=${s.facts.prepaid.prepayment}`)
      await p.getByTestId('moves').waitFor()
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-prepaid-fees',
    sizes: pocket,
    go: async (p, s) => {
      await toPrepaid(p, s, `&prepayment=${s.facts.prepaid.prepayment}`)
      await at(p, 'limit')
      await p.getByTestId('fees-form').waitFor()
    },
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-prepaid-bill',
    sizes: pocket,
    go: async (p, s) => {
      await toPrepaid(p, s, `&bill=${s.facts.prepaid.bill}`)
      await p.getByTestId('bill-prepayment').waitFor()
    },
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-prepaid-refund',
    sizes: pocket,
    go: async (p, s) => {
      await goTo(p, `orders/${s.facts.prepaid.order}`)
      await at(p, 'refund-open')
      await p.getByTestId('refund-ahead').waitFor()
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-payout-record',
    sizes: pocket,
    go: (p, s) => toPayout(p, s.facts.payouts.paid),
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-payout-asked',
    sizes: pocket,
    go: (p, s) => toPayout(p, s.facts.payouts.asked),
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-payout-dialog',
    sizes: pocket,
    go: async (p, s) => {
      await toPayout(p, s.facts.payouts.paid)
      await at(p, 'pay-out', 'ask-payout') // with nothing said: each field says what it needs
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-payout-pay',
    sizes: pocket,
    go: async (p) => {
      await left(p)
      await goTo(p, 'payouts')
      await at(p, 'pay-payout')
      await p.getByTestId('pay-form').waitFor()
      await at(p, 'say-paid')
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-payout-approval',
    sizes: pocket,
    go: async (p) => {
      await goTo(p, 'approvals')
      await p.getByTestId('payout-facts').first().waitFor()
    },
  },
  { as: 'finance', name: 'console-payouts-paid', sizes: pocket, go: (p) => goTo(p, 'payouts?status=paid') },
  { as: 'cashier', name: 'console-deposits', sizes: pocket, go: (p, s) => toDeposit(p, s) },
  {
    as: 'cashier',
    name: 'console-deposit-take',
    sizes: pocket,
    go: async (p, s) => {
      await toDeposit(p, s)
      await at(p, 'take-deposit', 'make-top-up') // of nothing: the fields say what they need
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-deposit-record',
    sizes: pocket,
    go: (p, s) => toDeposit(p, s, s.facts.deposits.one),
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-deposit-asked',
    sizes: pocket,
    go: (p, s) => toDeposit(p, s, s.facts.deposits.asked),
    leave: reload,
  },
  { as: 'cashier', name: 'console-deposit-deduct', sizes: pocket, go: asking('ask-deduction'), leave: reload },
  { as: 'cashier', name: 'console-deposit-convert', sizes: pocket, go: asking('ask-prepayment'), leave: reload },
  {
    as: 'cashier',
    name: 'console-deposit-refund',
    sizes: pocket,
    go: async (p, s) => {
      await goTo(p, `orders/${s.facts.deposits.one.order}`)
      await at(p, 'refund-open')
      await p.getByTestId('refund-ahead').waitFor()
    },
    leave: reload,
  },
  { as: 'cashier', name: 'console-correction', sizes: pocket, go: (p) => toCorrection(p), leave: reload },
  {
    as: 'cashier',
    name: 'console-correction-cancel',
    sizes: pocket,
    go: async (p) => {
      await toCorrection(p, '1-1-301') // of which nothing is paid
      await p.locator('[data-kind=cancellation]').click()
      await p.getByTestId('ask-correction').click() // with nothing said: each field says what it needs
    },
    leave: reload,
  },
  {
    as: 'cashier',
    name: 'console-missing',
    sizes: pocket,
    go: async (p) => {
      await goTo(p, 'orders/202601010000000000000000')
      await p.getByTestId('missing-record').waitFor()
    },
  },
  {
    as: 'cashier',
    name: 'console-pay',
    go: async (p, s) => {
      await goTo(p, 'orders')
      await collect(p, '1-1-401')
    },
  },
  {
    as: 'cashier',
    name: 'console-pay-cash',
    go: async (p) => {
      await p.locator('.pay .el-tabs__item').nth(1).click()
      await p.locator('input[name=tendered]').fill('5000')
    },
    leave: closing,
  },
  {
    as: 'cashier',
    name: 'console-pay-taken-over',
    go: async (p, s) => {
      await goTo(p, 'orders')
      await collect(p, '1-1-401')
      await retaken(p)
      await p.getByTestId('new-order').waitFor()
    },
    leave: left,
  },
  list('cashier', 'homes', { states: ['full'] }),
  list('operations', 'bindings'),
  list('finance', 'refunds'),
  list('finance', 'payouts'),
  list('finance', 'returns'),
  list('finance', 'exceptions'),
  list('finance', 'unconfirmed'),
  list('finance', 'approvals'),
  list('operations', 'messages'),
  list('operations', 'organisation', { states: ['full', 'ugly', 'loading', 'error'], sizes: pocket }),
  {
    as: 'operations',
    name: 'console-organisation-entity',
    sizes: pocket,
    go: async (p) => {
      await pressed('organisation', 'add-entity')(p)
      await p.locator('input[name=entity-code]').fill('91350100M000100Y44')
      await at(p, 'add-bank', 'save-entity')
    },
    leave: reload,
  },
  {
    as: 'operations',
    name: 'console-organisation-region',
    go: pressed('organisation', 'add-region'),
    leave: reload,
  },
  {
    as: 'operations',
    name: 'console-organisation-move',
    go: async (p) => {
      await goTo(p, 'organisation')
      await p.getByTestId('places').locator('tbody .el-checkbox').first().click()
      await at(p, 'move')
      await opened(p)
    },
    leave: reload,
  },
  list('operations', 'authority', { states: ['full', 'ugly', 'empty', 'loading', 'error'], sizes: pocket }),
  {
    as: 'operations',
    name: 'console-authority-form',
    sizes: pocket,
    go: async (p) => {
      await p.reload() // the page may still show that it could not be read
      await pressed('authority', 'edit-authority')(p)
      await at(p, 'add-line')
      await p.getByTestId('line-limit').last().fill('0')
      await at(p, 'save-authority')
    },
    leave: reload,
  },
  {
    as: 'operations',
    name: 'console-authority-deputy',
    sizes: pocket,
    go: pressed('authority', 'add-deputy'),
    leave: reload,
  },
  list('operations', 'settings', { states: ['full', 'loading', 'error'], sizes: pocket }),
  {
    as: 'operations',
    name: 'console-settings-form',
    go: async (p) => {
      await p.reload() // the page may still show that it could not be read
      await pressed('settings', 'edit-settings')(p)
    },
    leave: reload,
  },
  list('operations', 'accounts'),
  list('operations', 'routes'),
  list('operations', 'webhooks'),
  list('finance', 'webhooks', { name: 'console-webhooks-to-approve', states: ['full'] }),
  ...['用友 ERP', '金蝶财务', '业主小程序'].map((system, i) => ({
    as: 'operations',
    name: `console-deliveries-${['delivered', 'pending', 'gone'][i]}`,
    sizes: pocket,
    go: async (p) => {
      await left(p) // the page may still show that it could not be read
      await goTo(p, 'webhooks')
      await p.getByTestId('open-endpoint').filter({ hasText: system }).click()
      await p.getByTestId('deliveries').waitFor()
    },
    leave: left,
  })),
  {
    as: 'operations',
    name: 'console-deliveries-none',
    sizes: pocket,
    go: (p) => goTo(p, 'webhooks?type=terminal.online'),
    leave: left,
  },
  {
    as: 'operations',
    name: 'console-webhooks-form',
    sizes: pocket,
    go: async (p) => {
      await p.reload() // the page may still show that it could not be read
      await pressed('webhooks', 'new-endpoint')(p)
    },
    leave: reload,
  },
  list('auditor', 'record'),
  list('operations', 'terminals'),
  list('operations', 'staff'),
  list('operations', 'clients'),
  list('finance', 'cutovers'),
  ...['open', 'requested', 'locked'].map((state) => ({
    as: 'operations',
    name: `console-cutover-${state}`,
    sizes: pocket,
    go: async (p, s) => {
      await left(p)
      await goTo(p, `cutovers/${s.facts.cutovers[state]}`)
      await p.getByTestId('cutover').waitFor()
    },
    leave: left,
  })),
  {
    as: 'operations',
    name: 'console-cutover-typed',
    sizes: pocket,
    go: async (p, s) => {
      await goTo(p, `cutovers/${s.facts.cutovers.open}`)
      await p.getByTestId('cutover').waitFor()
      await p.locator('.totals input').first().fill('1.234')
      await at(p, 'add-fee', 'save-totals') // a fee without a name, and an amount that is none
    },
    leave: reload,
  },
  { as: 'operations', name: 'console-import', place: 'import', sizes: pocket, go: (p) => goTo(p, 'import') },
  list('cashier', 'me', { states: ['full', 'error'] }),
  { as: 'finance', name: 'console-order', sizes: pocket, go: (p, s) => orderOf(p, s.facts.paid), leave: left },
  { as: 'finance', name: 'console-order-part', sizes: pocket, go: (p, s) => orderOf(p, s.facts.part), leave: left },
  { as: 'finance', name: 'console-order-refunds', go: (p, s) => orderOf(p, s.facts.cash), leave: left },
  {
    as: 'finance',
    name: 'console-print',
    paper: true,
    go: async (p, s) => {
      await orderOf(p, s.facts.paid)
      await at(p, 'print-receipt')
      await p.locator('.print-dialog:visible').waitFor()
    },
    boxed: true, // a paper stays as it was opened
    leave: left,
  },
  {
    as: 'finance',
    name: 'console-print-part',
    paper: true,
    go: async (p, s) => {
      await orderOf(p, s.facts.part)
      await at(p, 'print-receipt')
      await p.locator('.print-dialog:visible').waitFor()
    },
    boxed: true, // a paper stays as it was opened
    leave: left,
  },
  {
    as: 'finance',
    name: 'console-refund-form',
    sizes: pocket,
    go: async (p, s) => {
      await orderOf(p, s.facts.paid)
      await at(p, 'refund-open')
      await p.locator('.refund-dialog:visible').waitFor()
    },
    leave: left,
  },
  {
    as: 'finance',
    name: 'console-refund-wrong',
    go: async (p, s) => {
      await orderOf(p, s.facts.paid)
      await at(p, 'refund-open')
      await p.getByTestId('refund-amount').first().fill('99999999')
      await at(p, 'ask-refund')
    },
    leave: reload,
  },
  {
    as: 'finance',
    name: 'console-return-form',
    go: async (p) => {
      await left(p) // its list may have been shown in another state before
      await goTo(p, 'returns')
      await p.locator('main .acts button').first().click()
      await opened(p)
    },
    leave: left,
  },
  {
    as: 'cashier',
    name: 'console-home',
    sizes: pocket,
    go: async (p, s) => {
      await goTo(p, `homes/${s.facts.home.id}`)
      await opened(p)
    },
    leave: left,
  },
  {
    as: 'cashier',
    name: 'console-home-owner',
    go: (p, s) => pressed(`homes/${s.facts.home.id}`, 'change-owner')(p),
    leave: left,
  },
  {
    as: 'finance',
    name: 'console-statement',
    place: 'statement',
    states: ['full', 'ugly', 'loading', 'error'],
    sizes: pocket,
    go: (p, s) => goTo(p, `homes/${s.facts.cash.unit.id}/statement`),
    leave: left,
  },
  {
    as: 'finance',
    name: 'console-statement-none',
    sizes: pocket,
    go: async (p, s) => {
      await goTo(p, `homes/${s.facts.cash.unit.id}/statement?to=2020-01-01`)
      await p.getByTestId('no-lines').waitFor()
    },
    leave: left,
  },
  {
    as: 'operations',
    name: 'console-binding-approve',
    go: async (p) => {
      await goTo(p, 'bindings')
      await at(p, 'approve')
      await box(p)
    },
    boxed: true,
    leave: left,
  },
  {
    as: 'operations',
    name: 'console-binding-refuse',
    go: async (p) => {
      await goTo(p, 'bindings')
      await at(p, 'refuse')
      await box(p)
    },
    boxed: true,
    leave: left,
  },
  {
    as: 'operations',
    name: 'console-import-report',
    typed: [...heads, ledger.name, '账单', '新苑合计', '新苑'],
    go: async (p) => {
      await goTo(p, 'import')
      await p.getByTestId('file').setInputFiles(ledger)
      await p.getByTestId('result').waitFor()
    },
    leave: left,
  },
  {
    as: 'operations',
    name: 'console-import-ticks',
    sizes: pocket,
    typed: [...heads, '内部甲', ticks.name, '物业管理费', '物业费', '账单', '新苑'],
    go: async (p) => {
      await goTo(p, 'import')
      await p.getByTestId('file').setInputFiles(ticks)
      await p.getByTestId('take-columns').waitFor()
      await p.getByTestId('take-fees').waitFor()
    },
    leave: left,
  },
  { as: 'finance', name: 'console-order-exception', go: (p, s) => orderOf(p, s.facts.twice), leave: left },
  { as: 'operations', name: 'console-account-form', go: pressed('accounts', 'new-account'), leave: left },
  { as: 'operations', name: 'console-account-rotate', go: pressed('accounts', 'rotate'), leave: left },
  { as: 'operations', name: 'console-member-form', go: pressed('staff', 'add-member'), leave: left },
  { as: 'operations', name: 'console-client-form', go: pressed('clients', 'add-client'), leave: left },
  { as: 'operations', name: 'console-pair', go: pressed('terminals', 'pair'), leave: left },
  {
    as: 'operations',
    name: 'console-pair-missing',
    go: async (p) => {
      await pressed('terminals', 'pair')(p)
      await p.locator('.el-dialog:visible button[type=submit]').click()
    },
    leave: left,
  },

  { as: 'phone', name: 'resident-login' },
  {
    as: 'resident',
    name: 'resident-units',
    readme: { name: 'phone', size: 'tall', width: 390, height: 480 },
    place: '',
    states: ['full', 'ugly', 'empty', 'loading', 'error'],
    go: (p) => goTo(p, ''),
  },
  {
    as: 'resident',
    name: 'resident-bills',
    place: 'units/:unit',
    states: whole,
    go: (p, s) => goTo(p, `units/${s.facts.twice.unit.id}`),
  },
  {
    as: 'resident',
    name: 'resident-prepayments',
    place: 'units/:unit/prepayments',
    states: whole,
    go: (p, s) => goTo(p, `units/${s.facts.twice.unit.id}/prepayments`),
  },
  {
    as: 'resident',
    name: 'resident-prepayment-top-up',
    go: async (p, s) => {
      await goTo(p, `units/${s.facts.twice.unit.id}`)
      await at(p, 'top-up', 'pay-prepay') // of nothing: the sheet says what it needs
    },
    leave: reload,
  },
  {
    as: 'resident',
    name: 'resident-prepayment-use',
    go: async (p, s) => {
      await goTo(p, `units/${s.facts.twice.unit.id}`)
      await at(p, 'use-prepaid')
      await p.getByTestId('draw-of').first().waitFor()
    },
    leave: reload,
  },
  { as: 'resident', name: 'resident-part', go: (p, s) => payPart(p, s, '123.45'), leave: reload },
  { as: 'resident', name: 'resident-part-wrong', go: (p, s) => payPart(p, s, '0'), leave: reload },
  {
    as: 'resident',
    name: 'resident-history',
    place: 'units/:unit/history',
    states: whole,
    go: (p, s) => goTo(p, `units/${s.facts.twice.unit.id}/history`),
  },
  {
    as: 'resident',
    name: 'resident-people',
    place: 'units/:unit/people',
    states: whole,
    go: (p, s) => goTo(p, `units/${s.facts.twice.unit.id}/people`),
  },
  {
    as: 'resident',
    name: 'resident-pay',
    place: 'units/:unit/pay/:bills',
    go: (p, s) => goTo(p, `units/${s.facts.twice.unit.id}/pay/${s.facts.twice.items[0].ref}`),
  },
  { as: 'resident', name: 'resident-histories', place: 'history', states: whole, go: (p) => goTo(p, 'history') },
  { as: 'resident', name: 'resident-me', place: 'me', go: (p) => goTo(p, 'me') },
  { as: 'resident', name: 'resident-nowhere', place: ':nowhere(.*)*', go: (p) => goTo(p, 'nope') },
  { as: 'resident', name: 'resident-bind', place: 'bind', go: (p) => goTo(p, 'bind') },
  {
    as: 'resident',
    name: 'resident-order',
    place: 'orders/:id',
    states: ['full', 'ugly', 'loading', 'error'],
    go: (p, s) => goTo(p, `orders/${s.facts.twice.id}`),
  },
  { as: 'resident', name: 'resident-order-open', go: (p, s) => goTo(p, `orders/${s.facts.open.id}`) },
  { as: 'resident', name: 'resident-units-open', go: (p) => goTo(p, '') },
  {
    as: 'resident',
    name: 'resident-order-paid',
    go: async (p, s) => {
      await s.demo.scan(s.facts.open.address)
      await goTo(p, `orders/${s.facts.open.id}`)
      await p.locator('.van-icon-checked').first().waitFor()
    },
  },
  {
    as: 'resident',
    name: 'resident-offline',
    go: async (p) => {
      await goTo(p, '')
      await p.context().setOffline(true)
      await goTo(p, 'me')
      await goTo(p, '')
    },
    leave: (p) => p.context().setOffline(false),
  },

  { as: 'payer', name: 'checkout-choice', go: async (p, s) => p.goto(await s.unpaid()) },
  { as: 'payer', name: 'checkout-part', go: (p, s) => p.goto(s.facts.held.address) },
  { as: 'payer', name: 'checkout-paid', go: (p, s) => p.goto(s.facts.twice.address + '/result') },
  { as: 'payer', name: 'checkout-unknown', go: (p, s) => p.goto(s.demo.base + '/q/nothing-of-that-kind') },

  { as: 'wallet', name: 'wallet' },
  { as: 'wallet', name: 'wallet-code', go: (p) => p.getByTestId('code-wechat').click() },
  {
    as: 'wallet',
    name: 'wallet-reader',
    go: async (p, s) => {
      aCall(s)
      await p.goto(s.demo.wallet_url + '/')
      await p.getByTestId('card-call').first().waitFor()
    },
    leave: (p) =>
      p
        .locator('[data-do=leave]')
        .first()
        .click({ timeout: 2000 })
        .catch(() => undefined), // by either language
  },
  {
    as: 'wallet',
    name: 'wallet-sheet',
    go: async (p, s) => {
      await p.goto(s.demo.wallet_url + '/')
      await p.locator('textarea').fill(await s.unpaid())
      await p.locator('form button.go').click()
      await p.getByTestId('confirm').waitFor()
    },
  },
  {
    as: 'wallet',
    name: 'wallet-paid',
    go: async (p, s) => {
      await p.goto(s.demo.wallet_url + '/')
      await p.getByTestId('made-one').first().click()
      await p.getByTestId('merchant-page').locator('summary').click()
    },
  },

  { as: 'screen', name: 'terminal-pairing' },
  {
    as: 'screen',
    name: 'terminal-pairing-wrong',
    go: async (p) => {
      await p.keyboard.type('00000000')
      await at(p, 'submit')
      await p.getByRole('alert').first().waitFor()
    },
  },
  // on a paired terminal one screen follows the other
  { as: 'terminal', name: 'terminal-idle', before: true },
  { as: 'terminal', name: 'terminal-find', go: (p) => at(p, 'start') },
  {
    as: 'terminal',
    name: 'terminal-nothing',
    go: async (p) => {
      await p.keyboard.type('99-9-999')
      await at(p, 'submit')
      await settle(p)
    },
  },
  {
    as: 'terminal',
    name: 'terminal-units',
    go: async (p, s) => {
      await p.reload()
      await at(p, 'start')
      await p.keyboard.type('1')
      await at(p, 'submit')
      await p.locator('.cards .card').first().waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-bills',
    go: async (p, s) => {
      await p.reload()
      await at(p, 'start')
      await p.keyboard.type('1-1-902')
      await at(p, 'submit')
      await p.locator('.bill').first().waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-bills-held',
    go: async (p, s) => {
      await p.reload()
      await at(p, 'start')
      await p.keyboard.type('1-1-502')
      await at(p, 'submit')
      await p.getByTestId('held').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-qr',
    readme: { name: 'terminal', size: 'wide', width: 1280, height: 800 },
    go: async (p, s) => {
      await p.reload()
      await toQR(p, '1-1-902')
    },
  },
  { as: 'terminal', name: 'terminal-card', go: (p) => at(p, 'swipe') },
  { as: 'terminal', name: 'terminal-card-nothing', go: (p) => at(p, 'card-back') },
  {
    as: 'terminal',
    name: 'terminal-card-declined',
    go: async (p, s) => {
      await swipes(p, s, 'decline')
      await p.getByTestId('card-declined').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-cancelled',
    go: async (p, s) => {
      await p.reload()
      await at(p, 'cancel')
      await p.getByTestId('closed').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-paid',
    go: async (p, s) => {
      await p.reload()
      await p.getByTestId('start').waitFor()
      await toQR(p, '2-1-302')
      await s.demo.scan(await p.getByTestId('qr').evaluate((image) => image.src))
      await p.getByTestId('paid').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-card-paid',
    go: async (p, s) => {
      await toPay(p, '2-1-802')
      await swipes(p, s, 'swipe')
      await p.getByTestId('paid').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-card-unsent',
    go: async (p, s) => {
      await toPay(p, '2-1-902')
      await p.context().route('**/device-reports', (r) => r.abort())
      await swipes(p, s, 'swipe')
      await p.getByTestId('unsent').waitFor()
    },
  },
  {
    as: 'terminal',
    name: 'terminal-unsent-idle',
    go: async (p) => {
      await p.reload()
      await p.getByTestId('unsent').waitFor()
    },
    leave: async (p) => {
      await p.context().unrouteAll({ behavior: 'ignoreErrors' })
      await p
        .getByTestId('unsent')
        .locator('button')
        .click()
        .catch(() => undefined)
    },
  },
  {
    as: 'terminal',
    name: 'terminal-offline',
    go: async (p) => {
      await p.reload()
      await p.getByTestId('start').waitFor()
      await p.context().setOffline(true)
      await p.evaluate(() => window.dispatchEvent(new Event('offline')))
      await p.locator('[data-test=lost], .banner').first().waitFor()
    },
    leave: (p) => p.context().setOffline(false),
  },
  {
    as: 'terminal',
    name: 'terminal-card-doubt',
    go: async (p, s) => {
      await toPay(p, '2-1-702')
      await swipes(p, s, 'lose')
      await p.getByTestId('card-unknown').waitFor()
    },
  },
  { as: 'terminal', name: 'terminal-card-again', go: (p) => at(p, 'swipe-again') },
]
