import { ElMessage } from 'element-plus'
import { computed, nextTick, shallowRef, watch, type Ref, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { call, Problem } from '../api'
import type { LoginSession } from '../session'
import type { Order } from '../types'
import { useDesk, type Missing } from './desk'

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

// Step is what of an address changes in one go, which is one entry of the history.
interface Step {
  id?: string
  usual: Usual
  changes: Record<string, string>
}
let step: Step | undefined

// useStep adds to the step that is about to be taken.
function useStep() {
  const [router, now] = [useRouter(), here()]
  function go() {
    const { id = now.value.id, usual, changes } = step!
    step = undefined
    const query = Object.keys(changes).length ? queryWith(now.value.query, usual, changes) : now.value.query
    void router.push({ params: { id }, query })
  }
  function change(some: Step) {
    if (!step) void nextTick(go)
    const { id = step?.id, usual, changes } = some
    step = { id, usual: { ...step?.usual, ...usual }, changes: { ...step?.changes, ...changes } }
  }
  return { now, change }
}

// useAddress gives a page's filters.
export function useAddress<const U extends Usual>(usual: U): Filters<U> {
  const { now, change } = useStep()
  return Object.fromEntries(
    Object.keys(usual).map((name) => [
      name,
      computed({
        get: () => valueIn(now.value.query, name, usual[name]),
        set: (value) => change({ usual, changes: { [name]: value ?? '' } }),
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
  const { now, change } = useStep()
  return computed({
    get: () => now.value.id,
    set: (id) => change({ id, usual: {}, changes: {} }),
  })
}

const paths = { order: '/v1/orders', unit: '/v1/units' }

// opened is the record that is open: the list's, or, when the list does not have it, as the server gives it. Of one
// that there is not the page says so (MissingRecord.vue).
export function opened<T extends { id: string }>(
  what: keyof typeof paths,
  session: LoginSession,
  listed: () => T[],
  id: WritableComputedRef<string> = useOpened(),
): WritableComputedRef<T | undefined> {
  const { missing } = useDesk()
  const shown = shallowRef<T>()
  watch(
    id,
    async (now) => {
      if (shown.value?.id === now) return
      shown.value = listed().find((x) => x.id === now)
      if (!now || shown.value) return
      try {
        const record = await call<T>('GET', `${paths[what]}/${encodeURIComponent(now)}`, { session })
        if (id.value === now) shown.value = record
      } catch (e) {
        if (e instanceof Problem && [400, 403, 404].includes(e.status)) missing.value = { what, id: now }
        else ElMessage.error((e as Error).message)
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

export const openedOrder = (session: LoginSession, listed: () => Order[]) => opened<Order>('order', session, listed)

// present says the same of a page that reads its list whole.
export function present(what: Missing['what'], id: Ref<string>, all: () => { id: string }[] | undefined) {
  const { missing } = useDesk()
  watch(
    [id, all],
    ([now, some]) => {
      if (some) missing.value = now && !some.some((x) => x.id === now) ? { what, id: now } : undefined
    },
    { immediate: true },
  )
}

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
