import { long, texts } from './say'

// whys say to people at a desk why an institution did not do something: what happened, what it means, what to do.
export const whys = texts({
  why_code_invalid: [
    '付款码无效、已过期或已使用，没有扣款。请住户刷新付款码后再扫。',
    long(
      'The code is not valid, has expired or has been used; nothing was taken. Ask the resident to refresh it and ',
      'scan again.',
    ),
  ],
  why_code_expired: [
    '付款码已过期，没有扣款。请住户刷新付款码后再扫。',
    'The code has expired; nothing was taken. Ask the resident to refresh it and scan again.',
  ],
  why_code_used: [
    '付款码已使用过，没有扣款。请住户刷新付款码后再扫。',
    'The code has been used; nothing was taken. Ask the resident to refresh it and scan again.',
  ],
  why_balance_low: [
    '住户的余额不足，没有扣款。请住户换一张卡或另一个钱包。',
    "The resident's balance is too low; nothing was taken. Use another card or wallet.",
  ],
  why_limit_reached: [
    '超出住户或商户的支付限额，没有扣款。请住户换一张卡、另一个钱包或现金。',
    "The resident's or the merchant's limit is reached; nothing was taken. Use another card, another wallet or cash.",
  ],
  why_payer_refused: [
    '住户的账户或银行卡不支持此次支付，没有扣款。请住户换一种方式。',
    "The resident's account or card does not allow this; nothing was taken. Choose another way.",
  ],
  why_risk: [
    '支付渠道出于风险控制拦下了此次支付，没有扣款。请住户换一种方式。',
    'The institution stopped this payment as a risk; nothing was taken. Choose another way.',
  ],
  why_paying: [
    '住户还没有输完支付密码，尚未付成。请等待结果，不要重复收款。',
    'The resident has not finished entering the password. Wait for the outcome; do not charge again.',
  ],
  why_busy: [
    '支付渠道系统繁忙，结果还不确定。系统会自动再查，请稍候，不要重复收款。',
    'The institution is busy and the outcome is open. It is asked again by itself: wait, and do not charge again.',
  ],
  why_unreached: [
    '没有连上支付渠道，没有扣款。请重试或换一种方式。',
    'The institution could not be reached; nothing was taken. Try again or choose another way.',
  ],
  why_unanswered: [
    '支付渠道没有答复，结果还不确定。系统会自动再查，请稍候，不要重复收款。',
    long(
      'The institution did not answer and the outcome is open. It is asked again by itself: wait, and do not ',
      'charge again.',
    ),
  ],
  why_settings: [
    '商户号的设置或权限有误，支付渠道没有受理，没有扣款。请换一种方式收款，并请管理员检查该商户号。',
    long(
      'The merchant account is not set up or not allowed for this; nothing was taken. Choose another way, and have ',
      'the account looked at.',
    ),
  ],
  why_is_paid: [
    '支付渠道表示这一笔已经付过。请按“查单”核对，不要重复收款。',
    'The institution says that this has been paid. Check the order; do not charge again.',
  ],
  why_is_closed: [
    '这一笔在支付渠道已关闭或已撤销，不能再付。请重新收款。',
    'This is closed or reversed at the institution and can no longer be paid. Collect anew.',
  ],
  why_is_over: [
    '已超过支付渠道允许付款的时间，没有扣款。请重新收款。',
    'The time to pay this at the institution is over; nothing was taken. Collect anew.',
  ],
  why_card_cancelled: ['刷卡已取消，没有扣款。', 'The card was not charged: it was cancelled.'],
  why_card_password: [
    '银行卡密码不正确或已错太多次，没有扣款。请重新刷卡或换一种方式。',
    'The PIN is wrong, or was wrong too often; nothing was taken. Try again, or choose another way.',
  ],
  why_card_expired: [
    '银行卡已过期，没有扣款。请换一张卡或换一种方式。',
    'The card has expired; nothing was taken. Use another card or another way.',
  ],
  why_card_issuer: [
    '发卡银行没有应答，没有扣款。请稍后再刷或换一种方式。',
    "The card's bank did not answer; nothing was taken. Try again later, or choose another way.",
  ],
  why_said: ['{text}', '{text}'],
  why_absent: [
    '支付渠道没有这一笔交易。住户如称已付款，请按“查单”再核对一次。',
    'The institution knows of no such payment. If the resident says it was paid, check the order once more.',
  ],
  why_number_used: [
    '这个单号在支付渠道已经用过，此次没有受理。请先按“查单”核对，再重新收款。',
    'The institution has this number already and did not take it. Check the order, then collect anew.',
  ],
  why_other: [
    '支付渠道没有受理此次支付，没有扣款。请重新扫描或换一种方式。',
    'The institution did not take this payment; nothing was taken. Scan again or choose another way.',
  ],
  // money that is to go back
  why_merchant_balance: [
    '商户账户余额不足，没有退出去。请财务充值后按“重试退款”。',
    'The merchant account lacks money and nothing went back. Top it up, then try the refund again.',
  ],
  why_refund_under_way: [
    '支付渠道正在退款，还没有结果。系统会自动再查，请稍候。',
    'The institution is giving it back; there is no outcome yet. It is asked again by itself.',
  ],
  why_refund_absent: [
    '支付渠道没有收到这笔退款，钱没有退出去。请按“重试退款”。',
    'The institution has no such refund and nothing went back. Try the refund again.',
  ],
  why_refund_too_much: [
    '退款金额超过支付渠道上还能退的金额，没有退出去。请在商户平台核对这一笔已退的款项，再按余下的金额退。',
    long(
      'This is more than the institution can still give back; nothing went back. See on its page what has gone back ',
      'of this payment, and give back what is left.',
    ),
  ],
  why_refund_too_late: [
    '已超过支付渠道的退款期限，不能原路退回。请用其他方式退给住户，再按“已线下退款”登记。',
    long(
      'It is too late for the institution to give this back. Give it back by other means, then mark it as settled ',
      'by hand.',
    ),
  ],
  why_refund_not_allowed: [
    '支付渠道不允许退这一笔（可能已退完、已关闭或被冻结），没有退出去。请在商户平台核对后，重试或按“已线下退款”登记。',
    long(
      'The institution does not allow this refund (gone back already, closed or frozen); nothing went back. Look at ',
      'its page, then try again or settle it by hand.',
    ),
  ],
  why_refund_not_done: [
    '支付渠道没有退成，钱仍在商户账户。请按“重试退款”；仍不成的，用其他方式退给住户后按“已线下退款”登记。',
    long(
      'The institution did not give it back; the money is still in the merchant account. Try again; if that fails, ',
      'give it back by other means and settle it by hand.',
    ),
  ],
  why_refund_account: [
    '住户付款的银行卡或账户已注销、冻结或停用，钱退不进去。请在商户平台改退到住户的其他账户，或用其他方式退给住户后按“已线下退款”登记。',
    long(
      "The resident's card or account is closed or frozen and cannot take the money. Have it sent to another account ",
      "on the institution's page, or give it back by other means and settle it by hand.",
    ),
  ],
  why_refund_other: [
    '支付渠道没有受理这笔退款。请按“重试退款”；仍不成的，凭下面的详情联系支付渠道。',
    'The institution did not take this refund. Try again; if that fails, ask the institution with the details below.',
  ],
  refund_other_amount: [
    '支付渠道退了 ¥{got}，与申请的 ¥{asked} 不符。请在商户平台核对后处理。',
    'The institution gives back ¥{got}, not the ¥{asked} asked for. Look at its page, then decide.',
  ],
  void_unseen: [
    '对账单上没有这笔撤销，钱可能没有退回住户。请联系收单机构核实。',
    'No statement shows this void: the resident may not have the money back. Ask the acquirer.',
  ],
  doubt_absent: ['{what} 对账单无此笔', 'the statement of {what} does not show it'],
  doubt_amount: ['对账单金额 ¥{what}', 'the statement says ¥{what}'],
  doubt_no_void: ['{what} 对账单有此笔刷卡，无此撤销', 'the statement of {what} shows the payment and not the void'],
  doubt_void: ['对账单有撤销 {what}', 'the statement shows a void: {what}'],
  institution_details: ['详情', 'Details'],
})

