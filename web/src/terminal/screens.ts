// The terminal's screens, each a component of its name in screens/: what happens there, which screen that leads to, and
// how many seconds it waits for a touch before the terminal is idle again. Whatever else happens changes nothing.

// Places are the screens that a person walks to; the others are what an order at 'pay' shows.
export type Place =
  'loading' | 'pairing' | 'idle' | 'find' | 'none' | 'units' | 'bills' | 'clear' | 'busy' | 'pay' | 'paid' | 'closed'
export type Screen = Place | 'code' | 'card' | 'sent' | 'again' | 'over'

// Happening is what leads from one place to another.
export type Happening =
  | 'paired' // the device has a pairing
  | 'unpaired' // it has none, or the server ended it
  | 'start' // somebody wants to pay
  | 'nobody' // no home has the number
  | 'several' // more than one home has it
  | 'owed' // the home has bills to pay
  | 'nothing_owed'
  | 'held' // another order holds one of the bills
  | 'ordered' // an order waits to be paid
  | 'paid'
  | 'closed' // the order ended without being paid
  | 'back'
  | 'home' // the resident has left, or nobody touched the screen

interface Way {
  on?: Partial<Record<Happening, Place>>
  quiet?: number
}

// serving is what may happen wherever a paired terminal is.
const serving = { unpaired: 'pairing', ordered: 'pay', home: 'idle' } as const
// read is what the bills of a home come to.
const read = { owed: 'bills', nothing_owed: 'clear' } as const

export const screens: Record<Screen, Way> = {
  loading: { on: { paired: 'idle', unpaired: 'pairing' } },
  pairing: { on: { paired: 'idle' } },
  idle: { on: { ...serving, start: 'find' } },
  find: { on: { ...serving, ...read, nobody: 'none', several: 'units', back: 'idle' }, quiet: 60 },
  none: { on: { ...serving, back: 'find' }, quiet: 30 },
  units: { on: { ...serving, ...read, back: 'find' }, quiet: 60 },
  bills: { on: { ...serving, held: 'busy', back: 'find' }, quiet: 90 },
  clear: { on: { ...serving, back: 'find' }, quiet: 30 },
  busy: { on: { ...serving, back: 'bills' }, quiet: 60 },
  pay: { on: { ...serving, paid: 'paid', closed: 'closed' } }, // the order's QR; the order ends by itself
  paid: { on: { ...serving, ...read }, quiet: 15 },
  closed: { on: { ...serving, ...read, paid: 'paid' }, quiet: 30 }, // the money may come late
  // what an order at 'pay' shows instead of its QR, as it stands; what happens, happens at 'pay'
  code: {}, // a payment code is charged
  card: {}, // a card is awaited
  sent: {}, // a card was read: its result is on its way, or the acquirer is asked
  again: {}, // whether to charge a card once more
  over: { quiet: 60 }, // the order's time is over, and the server does not say how it ended
}

// after is where the terminal is once something has happened.
export const after = (place: Place, what: Happening): Place => screens[place].on?.[what] ?? place

// Stand is how the order at 'pay' stands.
export interface Stand {
  code: boolean // a payment code is being charged
  card?: 'reading' | 'sending' | 'asking' // what becomes of a card; the result is sent to us, the acquirer is asked
  again: boolean // a person is asked whether to charge a card once more
  over: boolean // its time has been over for a while
}

export function shown(place: Place, order: Stand): Screen {
  if (place !== 'pay') return place
  if (order.code) return 'code'
  if (order.card) return order.card === 'reading' ? 'card' : 'sent'
  if (order.over) return 'over'
  return order.again ? 'again' : 'pay'
}

// patience is how many seconds a screen waits for a touch, 0 is for ever: while a result that the server does not have
// is of what is shown, nobody is sent away.
export function patience(screen: Screen, unsent: boolean): number {
  return unsent ? 0 : (screens[screen].quiet ?? 0)
}
