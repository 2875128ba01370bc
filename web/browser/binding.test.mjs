import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, goTo, logIn, resident, settle, shot, startBrowser, startDemo, terminal } from './demo.mjs'

// Who has a home in their app: by the code of the phone on record, by the office, and how the owner hears of it.

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

// at is a home of the demo, as its owner and as people write it.
function at(i) {
  const { phone, name, unit } = demo.residents[i]
  const [community, ...label] = unit.split(' ')
  return { phone, name, community, label: label.join(' ') }
}

async function fill(page, { community, label }) {
  await page.locator('.van-button', { hasText: /绑定房屋|Bind a unit/ }).click()
  await page.locator('input[name=community]').fill(community)
  await page.locator('input[name=label]').fill(label)
}

// narrow looks at a phone's page at 320 px, and wide again.
async function narrow(page, name) {
  await page.setViewportSize({ width: 320, height: 700 })
  await settle(page)
  await shot(page, name)
  await page.setViewportSize({ width: 390, height: 844 })
}

test(
  'a tenant binds by the code of the phone on record; the owner hears of it and undoes it ' + 'with one tap',
  async () => {
    const home = at(1)
    const tenant = await resident(browser, demo, '13700000000')
    await tenant.getByText('还没有绑定房屋').waitFor()
    await shot(tenant, 'resident-no-units')
    await fill(tenant, { ...home, label: '99栋 9单元 9999' })
    await shot(tenant, 'resident-bind')
    await narrow(tenant, 'resident-bind-narrow')
    await eventually(() => tenant.locator('form input').count(), 2, 'the owner’s name or phone is asked for')
    await tenant.locator('button[type=submit]').click()
    await tenant.getByTestId('code-sent').waitFor()
    const said = await tenant.getByTestId('code-sent').textContent()
    assert.equal(await tenant.getByTestId('demo-code').count(), 0)

    await goTo(tenant, '')
    await fill(tenant, home)
    await tenant.locator('button[type=submit]').click()
    await tenant.getByTestId('code-sent').waitFor()
    assert.equal(
      await tenant.getByTestId('code-sent').textContent(),
      said,
      'the page tells whether there is such a home',
    )
    await tenant.getByTestId('demo-code').waitFor()
    const code = (await tenant.getByTestId('demo-code').textContent()).match(/\d{6}/)[0]
    await tenant.locator('input[name=code]').fill(code === '111111' ? '222222' : '111111')
    await tenant.locator('button[type=submit]').click()
    await tenant.getByText('验证码不正确或已过期。').waitFor()
    await shot(tenant, 'resident-bind-code')
    await tenant.locator('input[name=code]').fill(code)
    await tenant.locator('button[type=submit]').click()
    await tenant.getByTestId('unit').waitFor()
    assert.doesNotMatch(await tenant.locator('main').textContent(), new RegExp(home.phone.slice(-4) + '|' + home.name))

    const owner = await resident(browser, demo, home.phone)
    const unit = owner.getByTestId('news').filter({ hasText: home.label })
    await unit.waitFor()
    await shot(owner, 'resident-news')
    await narrow(owner, 'resident-news-narrow')
    await unit.click()
    await owner.getByTestId('bound').filter({ hasText: '137****0000' }).waitFor()
    await owner.getByTestId('new').waitFor()
    await shot(owner, 'resident-people')
    await narrow(owner, 'resident-people-narrow')
    await owner.getByTestId('end').click()
    await owner.getByTestId('nobody').waitFor()
    await owner.getByTestId('ended').filter({ hasText: '业主解除' }).waitFor()
    await shot(owner, 'resident-people-ended')
    await goTo(owner, '')
    await owner.getByTestId('unit').first().waitFor()
    await eventually(() => owner.getByTestId('news').filter({ hasText: home.label }).count(), 0, 'read, and still news')

    await tenant.reload()
    await tenant.getByTestId('request').filter({ hasText: '业主解除' }).waitFor()
    await tenant.getByText('还没有绑定房屋').waitFor()
    clean(tenant, owner)
  },
)

