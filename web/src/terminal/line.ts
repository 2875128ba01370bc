import { computed, onMounted, onUnmounted, ref, shallowRef } from 'vue'
import type { Problem } from '../api'
import { follow } from '../live'
import { whole } from '../paging'
import type { Delivered, Order, Page, Terminal } from '../types'
import { DeviceSession } from './device'
import { Results, type Kept } from './results'
import { forgetFormer, keyOf, paired, retire, shelf } from './storage'

// What the terminal hears from the server, and what it has to tell it.
interface Hears {
  event: (name: string, data: unknown) => void
  delivered: (told: Delivered) => void
  refused: (why: Problem) => void // the server ended the pairing
}

const askEvery = 20_000 // ms; the server takes a terminal for online as long as it asks (terminal.Silence)

// useLine keeps the terminal in touch with the server: its session, the stream, and the results that wait to be sent.
export function useLine(hears: Hears) {
  const terminal = shallowRef<Terminal>()
  const network = ref(navigator.onLine)
  const live = ref(true)
  const lost = computed(() => (!network.value ? 'network' : !live.value ? 'server' : undefined))
  const unsent = shallowRef<Kept[]>([]) // results that the server does not have yet
  const stuck = shallowRef<unknown>() // what the last try to send one of them came to
  const voids = ref<Order[]>([]) // orders whose card payments this terminal is to undo
  let session: DeviceSession | undefined
  let results: Results | undefined
  let stop = () => {}
  let refused = false

  // start takes up the pairing, and reports whether there is one.
  async function start(): Promise<boolean> {
    const device = await paired()
    if (!device) {
      unsent.value = await shelf.all().catch(() => [])
      return false
    }
    refused = false
    session = new DeviceSession(device, (why) => void forget(why), keyOf)
    results = new Results(shelf, session, changed, hears.delivered, results?.unwritten)
    await results.load()
    await forgetFormer(results.waiting.map((r) => r.device))
    stop = follow({ path: `/v1/terminals/${device.id}/events`, session, onEvent, onState })
    void catchUp(true)
    return true
  }

  function onEvent(name: string, data: unknown) {
    terminal.value = session?.terminal ?? terminal.value
    hears.event(name, data)
  }

  function onState(now: boolean) {
    if (now && !live.value) void catchUp(true)
    live.value = now
    terminal.value = session?.terminal ?? terminal.value
  }

  function changed(r: Results) {
    unsent.value = r.waiting
    stuck.value = r.waiting.map((w) => r.problem(w)).find((p) => p)
  }

  // catchUp sends what the server does not have yet, at once or when its time has come, and looks for payments to undo.
  async function catchUp(now = false) {
    if (!session || refused) return
    await results?.deliverAll(now)
    const found = await whole<Page<Order>>(`/v1/terminals/${session.id}/voids`, session).catch(() => undefined)
    if (found) voids.value = found.items
  }

  // forget ends the pairing that the server refuses.
  async function forget(why: Problem) {
    refused = true
    stop()
    await retire()
    hears.refused(why)
  }

  const connected = () => {
    network.value = true
    void catchUp(true)
  }
  const disconnected = () => {
    network.value = false
  }
  let timer = 0
  onMounted(() => {
    window.addEventListener('online', connected)
    window.addEventListener('offline', disconnected)
    timer = window.setInterval(() => void catchUp(), askEvery)
  })
  onUnmounted(() => {
    stop()
    clearInterval(timer)
    window.removeEventListener('online', connected)
    window.removeEventListener('offline', disconnected)
  })

  return { terminal, lost, unsent, stuck, voids, start, catchUp, session: () => session!, results: () => results! }
}
export type Line = ReturnType<typeof useLine>
