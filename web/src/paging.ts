import { ref, shallowRef, type Ref } from 'vue'
import { call, type Session } from './api'
import type { Page } from './types'

// longest is the longest page that the API gives.
const longest = 200

// usual is how many of a list are a page of it.
const usual = 50

// asking is the address of a list with some filters; those that are empty are left out.
export function asking(path: string, filters: Record<string, string>): string {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString()
  return query ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path
}

// get reads one page of a list.
function get<P>(path: string, session: Session, cursor: string, limit: number): Promise<P> {
  return call<P>('GET', asking(path, { limit: String(limit), cursor }), { session })
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

export interface Paged<T> {
  items: Ref<T[]>
  next: Ref<string>
  busy: Ref<boolean>
  error: Ref<unknown>
  first?: Ref<Page<T> | undefined> // with what it says beside its items
  load: () => Promise<void> // what is shown, anew
  refresh: () => Promise<void> // the same, without showing that it is under way
  more: () => Promise<void>
}

// paged is a list that is shown page by page: one, and what is asked for beyond; as many as pages says, where it is
// given. path is asked for anew at each load; what an older load answers late is dropped.
export function paged<T>(path: () => string, session: () => Session, pages?: Ref<number>): Paged<T> {
  const items = shallowRef<T[]>([])
  const next = ref('')
  const busy = ref(false)
  const error = shallowRef<unknown>()
  const first = shallowRef<Page<T>>()
  let latest = 0
  async function read(before: T[], cursor: string, want: number, quiet = false) {
    const mine = ++latest
    busy.value = !quiet
    error.value = undefined
    try {
      const [some, rest, page] = await upTo<T>(path(), session(), cursor, want)
      if (mine !== latest) return
      items.value = [...before, ...some]
      next.value = rest
      if (!cursor) first.value = page
    } catch (e) {
      if (mine === latest) error.value = e
    } finally {
      if (mine === latest) busy.value = false
    }
  }
  return {
    items,
    next,
    busy,
    error,
    first,
    load: () => read([], '', (pages?.value ?? 1) * usual),
    refresh: () => read([], '', (pages?.value ?? 1) * usual, true),
    more: async () => {
      await read(items.value, next.value, usual)
      if (pages && !error.value) pages.value++
    },
  }
}

// put has a list show what one of its items is now, before it is read anew: what is done next counts on it.
export function put<T extends { id: string }>(list: Pick<Paged<T>, 'items'>, now: T) {
  list.items.value = list.items.value.map((x) => (x.id === now.id ? now : x))
}

// upTo reads so many of a list from a cursor on, or all that there are, the cursor of what follows, and the first page.
async function upTo<T>(path: string, session: Session, cursor: string, want: number): Promise<[T[], string, Page<T>]> {
  const first = await get<Page<T>>(path, session, cursor, Math.min(want, longest))
  const items = [...first.items]
  let next = first.next ?? ''
  while (next && items.length < want) {
    const page = await get<Page<T>>(path, session, next, Math.min(want - items.length, longest))
    items.push(...page.items)
    next = page.next ?? ''
  }
  return [items, next, first]
}

// wholeList is a list that was read to its end, as one that is shown page by page.
export function wholeList(l: {
  error: Ref<unknown>
  busy: Ref<boolean>
  again: () => Promise<void>
}): Pick<Paged<unknown>, 'busy' | 'error' | 'next' | 'load' | 'more'> {
  return { busy: l.busy, error: l.error, next: ref(''), load: l.again, more: l.again }
}
