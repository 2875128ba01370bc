import { call, type Session } from './api'
import { Stream, type ServerEvent } from './stream'

// A browser opens at most six connections to a server (HTTP/1.1), over all its tabs. So the tabs of one person share
// one stream: one of them, the leader, has it and hands on what comes by a BroadcastChannel; when it goes, another
// takes the stream up at the last event that came. Any page shows it when the leader is silent, so that none depends on
// a tab that the browser put to sleep.

export interface LiveOptions {
  path: string
  session: Session
  onEvent: (name: string, data: unknown) => void
  onState: (live: boolean) => void
}

// What tabs say to each other. The term says who leads where two believe they do: the later one.
type Said =
  | { say: 'who' } // is there a leader? it answers here, and makes sure of its stream
  | { say: 'here'; term: number; live?: boolean; last: string } // said too whenever something came
  | { say: 'event'; term: number; event: ServerEvent }
  | { say: 'bye' } // the leader goes

const answerIn = 400 // ms that a leader may take to answer
const quiet = 9000 // ms after which a leader that says nothing is asked after
const lost = 3000 // the same while the server is lost and a person looks
const linger = 1000 // ms that a stream outlives its last listener: the next page wants it again

type Listener = Pick<LiveOptions, 'onEvent' | 'onState'>

// Shared is this tab's part in a stream.
class Shared {
  private readonly listeners = new Set<Listener>()
  private readonly channel?: BroadcastChannel
  private stream?: Stream // where this tab leads
  private term = 0
  private live?: boolean // undefined until it is known
  private last = ''
  private begun = false // a snapshot came, or the stream was joined while it was live
  private timer?: ReturnType<typeof setTimeout>

  constructor(
    private readonly name: string,
    private readonly path: string,
    private readonly session: Session,
  ) {
    this.channel = channelOf(name)
    if (this.channel) this.channel.onmessage = (e) => this.hear(e.data as Said)
    addEventListener('pagehide', this.leave)
    addEventListener('pageshow', this.comeBack)
    document.addEventListener('visibilitychange', this.look)
    this.begin()
  }

  join(l: Listener) {
    this.listeners.add(l)
    if (this.live !== undefined) l.onState(this.live)
    if (this.begun) l.onEvent('snapshot', { orders: [] })
  }

  // part takes a listener off; a while after the last one this tab's part ends.
  part(l: Listener) {
    this.listeners.delete(l)
    setTimeout(() => {
      if (!this.listeners.size && shared.get(this.name) === this) this.close()
    }, linger)
  }

  private close() {
    shared.delete(this.name)
    this.leave()
    removeEventListener('pagehide', this.leave)
    removeEventListener('pageshow', this.comeBack)
    document.removeEventListener('visibilitychange', this.look)
    this.channel?.close()
  }

  // begin looks for a leader, and leads where there is none. Where tabs cannot talk, one that nobody looks at has no
  // stream.
  private begin() {
    if (!this.channel) {
      if (!document.hidden) this.lead()
      return
    }
    this.say({ say: 'who' })
    this.after(answerIn, () => this.lead())
  }

  private say(what: Said) {
    this.channel?.postMessage(what)
  }

  private after(ms: number, work: () => void) {
    clearTimeout(this.timer)
    this.timer = setTimeout(work, ms)
  }

  private hear(m: Said) {
    switch (m.say) {
      case 'who':
        this.stream?.hurry()
        if (this.stream) this.sayHere()
        return
      case 'bye':
        // the others a little later or earlier
        if (!this.stream) this.after((Math.random() * answerIn) / 2, () => this.lead())
        return
      case 'here':
        if (!this.follows(m.term)) return
        if (m.last) this.last = m.last
        if (m.live !== undefined) this.state(m.live)
        this.after(this.live === false && !document.hidden ? lost : quiet, () => this.doubt())
        return
      case 'event':
        if (this.follows(m.term)) this.take(m.event)
    }
  }

  // follows reports whether the leader of a term is ours: an earlier one is not, and is told so.
  private follows(term: number): boolean {
    if (term < this.term && this.stream) this.sayHere()
    if (term < this.term || (term === this.term && this.stream)) return false
    this.term = term
    this.end()
    return true
  }

