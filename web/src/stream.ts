import type { Session } from './api'

export interface ServerEvent {
  id: string
  name: string
  data: string
}

// EventParser reads server-sent events from text that arrives in any pieces (HTML Living Standard, 9.2.6).
export class EventParser {
  private rest = ''
  private event: ServerEvent = { id: '', name: 'message', data: '' }

  feed(text: string): ServerEvent[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop() ?? ''
    const done: ServerEvent[] = []
    for (const line of lines) {
      if (line === '') {
        if (this.event.data !== '') done.push({ ...this.event, data: this.event.data.slice(0, -1) })
        this.event = { id: this.event.id, name: 'message', data: '' }
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'id') this.event.id = value
      else if (field === 'event') this.event.name = value
      else if (field === 'data') this.event.data += value + '\n'
    }
    return done
  }
}

// The server shows every 4 s that it lives (handlers/live.go). After two of these missed it is taken for lost: a person
// knows it within 10 s.
export const silence = 8500 // ms

const longestPause = 3000 // ms between two tries: who waits at a screen sees the server back within seconds

export interface StreamOptions {
  path: string
  session: Session
  last?: string // the event to go on after
  onEvent: (e: ServerEvent) => void
  onState: (live: boolean) => void
  onAlive?: () => void // something came
}

// Stream keeps a stream of events open until it is stopped: it comes back after a break, a little later each time, and
// says where it was. It uses nothing that browsers of docs/browsers.md lack.
export class Stream {
  last: string
  live?: boolean // undefined until it is known
  private stopped = false
  private failures = 0
  private current?: AbortController
  private heard = Date.now() // when something came last, or was asked for
  private watch?: ReturnType<typeof setTimeout>
  private wake = () => {}

  constructor(private readonly o: StreamOptions) {
    this.last = o.last ?? ''
    addEventListener('offline', this.anew)
    addEventListener('online', this.anew)
    void this.loop()
  }

  stop() {
    this.stopped = true
    removeEventListener('offline', this.anew)
    removeEventListener('online', this.anew)
    this.current?.abort()
    this.wake()
  }

  // hurry tries now what waits for its time, and gives up a stream that is silent for too long: timers of a page that
  // nobody looks at may come late.
  hurry() {
    this.wake()
    if (Date.now() - this.heard > silence) this.giveUp()
  }

  // anew begins the stream again when the line came or went: whether the server is still there shows at once.
  private readonly anew = () => {
    this.current?.abort()
    this.wake()
  }

  private tell(live: boolean) {
    if (this.live === live || this.stopped) return
    this.live = live
    this.o.onState(live)
  }

  private giveUp() {
    this.tell(false)
    this.current?.abort()
  }

  private alive() {
    this.heard = Date.now()
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.giveUp(), silence)
  }

  // once follows the stream until it ends, and returns whether it had begun.
  private async once(): Promise<boolean> {
    this.current = new AbortController()
    const { signal } = this.current
    this.alive()
    try {
      const headers: Record<string, string> = {
        ...(await this.o.session.headers(this.failures > 1)),
        Accept: 'text/event-stream',
      }
      if (signal.aborted) return false
      if (this.last) headers['Last-Event-ID'] = this.last
      const r = await fetch(this.o.path, { headers, signal })
      if (!r.ok || !r.body) return false
      this.failures = 0
      this.tell(true)
      await this.read(r.body.getReader(), signal)
      return true
    } finally {
      clearTimeout(this.watch)
    }
  }

  private async read(from: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal) {
    const parser = new EventParser()
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await from.read()
      if (done || signal.aborted) return
      this.alive()
      this.o.onAlive?.()
      for (const e of parser.feed(decoder.decode(value, { stream: true }))) {
        if (e.id) this.last = e.id
        this.o.onEvent(e)
      }
    }
  }

  // A stream that ends is asked for again at once, and only where that fails is the server called lost.
  private async loop() {
    while (!this.stopped) {
      const begun = await this.once().catch(() => false)
      if (this.stopped) return
      if (!begun && this.failures > 0) this.tell(false)
      this.failures++
      await this.pause(this.failures === 1 ? 50 : Math.min(250 * 2 ** this.failures, longestPause))
    }
  }

  private async pause(ms: number) {
    await new Promise<void>((resolve) => {
      this.wake = resolve
      setTimeout(resolve, ms * (0.5 + Math.random() / 2))
    })
    this.wake = () => {}
  }
}
