import { computed, ref, type Ref } from 'vue'
import { call, Problem } from '../api'
import { charge, charged, running, step } from '../code'
import { intentions, type Try } from '../intention'
import type { Say } from '../say'
import { Clock } from '../time'
import type { Delivered, Offered, Order, Wallet } from '../types'
import { doubtful, giveUp, reader, swiped, takeCard, undo, waits, type Reader } from './card'
import type { Line } from './line'
import type { Walk } from './place'
import type { Stand } from './screens'
import type { TerminalTexts } from './texts'
import type { Work } from './work'

const cardPatience = 90 // seconds that a card is waited for, where the application can be asked to wait no more
const giveUpPatience = 10_000 // ms that the application may take to answer that
const grace = 8 // seconds after an order's time in which the server says how it ended

// usePayment is the order on the screen, and what is done to have it paid. Whoever reads cards may have charged one and
// not have said so: nothing here forgets a result, and only the application's own word says that nothing was charged.
export function usePayment(line: Line, work: Work, walk: Walk, tick: Ref<number>, text: Say<TerminalTexts>) {
  const { place, happens } = walk
  const order = ref<Order>()
  const clock = new Clock()
  const cards = ref(false) // the order can be paid by card
  const scanners = ref<Wallet[]>([]) // the wallets that can pay by the order's QR
  const reading = ref('') // the order that the card application is at work for
  const called = ref('') // the number that the application has been called with, '' until then
  const since = ref(0) // when a card was first waited for, ms
  const leaving = ref(false) // the application is asked to wait for no card any more
  const late = ref(false) // it was asked when a card was there already
  const nothing = ref('') // the number of a card payment of which the application said that nothing was charged
  const sure = ref(false) // whether to charge a card again is being asked
  const asked = ref('') // the order whose card payment the acquirer has just been asked about
  const openings = intentions('card')
  let stopWaiting = () => {} // the screen waits for the card application no more
  let reads: Promise<void> = Promise.resolve()
  let put = '' // an order that waits for the acquirer and was put aside for the next resident

  const api = (method: string, path: string, body?: unknown) =>
    call<Order>(method, path, { body, session: line.session() })
  // a trial's page, where a person holds the card
  const readerPage = computed(() => (window.LinliDevice ? '' : line.terminal.value?.card_reader))
  const cardReader = () => reader(line.terminal.value?.card_reader)
  const code = computed(() => order.value && charged(order.value))
  const swipe = computed(() => order.value && swiped(order.value))
  const held = computed(
    () => !!order.value && line.unsent.value.some((r) => r.path.startsWith(`/v1/orders/${order.value!.id}/`)),
  ) // its result is on its way
  // finance finds out what its result means
  const untaken = computed(() => !!order.value?.rejected_reports?.some((u) => u.open))
  const undone = computed(() => line.voids.value.filter((o) => waits(o, line.unsent.value)))
  const left = computed(() => (tick.value, order.value ? clock.secondsUntil(order.value.expires_at) : 0))
  const lifetime = computed(() =>
    order.value ? (Date.parse(order.value.expires_at) - Date.parse(order.value.created_at)) / 1000 : 0,
  )
  const cancellable = computed(() => (window.LinliDevice ? !!window.LinliDevice.cancel : !!readerPage.value))
  const cardLeft = computed(() => {
    const waited = (tick.value, Math.floor((performance.now() - since.value) / 1000))
    return cancellable.value ? Math.min(left.value, Math.max(0, cardPatience - waited)) : left.value
  })
  const stand = computed<Stand>(() => ({
    code: !!code.value && running(step(code.value, 0)),
    card: held.value
      ? 'sending'
      : swipe.value?.state === 'reported'
        ? 'asking'
        : reading.value && reading.value === order.value?.id
          ? 'reading'
          : undefined,
    again: sure.value && !!order.value && doubtful(order.value),
    over: (tick.value, !!order.value && clock.now() - Date.parse(order.value.expires_at) > grace * 1000),
  }))

  function onEvent(name: string, data: unknown) {
    if (name === 'snapshot') {
      const [active] = (data as { orders: Order[] }).orders
      if (active && active.id !== put) show(active)
      else if (order.value && place.value === 'pay') void refresh(order.value.id)
    } else if (name === 'order') {
      const changed = data as Order
      if (waits(changed) || line.voids.value.some((o) => o.id === changed.id)) void line.catchUp()
      if (changed.id === order.value?.id || (place.value === 'idle' && changed.status !== 'paid' && changed.id !== put))
        show(changed)
    }
  }

  async function refresh(id: string) {
    show(await api('GET', `/v1/orders/${id}`))
  }

  // show puts an order on the screen; an event older than what is shown changes nothing.
  function show(o: Order) {
    if (order.value?.id === o.id && order.value.version > o.version) return
    clock.tell(o.server_time)
    const before = order.value
    order.value = o
    if (before?.id !== o.id) {
      stopWaiting()
      cards.value = sure.value = false
      scanners.value = []
      if (o.status === 'pending') void offers(o.id)
    }
    if (o.status === 'pending' || o.status === 'closing') happens('ordered')
    else if (before?.id === o.id) {
      happens(o.status === 'paid' ? 'paid' : 'closed')
      sure.value = false
      if (reading.value === o.id) void backFromCard().then(stopWaiting) // nothing is to be charged for it any more
    }
  }

  async function offers(id: string) {
    const offered = await call<Offered>('GET', `/v1/orders/${id}/payment-methods`, { session: line.session() }).catch(
      () => undefined,
    )
    if (!offered || order.value?.id !== id) return
    cards.value = offered.payment_methods.some((w) => w.method === 'card_present')
    scanners.value = offered.qr_wallets
  }

  // delivered shows what became of a result that the server has now.
  function delivered(told: Delivered) {
    if (told.order.id === order.value?.id) show(told.order)
    if (!told.accepted) work.problem.value = new Problem(200, 'not_taken', told.reason ?? text('failed'), '', {})
  }

  const cancel = () => work.ask(async () => show(await api('POST', `/v1/orders/${order.value!.id}/closure`, {})))

  const hand = (digits: string) =>
    work.run(async () => {
      const told = await charge(line.session(), order.value!, digits)
      if (told.order) show(told.order)
      if (told.problem) throw told.problem
    })

  // take has the card read and its result delivered; it goes on where the screen waits for it no more.
  async function take(o: Order, opening: Try, read: Reader, onOpen: (o: Order) => void) {
    try {
      const opened = (now: Order) => {
        opening.done()
        onOpen(now)
        show(now)
      }
      const told = await takeCard(line.session(), line.results(), read, opening.key, o, opened)
      if (told) delivered(told)
      else if (order.value?.id === o.id) await refresh(o.id)
    } catch (e) {
      opening.failed(e)
      if (!line.results().of(o).length) throw e // else the banner says that it waits
    }
  }

  function needReader(): Reader {
    const read = cardReader()
    if (!read) throw new Problem(0, 'no_reader', text('no_reader'), '', {})
    return read
  }

  function readCard() {
    reads = work.run(async () => {
      const read = needReader()
      const o = order.value!
      reading.value = o.id
      sure.value = late.value = false
      nothing.value = asked.value = called.value = ''
      since.value = performance.now()
      let left = false // the person went back before the application was called: it is called no more
      const still: Reader = (c) => (left ? Promise.resolve({}) : read(c))
      const onOpen = (opened: Order) => {
        const number = swiped(opened)?.out_trade_no ?? ''
        if (left) nothing.value = number
        else called.value = number
      }
      const back = new Promise<void>((ok) => {
        stopWaiting = () => {
          left = true
          ok()
        }
      })
      try {
        await Promise.race([take(o, openings.begin(o.id), still, onOpen), back])
      } finally {
        if (reading.value === o.id) reading.value = ''
      }
    })
    return reads
  }

  // backFromCard goes back to the QR. Where the application cannot say that it charged nothing, the order is in doubt
  // there.
  async function backFromCard() {
    const out = called.value
    if (!out) return stopWaiting()
    if (leaving.value) return
    leaving.value = true
    const silent = new Promise<'unknown'>((ok) => setTimeout(() => ok('unknown'), giveUpPatience))
    const came = await Promise.race([giveUp(out, line.terminal.value?.card_reader), silent])
    leaving.value = false
    late.value = came === 'too_late'
    since.value = performance.now() // a card that is there already has its time
    if (came === 'given_up') nothing.value = out
    if (came !== 'too_late') stopWaiting()
  }

  // second gives up waiting for a card that does not come.
  function second() {
    const waited = performance.now() - since.value
    const may = cancellable.value || !called.value
    if (stand.value.card === 'reading' && may && !leaving.value && waited >= cardPatience * 1000) void backFromCard()
  }

  // cancelFromCard goes back, and cancels the order where no card can have been charged for it.
  async function cancelFromCard() {
    await backFromCard()
    if (late.value) return
    await reads
    if (order.value && !(doubtful(order.value) && nothing.value !== swipe.value?.out_trade_no)) await cancel()
  }

  // askCard has the acquirer asked what became of the card.
  const askCard = () =>
    work.ask(async () => {
      const { id } = order.value!
      show(await api('POST', `/v1/orders/${id}/queries`, {}))
      asked.value = id
    })

  const undoCard = (o: Order) =>
    work.run(async () => {
      const read = needReader()
      try {
        const told = await undo(line.session(), line.results(), read, o, waits(o)!)
        if (told) delivered(told)
      } catch (e) {
        if (!line.results().of(o).length) throw e
      }
      await line.catchUp()
    })

  // leave takes the order off the screen. One whose card payment is under way goes on by itself.
  function leave() {
    if (swipe.value?.state === 'reported' || held.value || stand.value.over) put = order.value?.id ?? put
    stopWaiting()
    sure.value = false
    order.value = undefined
  }

  return {
    order,
    clock,
    cards,
    scanners,
    leaving,
    late,
    nothing,
    sure,
    asked,
    readerPage,
    code,
    swipe,
    held,
    untaken,
    undone,
    left,
    lifetime,
    cardLeft,
    stand,
    cardPatience,
    cancellable,
    hasReader: () => !!cardReader(),
    onEvent,
    show,
    second,
    delivered,
    cancel,
    hand,
    readCard,
    backFromCard,
    cancelFromCard,
    askCard,
    undoCard,
    leave,
  }
}
export type Payment = ReturnType<typeof usePayment>
