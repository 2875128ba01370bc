// A client generated from the OpenAPI document pays an order on the sandbox and gives the money back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { approve, codeOf, connect, order, read, refund } from './client.mjs'
import { eventually, startDemo } from './demo.mjs'

let demo
before(async () => (demo = await startDemo()))
after(() => demo?.stop())

const as = (who) => {
  const { login, password } = demo.staff.find((s) => s.login === 'jinxiu-' + who)
  return connect(demo.base, { login, password })
}

test('a generated client pays and refunds an order', async () => {
  const [cashier, finance, finance2] = await Promise.all(['cashier', 'finance', 'finance2'].map(as))
  const key = crypto.randomUUID()
  const made = await order(cashier, '2-1-602', key)
  assert.deepEqual([made.status, made.hit], [201, null])
  const again = await order(cashier, '2-1-602', key)
  assert.deepEqual([again.status, again.hit, again.order.id], [200, 'true', made.order.id])

  const { id, amount } = made.order
  assert.ok(await demo.scan(await codeOf(cashier, id)))
  const paid = await eventually(
    () => read(cashier, id),
    (o) => o.status === 'paid' && o.items.every((i) => !i.unsettled), // its bills too: else a refund is too early
    'the order is paid',
  )
  const { no } = await refund(finance, paid)
  await approve(finance2, id, no)
  const back = await eventually(
    () => read(finance, id),
    (o) => o.refunds?.[0].status === 'succeeded',
    'the money went back',
  )
  assert.equal(back.refunded, amount)
})
