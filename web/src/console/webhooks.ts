import type { components } from '../api.gen'
import type { ConsoleSay } from './texts'

export type Endpoint = components['schemas']['WebhookEndpoint']
export type MadeEndpoint = components['schemas']['MadeWebhookEndpoint']
export type Delivery = components['schemas']['WebhookDelivery']
export type EventType = components['schemas']['WebhookEventType']

// choosable are the types of events that an endpoint can choose, in the order of the document.
export const choosable: EventType[] = [
  'order.paid',
  'order.closed',
  'order.refunded',
  'order.refund_failed',
  'order.funds_unapplied',
  'bill.settled',
  'bill.reopened',
  'terminal.offline',
  'terminal.online',
]

// eventTypes are all that can be delivered: a test comes whatever was chosen.
export const eventTypes: EventType[] = [...choosable, 'endpoint.test']

// endpointTitle says what is asked of an endpoint.
export const endpointTitle = (e: Endpoint, t: ConsoleSay): string =>
  `${t(e.state === 'proposed' ? 'wh_add' : 'wh_edit')} · ${e.note || e.url}`
