import { computed, ref } from 'vue'
import { call, Problem } from '../api'
import { intentions } from '../intention'
import { paged, whole } from '../paging'
import { firstOf, restOf } from '../payees'
import type { Bill, Bills, Order, Unit } from '../types'
import type { Line } from './line'
import type { Payment } from './payment'
import type { Walk } from './place'
import type { Work } from './work'

// useVisit is what a resident comes for: the home that they look for, its bills, and an order for those that they
// choose. An answer that comes when they have gone elsewhere changes nothing.
export function useVisit(line: Line, { ask, problem }: Work, { place, happens }: Walk, payment: Payment) {
  const typed = ref('')
  const unit = ref<Unit>()
  const bills = ref<Bill[]>([])
  const prepaid = ref(0) // fen
  const chosen = ref(new Set<string>())
  const atMost = ref(0) // so many bills one order takes
  const orders = intentions('order')
  let asked: string[] = [] // the bills that an order is asked for
  const found = paged<Unit>(() => `/v1/units?q=${encodeURIComponent(typed.value)}`, line.session)

  // rest is what the unit of a paid order owes to another payee, who is paid apart: the next step.
  const rest = computed(() =>
    unit.value && payment.order.value
      ? restOf(bills.value, new Set(payment.order.value.items.map((i) => i.ref)))
      : undefined,
  )

  function begin() {
    typed.value = ''
    problem.value = undefined
    happens('start')
  }

  const find = () =>
    ask(async () => {
      await found.load()
      if (place.value !== 'find') return
      if (found.error.value) throw found.error.value
      const [first, second] = found.items.value
      if (!first) happens('nobody')
      else if (second || found.next.value) happens('several')
      else await read(first)
    })

  async function read(u: Unit) {
    const from = place.value
    const owed = await whole<Bills>(`/v1/units/${u.id}/bills?status=unpaid`, line.session())
    if (place.value !== from) return
    unit.value = u
    bills.value = owed.items
    prepaid.value = owed.prepayment_balance
    atMost.value = owed.max_per_order
    chosen.value = new Set(firstOf(owed.items, owed.max_per_order).map((b) => b.id))
    happens(owed.items.length ? 'owed' : 'nothing_owed')
  }

  const order = (onOpen: 'refuse' | 'supersede') =>
    ask(async () => {
      const body = { unit: unit.value!.id, bills: asked, on_open: onOpen }
      try {
        const made = await orders.once(body, (key) =>
          call<Order>('POST', '/v1/orders', { body, session: line.session(), key }),
        )
        payment.order.value = undefined
        payment.show(made)
      } catch (e) {
        if (!(e instanceof Problem) || e.code !== 'order_open') throw e
        happens('held')
      }
    })

  function pay(some: string[]) {
    asked = some
    return order('refuse')
  }

  function back() {
    problem.value = undefined
    happens('back')
  }

  // other looks for another home.
  function other() {
    typed.value = ''
    back()
  }

  // again reads the bills of the home of an order that has ended.
  const again = () =>
    ask(async () => {
      if (unit.value) await read(unit.value)
      else home()
    })

  function forget() {
    typed.value = ''
    unit.value = undefined
    payment.leave()
  }

  function home() {
    problem.value = undefined
    forget()
    happens('home')
  }

  return {
    typed,
    found,
    unit,
    bills,
    prepaid,
    chosen,
    atMost,
    rest,
    begin,
    find,
    open: (u: Unit) => ask(() => read(u)),
    pay,
    takeOver: () => order('supersede'),
    again,
    back,
    other,
    forget,
    home,
  }
}
export type Visit = ReturnType<typeof useVisit>
