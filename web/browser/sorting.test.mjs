// The heads by which lists are sorted: by keyboard, said to who listens, asked of the server, kept in the address.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { eventually, goTo, startBrowser, startDemo } from './demo.mjs'
import { prepare } from './stage.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser, desks
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
  desks = (await prepare(browser, demo)).desks
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

// who looks, where, the field, and the orders after the head is pressed once and twice. Add a line for a new head.
for (const [who, place, by, ...presses] of [
  ['finance', 'orders', 'amount', '-amount', 'amount'],
  ['finance', 'refunds?state=all', 'refund_amount', '-refund_amount', 'refund_amount'],
  ['finance', 'refunds', 'requested_at', '-requested_at', 'requested_at'],
  ['finance', 'exceptions?state=all', 'unapplied_amount', '-unapplied_amount', 'unapplied_amount'],
  ['operations', 'bindings', 'requested_at', '-requested_at', 'requested_at'],
  ['operations', 'messages', 'received_at', 'received_at', ''],
  ['operations', 'terminals', 'last_seen_at', '-last_seen_at', 'last_seen_at'],
  ['operations', 'staff', 'name', 'name', '-name'],
  ['operations', 'staff', 'disabled', '-disabled', ''],
  ['operations', 'accounts', 'institution', '-institution', ''],
  ['operations', 'accounts', 'name', 'name', '-name'],
  ['auditor', 'record', 'at', 'at', ''],
]) {
  test(`${place} by ${by}`, async () => {
    const page = desks[who]
    await goTo(page, 'nope')
    await goTo(page, place)
    const head = page.locator(`.sort-head[data-sort=${by}]`)
    const said = () => page.locator('th', { has: head }).getAttribute('aria-sort')
    await head.waitFor()
    const usual = await said()
    for (const sort of presses) {
      await head.focus()
      const asked = page.waitForResponse(
        (r) =>
          r.request().method() === 'GET' &&
          new URL(r.url()).pathname.startsWith('/v1/') &&
          (sort ? new URL(r.url()).searchParams.get('sort') === sort : true),
      )
      await page.keyboard.press('Enter')
      assert.equal((await asked).status(), 200)
      await head.waitFor()
      await eventually(said, sort ? (sort.startsWith('-') ? 'descending' : 'ascending') : usual)
      await eventually(() => new URLSearchParams(page.url().split('?')[1]).get('sort') ?? '', sort)
      await page.locator('main .el-table__row').first().waitFor()
    }
    assert.deepEqual(page.errors, [])
  })
}
