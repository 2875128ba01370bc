// A small ERP, as a template to copy: it keeps a voucher for every payment and every refund, and its sums are those of
// LinliPay's ledger to the fen.
//
//   npm install standardwebhooks
//   BASE=https://pay.example.com KEY=llp_live_… SECRET=whsec_… node erp.mjs
//   node erp.mjs report 2026-11-28
//
// It reads from the list of orders what it has not seen, page by page: at its first start from yesterday on. From then
// on it hears of each order by webhook. At every start and once an hour it reads the list again, so that an hour in
// which it was down, or an event that was given up, leaves no hole in its books.
import { existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

const { BASE, KEY, SECRET, PORT = '8000', BOOKS = 'erp.jsonl', CATCH_UP_SECONDS = '3600' } = process.env

// The books. A real ERP has them in its database, in one transaction; here they are a file of lines, and a line is on
// the disk before anything is answered.

const vouchers = new Map() // by number: {no, order, bank, day, fen}; fen is an integer, below 0 for money that went
const orders = new Map() // by id: {id, version, status} as last told
const events = new Map() // which are here, by id: {id, object, sequence}
let place = { from: dayOf(Date.now() - 24 * 3600_000) + 'T00:00:00+08:00' } // where the list was left: {from, cursor}

function apply(line) {
  if (line.event) events.set(line.event.id, line.event)
  if (line.order && line.order.version >= (orders.get(line.order.id)?.version ?? 0))
    orders.set(line.order.id, line.order)
  for (const v of line.vouchers ?? []) vouchers.set(v.no, v) // again is the same voucher under the same number
  if (line.place) place = line.place
}

let file
let whole = 0 // bytes of the file that are whole lines: what follows was broken off by a crash, and never answered
function keep(line) {
  if (!file) {
    file = openSync(BOOKS, 'a')
    ftruncateSync(file, whole)
  }
  writeSync(file, JSON.stringify(line) + '\n')
  fsyncSync(file)
  apply(line)
}

if (existsSync(BOOKS)) {
  const text = readFileSync(BOOKS)
  whole = text.lastIndexOf('\n') + 1
  for (const line of text.toString('utf8', 0, whole).split('\n')) if (line) apply(JSON.parse(line))
}

// bookings are what an order says, by list or by event: the newest version says its status, and every version the
// payments and refunds that it has, for good. So it does not matter which comes first, or how often.
function bookings({ id, version, status, attempts, refunds = [] }) {
  const came = attempts
    .filter((a) => a.state === 'succeeded') // also one that the order could not keep (异常款)
    .map((a) => ({ no: `${id}/${a.no}`, order: id, bank: a.out_trade_no, day: dayOf(a.paid_at), fen: a.received }))
  const went = refunds
    .filter((r) => r.status === 'succeeded')
    .map((r) => ({
      no: `${id}/R${r.no}`,
      order: id,
      bank: r.out_refund_no,
      day: dayOf(r.succeeded_at),
      fen: -r.amount,
    }))
  return { order: { id, version, status }, vouchers: [...came, ...went].filter((v) => !vouchers.has(v.no)) }
}

// dayOf is the business day of an instant: times are UTC, days are those of Asia/Shanghai.
function dayOf(instant) {
  return new Date(new Date(instant).getTime() + 8 * 3600_000).toISOString().slice(0, 10)
}

// catchUp reads every order of which something became since it last did. The place is kept with each page: after a
// crash it goes on there.
async function catchUp() {
  do {
    const query = new URLSearchParams({ sort: 'updated_at', updated_from: place.from, limit: 200 })
    if (place.cursor) query.set('cursor', place.cursor)
    const { items, next } = await ask('/v1/orders?' + query)
    for (const order of items) keep(bookings(order))
    const newest = items.at(-1)?.updated_at ?? place.newest
    if (next) keep({ place: { ...place, newest, cursor: next } })
    // a minute that is read twice costs nothing, and what was written at once may be seen one after the other
    else keep({ place: { from: newest ? new Date(new Date(newest) - 60_000).toISOString() : place.from } })
  } while (place.cursor)
}

async function ask(path) {
  const answer = await fetch(BASE + path, { headers: { Authorization: `Bearer ${KEY}`, 'Accept-Language': 'en' } })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer.json()
}

// hear takes an event: verified on the bytes as they came, kept once, and answered only then. Anything but 2xx, or no
// answer, and it comes again.
async function hear(req, res) {
  let body = ''
  for await (const part of req.setEncoding('utf8')) body += part
  let event
  try {
    event = new Webhook(SECRET).verify(body, req.headers)
  } catch {
    return res.writeHead(400).end() // not ours, or old
  }
  const { id, object, sequence, data } = event
  if (!events.has(id)) keep({ event: { id, object, sequence }, ...(data.order && bookings(data.order)) })
  res.writeHead(204).end()
}

// report is what moved on a day, or on all of them, and how many events have not come: of each order they are numbered
// from 1 without a hole. What they tell is in the books all the same, once the list was read.
function report(day) {
  const sum = { day, received: 0, received_count: 0, refunded: 0, refunded_count: 0, missing: 0 }
  for (const { fen } of [...vouchers.values()].filter((v) => !day || v.day === day)) {
    if (fen > 0) sum.received += fen
    else sum.refunded -= fen
    sum[fen > 0 ? 'received_count' : 'refunded_count']++
  }
  const last = new Map() // the greatest number of each object
  for (const { object, sequence } of events.values()) last.set(object, Math.max(sequence, last.get(object) ?? 0))
  for (const sequence of last.values()) sum.missing += sequence
  sum.missing -= events.size
  return sum
}

if (process.argv[2] === 'report') {
  console.log(JSON.stringify(report(process.argv[3])))
} else {
  await catchUp()
  const server = createServer((req, res) => hear(req, res).catch(() => res.writeHead(500).end()))
  server.listen(Number(PORT), () => console.log('caught up, and listening'))
  setInterval(() => catchUp().catch(console.error), Number(CATCH_UP_SECONDS) * 1000) // tried again in an hour
}
