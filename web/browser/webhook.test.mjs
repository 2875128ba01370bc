// A company's own system hears that an order was paid and that money went back, and the library of Standard Webhooks
// verifies what it is sent.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { approve, codeOf, connect, order, read, refund } from './client.mjs'
import { eventually, startDemo } from './demo.mjs'

let demo, erp
const sent = [] // what the system was sent: headers and body

before(async () => {
  erp = createServer(async (req, res) => {
    let body = ''
    for await (const part of req.setEncoding('utf8')) body += part
    sent.push({ headers: req.headers, body })
    res.writeHead(204).end()
  })
  await new Promise((ok) => erp.listen(0, '127.0.0.1', ok))
  demo = await startDemo()
})
after(() => {
  erp.close()
  return demo?.stop()
})

const as = (who) => {
  const { login, password } = demo.staff.find((s) => s.login === 'jinxiu-' + who)
  return connect(demo.base, { login, password })
}

const done = ({ data, error }) => {
  assert.equal(error, undefined, JSON.stringify(error))
  return data
}

test('what a system is sent is signed, numbered and complete', async () => {
  const [cashier, finance, finance2, operations] = await Promise.all(
    ['cashier', 'finance', 'finance2', 'operations'].map(as),
  )
  const url = `http://127.0.0.1:${erp.address().port}/hooks`
  const made = done(await operations.POST('/v1/webhook-endpoints', { body: { url, note: 'ERP' } }))
  const path = { id: made.endpoint.id }
  assert.equal(made.endpoint.state, 'proposed')
  const request = made.endpoint.request.id
  done(
    await finance.POST('/v1/webhook-endpoints/{id}/decision', { params: { path }, body: { request, approve: true } }),
  )

  const { id, amount } = (await order(cashier, '2-1-602', crypto.randomUUID())).order
  assert.ok(await demo.scan(await codeOf(cashier, id)))
  const paid = await eventually(
    () => read(cashier, id),
    (o) => o.status === 'paid',
    'the order is paid',
  )
  const { no } = await refund(finance, paid)
  await approve(finance2, id, no)

  const hook = new Webhook(made.secret)
  const heard = () =>
    sent.map(({ headers, body }) => hook.verify(body, headers)).filter((e) => e.object === 'order:' + id)
  const events = await eventually(
    () => heard().sort((a, b) => a.sequence - b.sequence),
    (all) => all.length === 2,
    'the order was paid and refunded',
  )
  assert.deepEqual(
    events.map((e) => [e.type, e.sequence, e.id]),
    [
      ['order.paid', 1, `evt_order-${id}_1`],
      ['order.refunded', 2, `evt_order-${id}_2`],
    ],
  )
  const { data } = events[1]
  assert.deepEqual([data.order.id, data.order.amount, data.refund.amount], [id, amount, amount])
  assert.deepEqual(data.order.payer, { name: '' })

  const { headers, body } = sent[0]
  assert.throws(() => hook.verify(body.replace('{', '{ '), headers), WebhookVerificationError)
  const seen = done(
    await finance.GET('/v1/webhook-endpoints/{id}/deliveries', { params: { path, query: { state: 'delivered' } } }),
  )
  assert.ok(seen.items.every((d) => d.attempts.at(-1).status === 204))

  const before = sent.length
  const event = events[0].id
  done(
    await operations.POST('/v1/webhook-endpoints/{id}/deliveries/{event}/replays', {
      params: { path: { ...path, event } },
    }),
  )
  await eventually(
    () => sent.slice(before).filter((s) => s.headers['webhook-id'] === event).length,
    1,
    'it was sent once more under the same id',
  )
})
