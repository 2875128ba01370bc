// The terminal's screens: where each leads back to, and how many seconds it waits for a touch before the terminal is
// idle again. Those that have an order to be paid wait for the order instead, which ends by itself.

// Places are the screens that a person walks to; the others are what an order at 'pay' shows.
export type Place =
  'loading' | 'pairing' | 'idle' | 'find' | 'none' | 'units' | 'bills' | 'clear' | 'busy' | 'pay' | 'paid' | 'closed'
export type Screen = Place | 'code' | 'card' | 'sent' | 'again' | 'over'

interface Way {
  back?: Place
  quiet?: number
}

export const screens: Record<Screen, Way> = {
  loading: {},
  pairing: {},
  idle: {},
  find: { back: 'idle', quiet: 60 },
  none: { back: 'find', quiet: 30 }, // no home has the number
  units: { back: 'find', quiet: 60 },
  bills: { back: 'find', quiet: 90 },
  clear: { back: 'find', quiet: 30 }, // nothing is owed
  busy: { back: 'bills', quiet: 60 }, // another order holds a bill
  pay: {}, // the order's QR, and below it what becomes of an order while it is paid
  code: {}, // a payment code is charged
  card: { back: 'pay' }, // a card is awaited
  sent: {}, // a card was read: its result is on its way, or the acquirer is asked
  again: { back: 'pay' }, // whether to charge a card once more
  over: { back: 'idle', quiet: 60 }, // the order's time is over, and the server does not say how it ended
  paid: { back: 'idle', quiet: 15 },
  closed: { back: 'idle', quiet: 30 },
}

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

export function wayBack(screen: Screen): Place | undefined {
  return screens[screen].back
}
