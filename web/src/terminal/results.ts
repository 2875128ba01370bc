import { call, Problem, within } from '../api'
import type { Delivered, Order } from '../types'
import { patience, type DeviceSession } from './device'

// What the acquirer's application handed back is proof that a card was charged or undone, and perhaps the only one.
// It is kept, over restarts, until the server says that it has it, and signed anew each time that it is sent.

export type Fields = Record<string, string>

// Kept is a result that the server does not have yet.
export interface Kept {
  id: number // less than 0 where the disk did not take it
  device: string // the pairing that read it, whose key signs it
  path: string // where it is sent
  number: string // out_trade_no, or out_refund_no of a void
  fields: Fields
  read_at: number // seconds, by our own clock as it was then
}

// stored reports whether a result outlasts this page.
export const stored = (r: Kept) => r.id >= 0

// Shelf is where results outlast a restart.
export interface Shelf {
  all(): Promise<Kept[]>
  add(r: Omit<Kept, 'id'>): Promise<Kept>
  remove(id: number): Promise<void>
}

// resultText is what the device signs; terminal.Result.Text of the server says the same.
export function resultText(r: Omit<Kept, 'id' | 'path'>, timestamp: number): string {
  const line = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const field = (name: string) => `${line(name).replaceAll('=', '\\=')}=${line(r.fields[name])}\n`
  const head = ['linlipay-device-result', r.device, r.number, timestamp, r.read_at]
  return head.map((h) => `${h}\n`).join('') + Object.keys(r.fields).sort(byBytes).map(field).join('')
}

// byBytes orders names by their bytes in UTF-8, as the server does.
function byBytes(a: string, b: string): number {
  const [x, y] = [a, b].map((s) => new TextEncoder().encode(s))
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i]
  return x.length - y.length
}

const fieldsMost = 100
const bytesMost = 40_000 // of a result's fields, so that the server takes the request

