import { ref, shallowRef, type Ref } from 'vue'
import { call, type Session } from './api'
import type { Page } from './types'

// longest is the longest page that the API gives.
const longest = 200

// get reads one page of a list.
function get<P>(path: string, session: Session, cursor: string, limit: number): Promise<P> {
  const args = new URLSearchParams({ limit: String(limit), cursor })
  return call<P>('GET', `${path}${path.includes('?') ? '&' : '?'}${args}`, { session })
}

// whole reads a list to its end, for what must not be a part of it: choices, names, and the bills that make up a total.
export async function whole<P extends Page<unknown>>(path: string, session: Session): Promise<P> {
  const first = await get<P>(path, session, '', longest)
  const items = [...first.items]
  for (let next = first.next; next;) {
    const page = await get<P>(path, session, next, longest)
    items.push(...page.items)
    next = page.next
  }
  return { ...first, items, next: undefined }
}

export interface Paged<T> { items: Ref<T[]>; next: Ref<string>; busy: Ref<boolean>; error: Ref<unknown>; load: () => Promise<void>; more: () => Promise<void> }

// paged is a list that is shown page by page. path is asked for anew at each load; what an older one answers late is dropped.
export function paged<T>(path: () => string, session: () => Session): Paged<T> {
  const items = shallowRef<T[]>([])
  const next = ref('')
  const busy = ref(false)
  const error = shallowRef<unknown>()
  let latest = 0
  async function read(before: T[], cursor: string) {
    const mine = ++latest
    busy.value = true
    error.value = undefined
    try {
      const page = await get<Page<T>>(path(), session(), cursor, 50)
      if (mine !== latest) return
      items.value = [...before, ...page.items]
      next.value = page.next ?? ''
    } catch (e) {
      if (mine === latest) error.value = e
    } finally {
      if (mine === latest) busy.value = false
    }
  }
  return { items, next, busy, error, load: () => read([], ''), more: () => read(items.value, next.value) }
}
