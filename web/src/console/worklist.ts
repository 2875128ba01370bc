import { computed, onUnmounted, ref, shallowRef, watch, type Ref } from 'vue'
import { follow } from '../live'
import { asking, paged, type Paged } from '../paging'
import type { LoginSession } from '../session'
import type { Order } from '../types'
import { openedOrder, useCommunity, usePages } from './address'
import { merged } from './merging'

// worklist is one of the lists of work: orders that the API gives for a state, or for each of some, in the order that
// sort says. It is fetched anew when an order that belongs there changes.
export function worklist(
  session: LoginSession,
  path: string,
  states: () => string[],
  concerns: (o: Order) => boolean,
  sort?: Ref<string>,
) {
  const pages = usePages()
  const { community, placed } = useCommunity()
  const live = ref(true)
  const lists = shallowRef<Paged<Order>[]>([])
  const list: Paged<Order> = {
    items: computed(() =>
      merged(
        lists.value.map((l) => ({ items: l.items.value, more: !!l.next.value })),
        sort?.value ?? '',
      ),
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
    () => [community.value, sort?.value, ...states()].join(),
    () => {
      lists.value = states().map((s) =>
        paged<Order>(
          () => placed(asking(path, { state: s, sort: sort?.value ?? '' })),
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
