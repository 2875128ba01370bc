import { computed, onUnmounted, ref, shallowRef, watch } from 'vue'
import { follow } from '../live'
import { paged, type Paged } from '../paging'
import type { LoginSession } from '../session'
import type { Order } from '../types'
import { openedOrder, useCommunity, usePages } from './address'

// worklist is one of the lists of work: orders that the API gives for a state, or for each of some. It is fetched anew
// when an order that belongs there changes.
export function worklist(session: LoginSession, path: string, states: () => string[], concerns: (o: Order) => boolean) {
  const pages = usePages()
  const { community, placed } = useCommunity()
  const live = ref(true)
  const lists = shallowRef<Paged<Order>[]>([])
  const list: Paged<Order> = {
    items: computed(() =>
      lists.value.length === 1 ? lists.value[0].items.value : newestFirst(lists.value.flatMap((l) => l.items.value)),
    ),
    next: computed(() => lists.value.find((l) => l.next.value)?.next.value ?? ''),
    busy: computed(() => lists.value.some((l) => l.busy.value)),
    error: computed(() => lists.value.find((l) => l.error.value)?.error.value),
    load: async () => {
      await Promise.all(lists.value.map((l) => l.load()))
    },
    refresh: async () => {
      await Promise.all(lists.value.map((l) => l.refresh()))
    },
    more: async () => {
      await Promise.all(lists.value.filter((l) => l.next.value).map((l) => l.more()))
      if (!list.error.value) pages.value++
    },
  }
  const shown = openedOrder(session, () => list.items.value)
  let soon = 0
  let began = false // a stream that begins anew may have missed changes

  function changed(o: Order) {
    if (shown.value?.id === o.id && shown.value.version <= o.version) shown.value = o
    if (community.value && o.community !== community.value) return
    if (!concerns(o) && !list.items.value.some((x) => x.id === o.id)) return
    clearTimeout(soon)
    soon = window.setTimeout(list.refresh, 300)
  }
  const stop = follow({
    path: '/v1/events',
    session,
    onState: (s) => {
      live.value = s
    },
    onEvent: (name, data) => {
      if (name === 'order') return changed(data as Order)
      if (began) void list.refresh()
      began = true
    },
  })
  onUnmounted(() => {
    stop()
    clearTimeout(soon)
  })
  const shared = computed({ get: () => pages.value, set: () => {} }) // list.more counts for all
  watch(
    () => [community.value, ...states()].join(),
    () => {
      lists.value = states().map((s) =>
        paged<Order>(
          () => placed(`${path}?state=${s}`),
          () => session,
          shared,
        ),
      )
      void list.load()
    },
    { immediate: true },
  )
  return { list, live, shown, changed }
}

// newestFirst puts the orders of some lists into one, each once.
export function newestFirst(orders: Order[]): Order[] {
  const once = [...new Map(orders.map((o) => [o.id, o])).values()]
  return once.sort((a, b) => (a.created_at === b.created_at ? 0 : a.created_at < b.created_at ? 1 : -1))
}
