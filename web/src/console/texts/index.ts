import { paperTexts, deskPaperTexts } from '../../paper/texts'
import { texts, type Plain, type Say } from '../../say'
import { textsOf } from '../../i18n'
import { amounts } from '../../amounts'
import { shared } from '../../texts'
import { account } from './account'
import { approval } from './approval'
import { authority } from './authority'
import { bill } from './bill'
import { binding } from './binding'
import { card } from './card'
import { chain } from './chain'
import { client } from './client'
import { collect } from './collect'
import { cutover } from './cutover'
import { deposit } from './deposit'
import { form } from './form'
import { frame } from './frame'
import { home } from './home'
import { importing } from './import'
import { member } from './member'
import { message } from './message'
import { order } from './order'
import { organisation } from './organisation'
import { payout } from './payout'
import { prepayment } from './prepayment'
import { record } from './record'
import { refund } from './refund'
import { returned } from './returned'
import { route } from './route'
import { setup } from './setup'
import { sorting } from './sorting'
import { statement } from './statement'
import { terminal } from './terminal'
import { timeline } from './timeline'
import { unapplied } from './unapplied'
import { webhook } from './webhook'

// What the console says, a file a noun.
export const consoleTexts = texts({
  ...shared,
  ...amounts,
  ...paperTexts,
  ...deskPaperTexts,
  ...account,
  ...approval,
  ...authority,
  ...bill,
  ...binding,
  ...card,
  ...chain,
  ...client,
  ...collect,
  ...cutover,
  ...deposit,
  ...form,
  ...frame,
  ...home,
  ...importing,
  ...member,
  ...message,
  ...order,
  ...organisation,
  ...payout,
  ...prepayment,
  ...record,
  ...refund,
  ...returned,
  ...route,
  ...setup,
  ...sorting,
  ...statement,
  ...terminal,
  ...timeline,
  ...unapplied,
  ...webhook,
})
export type ConsoleTexts = typeof consoleTexts
export type ConsoleSay = Say<ConsoleTexts>
export type ConsoleText = Plain<ConsoleTexts>

export const useTexts = textsOf<ConsoleTexts>
