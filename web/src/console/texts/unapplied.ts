import { texts } from '../../say'

// Unapplied funds.
export const unapplied = texts({
  tab_open: ['待处理', 'To be decided'],
  tab_doing: ['处理中', 'Under way'],
  tab_ended: ['已完结', 'Ended'],
  handler: ['处理人', 'Handled by'],
  do_claim: ['领取', 'Claim'],
  do_refund: ['退款', 'Give back'],
  do_prepay: ['转预存', 'Prepayment'],
  do_dismiss: ['核销', 'Dismiss'],
  dismiss_why: ['请填写核销说明', 'why does it stay?'],
})
