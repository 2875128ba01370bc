// The small ERP of docs/examples reads what was paid before it was there, hears of what is paid and refunded after,
// each twice, misses an hour, loses its endpoint, and counts to the fen what the ledger counts.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { approve, codeOf, connect, order, read, refund } from './client.mjs'
import { eventually, freePorts, startDemo } from './demo.mjs'

let demo, people, dir, erp, env
before(async () => {
  demo = await startDemo()
  const names = ['cashier', 'finance', 'finance2', 'operations']
  people = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await as(name)])))
  dir = mkdtempSync(join(tmpdir(), 'linlipay-erp-'))
  copyFileSync(join(import.meta.dirname, '../../docs/examples/erp.mjs'), join(dir, 'erp.mjs'))
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(dir, 'node_modules'))
})
after(async () => {
  erp?.kill('SIGKILL')
  line.close()
  await demo?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const as = (who) => {
  const { login, password } = demo.staff.find((s) => s.login === 'jinxiu-' + who)
  return connect(demo.base, { login, password })
}

const done = ({ data, error }) => {
  assert.equal(error, undefined, JSON.stringify(error))
  return data
}

// line is the network between the product and the ERP: up, it brings each message twice; down, it brings none.
let up = true
let refused = 0
const line = createServer(async (req, res) => {
  const body = []
  for await (const part of req) body.push(part)
  if (!up) {
    refused++
    return res.writeHead(503).end()
  }
  const send = () =>
    fetch(`http://127.0.0.1:${env.PORT}`, { method: 'POST', headers: req.headers, body: Buffer.concat(body) })
  try {
    await send()
    res.writeHead((await send()).status).end()
  } catch {
    res.writeHead(502).end()
  }
})

// startERP starts it, and waits until it has caught up.
async function startERP() {
  erp = spawn(process.execPath, ['erp.mjs'], { cwd: dir, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  erp.stdout.on('data', (d) => (said += d))
  await eventually(() => said, /listening/, 'the ERP has caught up')
}

async function stopERP() {
  const gone = new Promise((ok) => erp.once('exit', ok))
  erp.kill('SIGKILL')
  await gone
}

function report(day = '') {
  const run = spawnSync(process.execPath, ['erp.mjs', 'report', ...(day ? [day] : [])], { cwd: dir, encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout)
}

// paid makes an order of a home and has it paid by WeChat; its bills have the money too.
async function paid(room) {
  const { id } = (await order(people.cashier, room, crypto.randomUUID())).order
  assert.ok(await demo.scan(await codeOf(people.cashier, id)))
  const settled = (o) => o.status === 'paid' && o.items.every((i) => !i.unsettled)
  return eventually(() => read(people.cashier, id), settled, 'the order is paid')
}

async function givenBack(o) {
  const { no } = await refund(people.finance, o)
  await approve(people.finance2, o.id, no)
  const back = (now) => now.refunds?.[0].status === 'succeeded'
  await eventually(() => read(people.finance, o.id), back, 'the money went back')
}

// counted is what the ledger says of all days of which the product's first page tells.
async function counted() {
  const { today, yesterday } = done(await people.finance.GET('/v1/overview'))
  const sum = (of) => today[of] + yesterday[of]
  return [sum('received'), sum('received_count'), sum('refunded'), sum('refunded_count')]
}

const books = () => {
  const { received, received_count, refunded, refunded_count } = report()
  return [received, received_count, refunded, refunded_count]
}

// agrees waits until the ERP's books say what the ledger says, and that is so many payments and refunds.
const agrees = async (payments, refunds) => {
  const ledger = await eventually(counted, ([, came, , went]) => came === payments && went === refunds, 'the ledger')
  await eventually(books, ledger, 'the ERP has counted what the ledger has')
}

async function endpoint() {
  const url = `http://127.0.0.1:${line.address().port}/hooks`
  const { endpoint, secret } = done(await people.operations.POST('/v1/webhook-endpoints', { body: { url } }))
  const params = { path: { id: endpoint.id } }
  const body = { request: endpoint.request.id, approve: true }
  done(await people.finance.POST('/v1/webhook-endpoints/{id}/decision', { params, body }))
  return { params, secret }
}

test('an ERP counts what the ledger counts', async () => {
  await new Promise((ok) => line.listen(0, '127.0.0.1', ok))
  const rooms = ['1-1-401', '1-1-402', '1-1-501', '1-1-502', '2-1-602', '2-1-601', '2-1-501']
  const before = [await paid(rooms[0]), await paid(rooms[1])]
  await givenBack(before[1])

  const [port] = await freePorts(1)
  const { params, secret } = await endpoint()
  env = { ...process.env, BASE: demo.base, KEY: demo.api_key, SECRET: secret, PORT: port }
  await startERP()
  await agrees(2, 1) // by the list

  const heard = await paid(rooms[2])
  await givenBack(heard)
  await givenBack(before[0]) // of an order from before
  await agrees(3, 3) // by webhook

  up = false
  const missed = [await paid(rooms[3]), await paid(rooms[4])]
  await givenBack(missed[0])
  await eventually(
    () => refused,
    (n) => n >= 3,
    'three events were sent in vain',
  )
  assert.deepEqual(books().slice(1), [3, before[0].amount + before[1].amount + heard.amount, 3])
  up = true
  const body = { from: missed[0].created_at }
  const { events } = done(await people.operations.POST('/v1/webhook-endpoints/{id}/replays', { params, body }))
  assert.ok(events > 0, 'what waits for its next try is sent at once')
  await agrees(5, 4) // they came again

  await stopERP()
  done(await people.operations.DELETE('/v1/webhook-endpoints/{id}', { params })) // what is owed to it is given up
  await givenBack(missed[1])
  await paid(rooms[5])
  appendFileSync(join(dir, 'erp.jsonl'), '{"order": {"id": "20') // it died while it wrote
  env.SECRET = (await endpoint()).secret
  await startERP()
  await agrees(6, 5) // by the list
  await paid(rooms[6])
  await agrees(7, 5) // by the new endpoint
  await days()
})

// days holds each day against the ledger's, and a day that nothing moved on.
async function days() {
  const { today, yesterday } = done(await people.finance.GET('/v1/overview'))
  for (const { day, received, received_count, refunded, refunded_count } of [today, yesterday]) {
    // what is missing of events comes at its next try, which may be hours away: the books have it by the list
    const { missing: _, ...told } = report(day)
    assert.deepEqual(told, { day, received, received_count, refunded, refunded_count })
  }
  assert.equal(report('2020-01-01').received_count, 0)
  const lines = readFileSync(join(dir, 'erp.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
  const kept = lines.flatMap((l) => (l.event ? [l.event.id] : []))
  assert.equal(new Set(kept).size, kept.length, 'an event that came twice is kept once')
}