// payersWhys say the same to whoever pays.
export const payersWhys = texts({
  ...whys,
  why_code_invalid: [
    '付款码无效、已过期或已使用，没有扣款。请刷新后重新出示。',
    'The code is not valid, has expired or has been used; nothing was taken. Refresh it and show it again.',
  ],
  why_code_expired: [
    '付款码已过期，没有扣款。请刷新后重新出示。',
    'The code has expired; nothing was taken. Refresh it and show it again.',
  ],
  why_code_used: [
    '付款码已使用过，没有扣款。请刷新后重新出示。',
    'The code has been used; nothing was taken. Refresh it and show it again.',
  ],
  why_balance_low: [
    '余额不足，没有扣款。请换一张卡或另一个钱包。',
    'The balance is too low; nothing was taken. Use another card or wallet.',
  ],
  why_limit_reached: [
    '超出支付限额，没有扣款。请换一张卡或另一个钱包。',
    'A limit is reached; nothing was taken. Use another card or wallet.',
  ],
  why_payer_refused: [
    '您的账户或银行卡不支持此次支付，没有扣款。请换一种方式。',
    'Your account or card does not allow this; nothing was taken. Choose another way.',
  ],
  why_risk: [
    '支付渠道出于风险控制拦下了此次支付，没有扣款。请换一种方式。',
    'The institution stopped this payment as a risk; nothing was taken. Choose another way.',
  ],
  why_paying: [
    '支付密码还没有输完，尚未付成。请在手机上完成支付。',
    'The password has not been entered yet. Finish the payment on your phone.',
  ],
  why_busy: [
    '支付渠道系统繁忙，结果还不确定。请稍候，不要重复付款。',
    'The institution is busy and the outcome is open. Please wait; do not pay again.',
  ],
  why_unanswered: [
    '支付渠道没有答复，结果还不确定。请稍候，不要重复付款。',
    'The institution did not answer and the outcome is open. Please wait; do not pay again.',
  ],
  why_settings: [
    '这种支付方式暂时不能使用，没有扣款。请换一种方式，或询问工作人员。',
    'This way to pay cannot be used now; nothing was taken. Choose another, or ask the staff.',
  ],
  why_is_paid: [
    '支付渠道表示这一笔已经付过。请勿重复付款，如有疑问请询问工作人员。',
    'The institution says that this has been paid. Do not pay again; ask the staff if in doubt.',
  ],
  why_is_closed: ['这一笔已关闭，不能再付。请重新发起缴费。', 'This payment is closed. Please begin anew.'],
  why_is_over: [
    '已超过付款时间，没有扣款。请重新发起缴费。',
    'The time to pay is over; nothing was taken. Please begin anew.',
  ],
  why_absent: [
    '支付渠道没有这一笔交易。如已付款，请询问工作人员。',
    'The institution knows of no such payment. If you paid, ask the staff.',
  ],
  why_number_used: [
    '支付渠道没有受理此次支付。请重新发起缴费；如已付款，请询问工作人员。',
    'The institution did not take this payment. Begin anew; if you paid, ask the staff.',
  ],
  why_other: [
    '支付渠道没有受理此次支付，没有扣款。请重新出示或换一种方式。',
    'The institution did not take this payment; nothing was taken. Show the code again or choose another way.',
  ],
})
