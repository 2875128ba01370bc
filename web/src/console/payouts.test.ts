import { expect, test } from 'vitest'
import { say } from '../say'
import type { Payout } from '../types'
import { accountFits, accountShown, file, paidBy, stepsOf, totalOf } from './payouts'
