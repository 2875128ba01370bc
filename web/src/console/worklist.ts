import { onUnmounted, ref, watch, type Ref } from 'vue'
import { call } from '../api'
import { follow } from '../live'
import type { LoginSession } from '../session'
import type { Order, Page } from '../types'
import { useDesk } from './desk'

// worklist is one of finance's lists: orders that the API gives for a state. It is fetched anew when an order that belongs there changes.
export function worklist(session: LoginSession, path: string, state: Ref<string>, concerns: (o: Order) => boolean) {
  const { heard } = useDesk()
  const orders = ref<Order[]>([])
  const next = ref('')
  const busy = ref(false)
  const wrong = ref('')
  const live = ref(true)
  const shown = ref<Order>()
  let latest = 0
  let soon = 0
  let began = false // a stream that begins anew may have missed changes

  async function load(how: 'anew' | 'more' | 'quietly' = 'anew') {
    const mine = ++latest
    busy.value = how !== 'quietly'
    wrong.value = ''
    try {
      const args = new URLSearchParams({ state: state.value, limit: '50', cursor: how === 'more' ? next.value : '' })
      const page = await call<Page<Order>>('GET', `${path}?${args}`, { session })
      if (mine !== latest) return
      orders.value = how === 'more' ? [...orders.value, ...page.items] : page.items
      next.value = page.next ?? ''
    } catch (e) {
      if (mine === latest) wrong.value = (e as Error).message
    } finally {
      if (mine === latest) busy.value = false
    }
  }
  function changed(o: Order) {
    heard(o)
    if (shown.value?.id === o.id && shown.value.version <= o.version) shown.value = o
    if (!concerns(o) && !orders.value.some((x) => x.id === o.id)) return
    clearTimeout(soon)
    soon = window.setTimeout(() => load('quietly'), 300)
  }
  const stop = follow({ path: '/v1/events', session, onState: (s) => { live.value = s }, onEvent: (name, data) => { if (name === 'order') changed(data as Order); else { if (began) void load('quietly'); began = true } } })
  onUnmounted(() => { stop(); clearTimeout(soon) })
  watch(state, () => { orders.value = []; next.value = ''; void load() }, { immediate: true })
  return { orders, next, busy, wrong, live, shown, load, changed }
}
