import { onUnmounted, ref, type Ref } from 'vue'
import { Problem } from '../api'
import { load } from '../load'

// What a person looked at last is kept in this tab, with its time, and shown where there is no line. It ends with the
// session.

interface Kept<T> { at: number; value: T }
const prefix = 'linlipay-known '

function keep(name: string, value: unknown) {
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify({ at: Date.now(), value }))
  } catch { /* it is full or blocked: then nothing is known without a line */ }
}

function kept<T>(name: string): Kept<T> | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + name) ?? 'null') as Kept<T> | null ?? undefined
  } catch {
    return undefined
  }
}

export function forgetKnown() {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(prefix)) sessionStorage.removeItem(name)
  } catch { /* blocked: nothing was kept */ }
}

// known is load with what was last known under a name, where no server answers: at is of when that is.
export function known<T>(name: () => string, get: () => Promise<T>): ReturnType<typeof load<T>> & { at: Ref<number | undefined> } {
  const at = ref<number>()
  const loaded = load(async () => {
    const asked = name()
    try {
      const value = await get()
      at.value = undefined
      keep(asked, value)
      return value
    } catch (e) {
      const last = e instanceof Problem && (e.status === 0 || e.status >= 502) ? kept<T>(asked) : undefined
      if (!last) throw e
      at.value = last.at
      return last.value
    }
  })
  const connected = () => { if (at.value || loaded.error.value) void loaded.again() }
  addEventListener('online', connected)
  onUnmounted(() => removeEventListener('online', connected))
  return { ...loaded, at }
}
