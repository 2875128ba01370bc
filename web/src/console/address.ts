import { ElMessage } from 'element-plus'
import { computed, nextTick, shallowRef, watch, type Ref, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { call, Problem } from '../api'
import type { LoginSession } from '../session'
import type { Order } from '../types'

// What a page shows stands in its address, so that a reload, back, forward and a colleague who gets the link show the
// same: the filters behind the `?`, how many pages of a list are shown, and the record that is open, as in
// `#/refunds/2026112800000001?state=abnormal&pages=2`.

// Usual are a page's filters with the value that each has when the address does not name it; where it may only be one
// of some, those, the usual one first.
type Usual = Record<string, string | readonly string[]>

const firstOf = (value: LocationQuery[string]) => (Array.isArray(value) ? value[0] : value) ?? ''

// valueIn is a filter's value in an address; one that there is not counts as the usual one.
export function valueIn(query: LocationQuery, name: string, usual: string | readonly string[]): string {
  const said = firstOf(query[name])
  if (typeof usual === 'string') return name in query ? said : usual
  return usual.includes(said) ? said : usual[0]
}

// queryWith is an address's query with some filters changed. A filter that is as usual is not named, and the list
// begins anew.
export function queryWith(query: LocationQuery, usual: Usual, changes: Record<string, string>): LocationQuery {
  const next: LocationQuery = { ...query, ...changes }
  delete next.pages
  for (const [name, of] of Object.entries(usual)) {
    if (next[name] === (typeof of === 'string' ? of : of[0])) delete next[name]
  }
  return next
}

// here is the address as long as it is this page's: what leaves the page is not taken for a change of its filters.
function here() {
  const route = useRoute()
  const mine = route.name
  let last = { query: route.query, id: String(route.params.id ?? '') }
  return computed(() => {
    if (route.name === mine) last = { query: route.query, id: String(route.params.id ?? '') }
    return last
  })
}

// Filters are a page's, each of what it may be.
type Filters<U> = {
  -readonly [K in keyof U]: WritableComputedRef<U[K] extends readonly (infer One extends string)[] ? One : string>
}

// useAddress gives a page's filters. Those that are changed in one go are one entry of the history.
export function useAddress<const U extends Usual>(usual: U): Filters<U> {
  const [router, now] = [useRouter(), here()]
  let changes: Record<string, string> | undefined
  function set(name: string, value: string) {
    if (!changes) void nextTick(go)
    changes = { ...changes, [name]: value }
  }
  function go() {
    const query = queryWith(now.value.query, usual, changes!)
    changes = undefined
    void router.push({ params: { id: now.value.id }, query })
  }
  return Object.fromEntries(
    Object.keys(usual).map((name) => [
      name,
      computed({
        get: () => valueIn(now.value.query, name, usual[name]),
        set: (value) => set(name, value ?? ''),
      }),
    ]),
  ) as Filters<U>
}

// useCommunity is the one community that a page is narrowed to, '' is all, and placed puts it into what the API is
// asked.
export function useCommunity() {
  const { community } = useAddress({ community: '' })
  const placed = (path: string) =>
    community.value ? `${path}${path.includes('?') ? '&' : '?'}community=${encodeURIComponent(community.value)}` : path
  return { community, placed }
}

// usePages is how many pages of its list the page shows. More of them is no entry of the history.
export function usePages(): Ref<number> {
  const [router, now] = [useRouter(), here()]
  return computed({
    get: () => Math.min(Math.max(1, Math.trunc(Number(firstOf(now.value.query.pages))) || 1), 40),
    set: (n) =>
      void router.replace({
        params: { id: now.value.id },
        query: { ...now.value.query, pages: n > 1 ? String(n) : undefined },
      }),
  })
}

// useOpened is the id of the record that is open, '' is none.
export function useOpened(): WritableComputedRef<string> {
  const [router, now] = [useRouter(), here()]
  return computed({
    get: () => now.value.id,
    set: (id) => void router.push({ params: { id }, query: now.value.query }),
  })
}

// opened is the record that is open: the list's, or, when the list does not have it, as the server gives it at path.
export function opened<T extends { id: string }>(
  path: string,
  session: LoginSession,
  listed: () => T[],
): WritableComputedRef<T | undefined> {
  const id = useOpened()
  const shown = shallowRef<T>()
  watch(
    id,
    async (now) => {
      if (shown.value?.id === now) return
      shown.value = listed().find((x) => x.id === now)
      if (!now || shown.value) return
      try {
        const record = await call<T>('GET', `${path}/${encodeURIComponent(now)}`, { session })
        if (id.value === now) shown.value = record
      } catch (e) {
        ElMessage.error((e as Error).message)
        if (id.value === now && e instanceof Problem && e.status >= 400 && e.status < 500) id.value = ''
      }
    },
    { immediate: true },
  )
  return computed({
    get: () => shown.value,
    set: (record) => {
      shown.value = record
      if (id.value !== (record?.id ?? '')) id.value = record?.id ?? ''
    },
  })
}

export const openedOrder = (session: LoginSession, listed: () => Order[]) =>
  opened<Order>('/v1/orders', session, listed)

// A person who looks for something sees it at once when it is all that is found; who comes back to the address does
// not.
let seeking = false
export const seek = () => {
  seeking = true
}
export function sought(): boolean {
  const was = seeking
  seeking = false
  return was
}