  // doubt asks after a leader that has been silent, and takes its place if there is no answer.
  private doubt() {
    this.state(false)
    this.begin()
  }

  private lead() {
    clearTimeout(this.timer)
    this.end()
    this.term = Math.max(this.term, Date.now() * 1000) + 1 + Math.floor(Math.random() * 999)
    this.stream = new Stream({
      path: this.path,
      session: this.session,
      last: this.last,
      onState: (live) => {
        this.sayHere()
        this.state(live)
      },
      onAlive: () => this.sayHere(),
      onEvent: (event) => {
        this.say({ say: 'event', term: this.term, event })
        this.take(event)
      },
    })
    this.sayHere()
  }

  private sayHere() {
    this.say({ say: 'here', term: this.term, live: this.stream?.live, last: this.stream?.last ?? this.last })
  }

  private end() {
    this.stream?.stop()
    this.stream = undefined
  }

  private take(e: ServerEvent) {
    if (e.id) this.last = e.id
    if (e.name === 'snapshot') this.begun = true
    const data: unknown = JSON.parse(e.data)
    this.each((l) => l.onEvent(e.name, data))
  }

  private state(live: boolean) {
    if (this.live === live) return
    this.live = live
    this.each((l) => l.onState(live))
    if (!live || this.begun || this.stream) return
    this.begun = true // before this tab came: what it fetches from now on lacks nothing
    this.each((l) => l.onEvent('snapshot', { orders: [] }))
  }

  // each calls every listener; one that fails keeps nothing from the others.
  private each(tell: (l: Listener) => void) {
    for (const l of [...this.listeners]) {
      try {
        tell(l)
      } catch (e) {
        setTimeout(() => {
          throw e
        })
      }
    }
  }

  private readonly leave = () => {
    clearTimeout(this.timer)
    if (this.stream) this.say({ say: 'bye' })
    this.end()
  }

  private readonly comeBack = (e: PageTransitionEvent) => {
    if (e.persisted) this.begin()
  }

  // look makes sure of the stream when a person looks at this tab again.
  private readonly look = () => {
    if (!document.hidden) {
      if (this.stream) this.stream.hurry()
      else this.begin()
    } else if (!this.channel) this.end()
  }
}

function channelOf(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(`linlipay-live ${name}`)
  } catch {
    return undefined // this browser has none, or blocks storage
  }
}

const shared = new Map<string, Shared>()

function join(person: string, path: string, session: Session, l: Listener): () => void {
  const name = `${person} ${path}`
  const part = shared.get(name) ?? new Shared(name, path, session)
  shared.set(name, part)
  part.join(l)
  return () => part.part(l)
}

// follow tells what happens at a path until it is stopped: a snapshot first, and again after a gap, then every change.
// A person's tabs share the stream; an order's changes are taken from all orders' where the person gets those anyway. A
// device has a stream of its own.
export function follow(o: LiveOptions): () => void {
  const { person } = o.session
  if (!person) return alone(o)
  const order = person.startsWith('staff') ? /^\/v1\/orders\/([^/]+)\/events$/.exec(o.path)?.[1] : undefined
  return order ? one(o, person, order) : join(person, o.path, o.session, o)
}

function alone(o: LiveOptions): () => void {
  const stream = new Stream({ ...o, onEvent: (e) => o.onEvent(e.name, JSON.parse(e.data)) })
  return () => stream.stop()
}

// one is an order of the stream of all. Its snapshot is read by itself.
function one(o: LiveOptions, person: string, id: string): () => void {
  let stopped = false
  const read = async () => {
    const order = await call('GET', `/v1/orders/${id}`, { session: o.session }).catch(() => undefined)
    if (order && !stopped) o.onEvent('snapshot', { orders: [order] })
  }
  const stop = join(person, '/v1/events', o.session, {
    onState: o.onState,
    onEvent: (name, data) => {
      if (name === 'snapshot') void read()
      else if ((data as { id: string }).id === id) o.onEvent(name, data)
    },
  })
  return () => {
    stopped = true
    stop()
  }
}