test('the office approves and refuses who asks, and ends a binding', async () => {
  const home = at(0)
  const desk = await logIn(browser, demo, 'operations')
  await goTo(desk, 'bindings')
  await desk.getByTestId('no-bindings').waitFor()
  await shot(desk, 'console-bindings-empty')

  const tenant = await resident(browser, demo, '13700000001')
  await fill(tenant, home)
  await tenant.getByTestId('office').click()
  await tenant.locator('textarea[name=note]').fill('租户王五，租期至 2027 年 6 月')
  await shot(tenant, 'resident-ask-office')
  await tenant.getByTestId('send-request').click()
  await tenant.getByTestId('waits').waitFor()
  await shot(tenant, 'resident-waits')
  await tenant.locator('.van-button').click()
  await tenant.getByTestId('request').filter({ hasText: '待物业审核' }).waitFor()
  await shot(tenant, 'resident-requests')

  const other = await resident(browser, demo, '13700000002')
  await fill(other, { ...home, label: '一号别墅' })
  await other.getByTestId('office').click()
  await other.getByTestId('send-request').click()
  await other.getByTestId('waits').waitFor()

  await desk.locator('.bar .el-button').click()
  await desk.getByTestId('no-such-unit').waitFor()
  const row = (phone) => desk.locator('.rows tbody tr', { hasText: phone })
  await row('13700000001').getByText('租户王五').waitFor()
  await desk.getByTestId('bindings-waiting').filter({ hasText: '2' }).waitFor()
  await shot(desk, 'console-bindings')
  await eventually(() => row('13700000002').getByTestId('approve').isDisabled(), true)
  await row('13700000002').getByTestId('refuse').click()
  await desk.locator('.el-message-box__input input').fill('没有这个房号，请核对')
  await settle(desk)
  await shot(desk, 'console-binding-refuse')
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await row('13700000002').waitFor({ state: 'detached' })
  await row('13700000001').getByTestId('approve').click()
  await desk.getByTestId('decision').getByText(home.phone).waitFor()
  await settle(desk)
  await shot(desk, 'console-binding-approve')
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await desk.getByTestId('no-bindings').waitFor()

  await tenant.reload()
  await tenant.getByTestId('unit').waitFor()
  await other.locator('.van-button').click()
  await other.getByTestId('request').filter({ hasText: '没有这个房号，请核对' }).waitFor()
  await shot(other, 'resident-refused')

  await desk.getByTestId('state-bound').click()
  await row('13700000001').waitFor()
  await eventually(() => desk.evaluate(() => location.hash), /bindings\?state=bound/)
  await shot(desk, 'console-bindings-bound')
  await row('13700000001').locator('a').click()
  await desk.locator('.el-drawer').getByTestId('bound').getByText('13700000001').waitFor()
  await settle(desk)
  await shot(desk, 'console-home')
  await desk.locator('.el-drawer').getByTestId('end').click()
  await desk.locator('.el-message-box__input input').fill('已退租')
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await desk.getByTestId('nobody-bound').waitFor()
  await tenant.reload()
  await tenant.getByTestId('request').filter({ hasText: '物业：已退租' }).waitFor()
  clean(desk, tenant, other)
})

test('a change of owner ends the bindings, and leaves the old phone its bills', async () => {
  const home = at(2)
  const desk = await logIn(
    browser,
    demo,
    demo.staff.some((s) => s.login === 'jinxiu-operations') ? 'operations' : 'cashier',
    true,
  )
  const old = await resident(browser, demo, home.phone)
  await old.getByTestId('unit').filter({ hasText: home.label }).filter({ hasText: home.community }).first().waitFor()
  await goTo(desk, 'homes?q=' + home.phone)
  await desk.locator('.rows tbody tr').first().click()
  await desk.getByTestId('owner-phone').getByText(home.phone).waitFor()
  await desk.getByTestId('change-owner').click()
  await desk.locator('input[name=owner]').fill('周新主')
  await desk.locator('input[name=owner_phone]').fill('12345')
  await desk.getByTestId('save-owner').click()
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await desk.getByText('A mobile number has 11 digits').waitFor()
  await desk.locator('input[name=owner_phone]').fill('13700000077')
  await settle(desk)
  await shot(desk, 'console-change-owner-en')
  await desk.getByTestId('save-owner').click()
  await desk.locator('.el-message-box').getByText('Bindings that end at once: 0').waitFor()
  await desk.locator('.el-message-box__btns .el-button--primary').click()
  await desk.getByTestId('owner-phone').getByText('13700000077').waitFor()

  await old.reload()
  const left = old.getByTestId('unit').filter({ hasText: home.label }).filter({ hasText: '原业主' })
  await left.first().waitFor()
  assert.doesNotMatch(await old.locator('main').textContent(), /周\*主/)
  await shot(old, 'resident-former')
  await left.first().click()
  await old.getByTestId('former').waitFor()
  await old.locator('.bills .van-cell').first().waitFor()
  assert.equal(await old.getByTestId('people').count(), 0)
  await shot(old, 'resident-former-bills')
  await old.locator('.van-submit-bar__button').click()
  await old.waitForURL(/\/q\//)

  const fresh = await resident(browser, demo, '13700000077', { english: true })
  await fresh.getByTestId('unit').click()
  await fresh.getByTestId('people').click()
  await fresh.getByTestId('nobody').waitFor()
  await shot(fresh, 'resident-people-en')
  await narrow(fresh, 'resident-people-en-narrow')
  clean(desk, old, fresh)
})

test('a terminal finds a home by its room and shows no digit of a phone', async () => {
  const screen = await terminal(browser, demo)
  await screen.getByTestId('start').click()
  await screen.getByText('请输入房号').waitFor()
  await shot(screen, 'terminal-find-room')
  await screen.keyboard.type('1')
  await screen.getByTestId('submit').click()
  await screen.locator('.cards .card').first().waitFor()
  const cards = (await screen.locator('.cards .card span').allTextContents()).join(' ')
  assert.doesNotMatch(cards, /\d|\*{4}/)
  await shot(screen, 'terminal-rooms')
  clean(screen)
})
