import { expect, test } from 'vitest'
import document from '../../handlers/openapi.json?raw'
import * as types from './types'

const { schemas } = JSON.parse(document).components as { schemas: Record<string, { enum?: string[] }> }

// The lists that pages walk through are the enums of the API, whatever their order.
test.each([
  ['AttemptState', types.attemptStates],
  ['Wallet', types.wallets],
  ['Institution', types.institutions],
  ['CardType', types.cardTypes],
  ['RefundStatus', types.refundStates],
  ['UnappliedState', types.unappliedStates],
  ['UnappliedReason', types.unappliedReasons],
  ['Noticed', types.noticedWays],
  ['Method', types.methods],
  ['CloseReason', types.closeReasons],
  ['DeclineReason', types.whys],
  ['NotificationOutcome', types.outcomes],
  ['BindingState', types.bindingStates],
  ['BindingWay', types.bindingWays],
] as [string, readonly string[]][])('%s', (name, list) => {
  expect([...list].sort()).toEqual([...(schemas[name].enum ?? [])].sort())
})
