import { onUnmounted, ref, type Ref } from 'vue'
import { Problem } from '../api'
import { load } from '../load'

// What a person looked at last is kept in this tab, with its time, and shown where there is no line. It ends with the
// session, and never becomes another person's.

interface Kept<T> {
  at: number
  value: T
}
const prefix = 'linlipay-known '
const owner = 'linlipay-known-by'
let person = '' // whose page this is, '' is nobody's

function keep(name: string, by: string, value: unknown) {
  if (!by || by !== person) return // they left while it came
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify({ at: Date.now(), value }))
  } catch {
    /* it is full or blocked: then nothing is known without a line */
  }
}

function kept<T>(name: string): Kept<T> | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(prefix + name) ?? 'null') as Kept<T> | null) ?? undefined
  } catch {
    return undefined
  }
}

// knownBy says who looks now: what another person knew is forgotten. A tab may be another's without having seen the
// log-out, which it slept through.
export function knownBy(now = '') {
  person = now
  try {
    if (sessionStorage.getItem(owner) === now) return
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(prefix)) sessionStorage.removeItem(name)
    sessionStorage.setItem(owner, now)
  } catch {
    /* blocked: nothing was kept */
  }
}

// known is load with what was last known under a name, where no server answers: at is of when that is.
export function known<T>(
  name: () => string,
  get: () => Promise<T>,
): ReturnType<typeof load<T>> & { at: Ref<number | undefined> } {
  const at = ref<number>()
  const loaded = load(async () => {
    const [asked, by] = [name(), person]
    try {
      const value = await get()
      at.value = undefined
      keep(asked, by, value)
      return value
    } catch (e) {
      const last = e instanceof Problem && (e.status === 0 || e.status >= 502) ? kept<T>(asked) : undefined
      if (!last) throw e
      at.value = last.at
      return last.value
    }
  })
  const connected = () => {
    if (at.value || loaded.error.value) void loaded.again()
  }
  addEventListener('online', connected)
  onUnmounted(() => removeEventListener('online', connected))
  return { ...loaded, at }
}