// asFields makes what the bridge handed back into fields, whatever it is: what cannot be read may still be proof.
export function asFields(handed: unknown): Fields {
  if (typeof handed === 'string') {
    if (!handed.trim()) return {}
    try {
      const parsed = JSON.parse(handed) as unknown
      return typeof parsed === 'string' ? bounded({ unreadable: parsed }) : asFields(parsed)
    } catch {
      return bounded({ unreadable: handed })
    }
  }
  if (handed === undefined || handed === null) return {}
  if (typeof handed !== 'object' || Array.isArray(handed)) return bounded({ unreadable: asText(handed) })
  return bounded(Object.fromEntries(Object.entries(handed).map(([name, value]) => [name, asText(value)])))
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

// cut is the field of a result of which something is missing. The server takes no result with a line's end in a name
// (payment/devicereport.go), but keeps it for people: what is left of a result must not pass for the whole.
export const cut = '\ncut'

const bytesOf = (fields: Fields) => new TextEncoder().encode(JSON.stringify(fields)).length

// bounded leaves out the fields past the most, cuts the longest texts, and says so in cut. No institution's result has
// that many or any that long.
function bounded(whole: Fields): Fields {
  const [count, bytes] = [Object.keys(whole).length, bytesOf(whole)]
  if (count <= fieldsMost && bytes <= bytesMost) return whole
  const mark = { [cut]: `${count} fields, ${bytes} bytes` }
  const fields = Object.fromEntries(Object.entries(whole).slice(0, fieldsMost - 1))
  while (bytesOf(fields) > bytesMost) {
    const longest = Object.keys(fields).reduce((a, b) => (fields[a].length >= fields[b].length ? a : b))
    if (fields[longest].length < 2) return { unreadable: JSON.stringify(fields).slice(0, 4000), ...mark }
    fields[longest] = fields[longest].slice(0, fields[longest].length / 2)
  }
  return { ...fields, ...mark }
}

// trouble is why the server does not have a result yet, where it did not say so itself.
function trouble(code: string, zh: string, en: string): Problem {
  return new Problem(0, code, [zh, en], '', {})
}

// Results delivers what is kept. One that does not get through holds up nothing but later ones of the same payment or
// void.
export class Results {
  waiting: Kept[] = []
  private readonly refused = new Map<number, { problem: unknown; times: number; next: number }>()
  private readonly underWay = new Map<string, Promise<void>>()
  private readonly reporting = new Map<number, (d: Delivered) => void>()

  // onChange is called when something is kept, refused or delivered; onDelivered with what became of a result that
  // was not just reported. unwritten are results that the disk did not take, those of the pairing before this one too.
  constructor(
    private readonly shelf: Shelf,
    private readonly session: DeviceSession,
    private readonly onChange: (r: Results) => void = () => {},
    private readonly onDelivered: (d: Delivered) => void = () => {},
    readonly unwritten: Kept[] = [],
  ) {}

  // load reads what an earlier page left.
  async load() {
    const kept = await this.shelf.all()
    this.waiting = [...kept, ...this.unwritten]
    this.onChange(this)
  }

  // problem is what the last try to send a result came to; undefined is that it was not tried.
  problem(r: Kept): unknown {
    return this.refused.get(r.id)?.problem
  }

  // of lists what waits of an order.
  of(order: Order): Kept[] {
    return this.waiting.filter((r) => r.path.startsWith(`/v1/orders/${order.id}/`))
  }

  // report keeps a result and sends it. It throws when the server does not have it yet; it stays then.
  async report(path: string, number: string, fields: Fields): Promise<Delivered> {
    const r = { device: this.session.id, path, number, fields, read_at: Math.floor(Date.now() / 1000) }
    const kept = await this.shelf.add(r).catch(() => this.write(r))
    this.waiting = [...this.waiting, kept]
    this.onChange(this)
    let told: Delivered | undefined
    this.reporting.set(kept.id, (d) => {
      told = d
    })
    await this.deliver(path)
    this.reporting.delete(kept.id)
    if (told) return told
    throw (
      this.problem(kept) ??
      trouble('waits', '此前的刷卡结果尚未送达，请稍候。', 'An earlier result is not delivered yet.')
    )
  }

  // write keeps a result that the disk did not take, at least until it is delivered or the page ends.
  private write(r: Omit<Kept, 'id'>): Kept {
    const kept = { ...r, id: Math.min(0, ...this.unwritten.map((u) => u.id)) - 1 }
    this.unwritten.push(kept)
    return kept
  }

  // deliverAll sends all that waits: what the server refused a little more seldom each time, unless a person or a new
  // connection asks.
  async deliverAll(now = false) {
    if (now) for (const r of this.refused.values()) r.next = 0
    await Promise.all([...new Set(this.waiting.map((r) => r.path))].map((path) => this.deliver(path)))
  }

  private deliver(path: string): Promise<void> {
    const before = this.underWay.get(path) ?? Promise.resolve()
    const run = before
      .then(() => this.inOrder(path))
      .finally(() => {
        if (this.underWay.get(path) === run) this.underWay.delete(path)
      })
    this.underWay.set(path, run)
    return run
  }

  private async inOrder(path: string) {
    for (const r of this.waiting.filter((w) => w.path === path)) {
      if ((this.refused.get(r.id)?.next ?? 0) > performance.now()) return
      try {
        const told = await this.send(r)
        await this.forget(r)
        const reported = this.reporting.get(r.id) ?? this.onDelivered
        reported(told)
      } catch (e) {
        this.notYet(r, e)
        return
      }
    }
  }

  // send signs a result and sends it, and once more by the server's time where our clock was off. Nothing but its
  // number in a successful answer says that the server has it.
  private async send(r: Kept): Promise<Delivered> {
    for (let tries = 1; ; tries++) {
      const timestamp = this.session.timestamp()
      const body = {
        terminal: r.device === this.session.id ? undefined : r.device,
        fields: r.fields,
        read_at: r.read_at,
        timestamp,
        signature: await this.session.signed(resultText(r, timestamp), r.device),
      }
      try {
        const signal = within(patience)
        const told = await call<Delivered | undefined>('POST', r.path, { session: this.session, body, signal })
        if (told?.acknowledged === r.number) return told
        throw trouble('unacknowledged', '服务器尚未确认收到刷卡结果。', 'The server has not acknowledged the result.')
      } catch (e) {
        if (!this.session.learn(e) || tries === 3) throw e
      }
    }
  }

  private async forget(r: Kept) {
    if (!stored(r))
      this.unwritten.splice(
        this.unwritten.findIndex((u) => u.id === r.id),
        1,
      )
    else await this.shelf.remove(r.id).catch(() => undefined) // the server knows it again, after a restart
    this.waiting = this.waiting.filter((w) => w.id !== r.id)
    this.refused.delete(r.id)
    this.onChange(this)
  }

  private notYet(r: Kept, problem: unknown) {
    const status = problem instanceof Problem ? problem.status : 0
    const passing = status < 400 || status === 401 || status === 429 || status >= 500
    const times = passing ? 0 : (this.refused.get(r.id)?.times ?? 0) + 1
    const next = times ? performance.now() + Math.min(30_000 * 2 ** (times - 1), 600_000) : 0
    this.refused.set(r.id, { problem, times, next })
    this.onChange(this)
  }
}
