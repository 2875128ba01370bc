import type { Session } from './api'

export interface ServerEvent { id: string; name: string; data: string }

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

export interface LiveOptions {
  path: string
  session: Session
  onEvent: (name: string, data: unknown) => void
  onState: (live: boolean) => void
}

// follow keeps a stream open until stopped: it comes back after a break, a little later each time, and says where it was.
export function follow(o: LiveOptions): () => void {
  const stop = new AbortController()
  let last = ''
  let failures = 0
  const once = async () => {
    const headers: Record<string, string> = { ...await o.session.headers(failures > 1), Accept: 'text/event-stream' }
    if (last) headers['Last-Event-ID'] = last
    const silence = new AbortController() // a heartbeat comes every 15 s
    let timer = setTimeout(() => silence.abort(), 40_000)
    const r = await fetch(o.path, { headers, signal: AbortSignal.any([stop.signal, silence.signal]) })
    if (!r.ok || !r.body) throw new Error(String(r.status))
    o.onState(true)
    failures = 0
    const parser = new EventParser()
    const text = r.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await text.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), 40_000)
      for (const e of parser.feed(value)) {
        if (e.id) last = e.id
        o.onEvent(e.name, JSON.parse(e.data))
      }
    }
  }
  const loop = async () => {
    while (!stop.signal.aborted) {
      await once().catch(() => undefined)
      if (stop.signal.aborted) return
      failures++
      if (failures > 1) o.onState(false)
      const pause = failures === 1 ? 50 : Math.min(500 * 2 ** Math.min(failures, 5), 8000)
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random() / 2)))
    }
  }
  void loop()
  return () => stop.abort()
}
