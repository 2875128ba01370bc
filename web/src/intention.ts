import { newKey, Problem } from './api'
import { keptInTab } from './kept'

// An intention is what a person wants done once, whatever becomes of the line: an order for these bills, this much cash
// taken, this refund asked for. It has one Idempotency-Key over all tries, by a button pressed twice, after an answer
// that did not come, and after a reload; the server answers each with what the first one did. Once it is done, or was
// refused, the same asked for again is another intention.

// life is how long an intention that nobody heard of is kept, in ms: who asks for the same a while later, as of an
// order that has expired meanwhile, means it anew.
export const life = 10 * 60_000

interface Open {
  of: string // what is wanted, as a digest: what is kept in the tab is nobody's data
  key: string
  at: number // when it was last tried, ms
}

export interface Try {
  readonly key: string
  // done ends the intention, and failed ends it where the error says that it was refused.
  done(): void
  failed(e: unknown): void
}

export interface Intentions {
  // begin is a try at what is wanted: its key is that of the tries before, unless they are over.
  begin(what: unknown): Try
  // once sends a try, and ends the intention by what comes of it.
  once<T>(what: unknown, send: (key: string) => Promise<T>): Promise<T>
}

// intentions are those of one kind, by its name. They outlast a reload of the tab unless kept is false, as where what
// is wanted holds secrets.
export function intentions(name: string, { kept = true, now = Date.now } = {}): Intentions {
  const place = `linlipay-intentions-${name}`
  let open: Open[] = kept ? read(keptInTab.get(place)) : []

  function put(some: Open[]) {
    open = some
    if (!kept) return
    if (some.length) keptInTab.set(place, JSON.stringify(some))
    else keptInTab.remove(place)
  }

  function begin(what: unknown): Try {
    const of = digest(JSON.stringify(what))
    const others = open.filter((o) => o.of !== of && now() - o.at < life)
    const before = open.find((o) => o.of === of && now() - o.at < life)
    const mine = { of, key: before?.key ?? newKey(), at: now() }
    put([...others, mine])
    const done = () => put(open.filter((o) => o.key !== mine.key))
    return { key: mine.key, done, failed: (e) => refused(e) && done() }
  }

  async function once<T>(what: unknown, send: (key: string) => Promise<T>): Promise<T> {
    const one = begin(what)
    try {
      const answer = await send(one.key)
      one.done()
      return answer
    } catch (e) {
      one.failed(e)
      throw e
    }
  }
  return { begin, once }
}

// undecided are refusals that say nothing of what was wanted: log in first, or later. So is stale: somebody was faster.
const undecided = [401, 408, 425, 429]

// refused reports whether the server has said no for good. Anything else may have been done.
export function refused(e: unknown): boolean {
  if (!(e instanceof Problem) || e.status < 400 || e.status >= 500) return false
  return !undecided.includes(e.status) && e.code !== 'stale'
}

function read(text: string | null): Open[] {
  try {
    const some: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(some) ? some.filter((o) => o?.of && o.key && o.at) : []
  } catch {
    return []
  }
}

// digest tells two wishes of one tab apart (FNV-1a, 64 bits).
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const unit of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(unit)) * 0x100000001b3n)
  return hash.toString(16)
}
