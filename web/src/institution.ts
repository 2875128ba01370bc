import type { Attempt, Refund } from './types'

// What an institution says, in words: its codes are for support, and stand under details. A code that stands in no row
// is said in general words; a line more here is all that another code takes (institution.test.ts reads the gateways for
// codes that nobody has put into words).

// codes are each meaning's, without what institutions put in front of them or between their words.
const codes: Record<string, string> = {
  code_invalid: 'AUTH_CODE_INVALID PAYMENT_AUTH_CODE_INVALID AUTH_TOKEN_IS_NOT_EXIST',
  code_expired: 'AUTH_CODE_EXPIRE AUTH_CODE_EXPIRED',
  code_used: 'AUTH_CODE_ERROR',
  balance_low: 'NOT_ENOUGH BALANCE_NOT_ENOUGH BUYER_BALANCE_NOT_ENOUGH BUYER_BANKCARD_BALANCE_NOT_ENOUGH',
  merchant_balance: 'SELLER_BALANCE_NOT_ENOUGH MCH_BALANCE_NOT_ENOUGH',
  limit_reached: `RULE_LIMIT BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR
    TOTAL_FEE_EXCEED BEYOND_PAY_RESTRICTION BEYOND_PER_RECEIPT_RESTRICTION BEYOND_PER_RECEIPT_DAY_RESTRICTION
    BEYOND_PER_RECEIPT_SINGLE_RESTRICTION MERCHANT_PERM_RECEIPT_DAY_LIMIT MERCHANT_PERM_RECEIPT_SINGLE_LIMIT
    PRODUCT_AMOUNT_LIMIT_ERROR REQUEST_AMOUNT_EXCEED RESTRICTED_MERCHANT_INDUSTRY`,
  payer_refused: `TRADE_ERROR ACCOUNT_ERROR USER_ACCOUNT_ABNORMAL USER_NOT_EXIST USER_NOT_EXISTS BUYER_MISMATCH
    NOT_SUPPORT_CARD NOTSUPORTCARD BUYER_ENABLE_STATUS_FORBID BUYER_NOT_EXIST BUYER_NOT_MAINLAND_CERT BUYER_SELLER_EQUAL
    ERROR_BALANCE_PAYMENT_DISABLE ERROR_BUYER_CERTIFY_LEVEL_LIMIT MOBILE_PAYMENT_SWITCH_OFF NOT_CERTIFIED_USER
    NOT_SUPPORT_PAYMENT_INST NO_PAYMENT_INSTRUMENTS_AVAILABLE PAYER_UNMATCHED PAYMENT_FAIL PULL_MOBILE_CASHIER_FAIL
    USER_FACE_PAYMENT_SWITCH_OFF USER_LOGONID_DUP PAY_FAIL PAYERROR PAY_ERROR OPENID_MISMATCH TRADE_BUYER_NOT_MATCH`,
  risk: 'REQUEST_BLOCKED PAYMENT_REQUEST_HAS_RISK',
  paying: 'USERPAYING USER_PAYING 2068 BBS10000 PAY_ING WAIT_BUYER_PAY',
  busy: `SYSTEM_ERROR SYSTEM_BUSY BANK_ERROR FREQUENCY_LIMITED FREQUENCY_LIMIT_EXCEED RATELIMIT_EXCEEDED RATE_LIMITED
    BIZ_ERR_NEED_RETRY BIZERR_NEED_RETRY ORDER_NOT_READY SERVICE_UNAVAILABLE UNKNOW_ERROR UNKNOWN_ERROR
    BBS00001 BBS00100 BBS00101 000100 000101 BBS11105 BBS11112 710046 710048 20000 40005 200002 BILL_CREATING`,
  settings: `PARAM_ERROR PARAMS_ERROR LACK_PARAMS INVALID_PARAMETER INVALID_REQUEST SIGN_ERROR NO_AUTH
    APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS MCH_NOT_EXIST MCH_NOT_FOUND MEMBER_NOT_EXIST SERVICE_PROVIDER_NO_AUTH
    ACCESS_FORBIDDEN PARTNER_ERROR INVALID_STORE_ID EXIST_FORBIDDEN_WORD MERCHANT_STATUS_NOT_NORMAL
    MERCHANT_AGREEMENT_INVALID SELLER_BEEN_BLOCKED BBS11000 BBS11106 BBS11200 GW0001 GW0003 GW0004
    40001 40002 40006 20001`,
  is_paid: 'ORDER_PAID TRADE_HAS_SUCCESS',
  is_closed: 'ORDER_CLOSED ORDER_REVERSED TRADE_HAS_CLOSE TRADE_CLOSED REVOKED',
  is_over: 'NOW_TIME_AFTER_EXPIRE_TIME_ERROR',
  absent: 'ORDER_NOT_EXIST RESOURCE_NOT_EXISTS TRADE_NOT_EXIST INVALID_TRANSACTIONID',
  number_used: 'OUT_TRADE_NO_USED OUT_REFUND_NO_USED CONTEXT_INCONSISTENT DISCORDANT_REPEAT_REQUEST',
  // refunds
  refund_under_way: 'PROCESSING REFUND_PROCESSING REFUND_ING BPS10034 RFD11105 RFD11112 710038 710039 710032 710034',
  refund_absent: 'REFUND_NOT_EXIST REFUND_NOT_EXISTS',
  refund_too_much: `REFUND_FEE_MISMATCH REFUND_AMOUNT_ERROR REFUND_FEE_EXCEED REFUND_AMT_NOT_EQUAL_TOTAL
    REASON_TRADE_REFUND_FEE_ERR REFUND_FEE_ERROR`,
  refund_too_late: 'TRADE_OVERDUE REVERSE_EXPIRE TRADE_CANCEL_TIME_OUT TRADE_HAS_FINISHED TRADE_FINISHED',
  refund_not_allowed: `ORDER_NOT_REFUNDABLE ORDER_STATUS_ERROR TRADE_NOT_ALLOW_REFUND TRADE_STATUS_ERROR
    CANCEL_NOT_ALLOWED REASON_TRADE_STATUS_INVALID REASON_ILLEGAL_STATUS REASON_TRADE_BEEN_FREEZEN
    710036 710037 710050 710051 710052 710053`,
  refund_not_done: '710033 710035 710047 710049 CLOSED REFUND_CLOSE REFUND_CLOSED REFUND_FAIL RFD00001',
  refund_account: 'ABNORMAL',
}

// bare is a code without case, underscores and what stands in front.
const bare = (code: string) =>
  code
    .replace(/^(aop\.)?(ACQ|AQC|aop|isp)\./i, '')
    .replace(/[_-]/g, '')
    .toUpperCase()
const meanings = new Map(Object.entries(codes).flatMap(([key, some]) => some.split(/\s+/).map((c) => [bare(c), key])))

// meaningOf is what a code comes to, '' where nobody has put it into words. Of money that is to go back, money that is
// not enough is the merchant's, and a trade that is over is too late for a refund.
export function meaningOf(code: string, back = false): string {
  const key = meanings.get(bare(code)) ?? ''
  if (!back)
    return { refund_too_late: 'is_over', refund_not_allowed: 'is_closed', refund_not_done: 'is_closed' }[key] ?? key
  return (
    { balance_low: 'merchant_balance', is_paid: 'refund_not_allowed', is_closed: 'refund_not_allowed', code_used: '' }[
      key
    ] ?? key
  )
}

// kinds are ours, in front of an institution's own code and text: what its answer means where its code says nothing.
const kinds: Record<string, string> = {
  refused: '',
  unreached: 'unreached',
  paid: 'is_paid',
  closed: 'is_closed',
  absent: 'absent',
  busy: 'busy',
  unknown: 'unanswered',
}

// Told is what to say: a text's key with what it names, and what support wants to know.
export interface Told {
  key: string
  named?: Record<string, string>
  detail: string
}

// ours are failures that this system itself wrote down.
const ours: [RegExp, string, string[]][] = [
  [/^the institution gives back ([\d.]+), not ([\d.]+)$/, 'refund_other_amount', ['got', 'asked']],
  [/^no statement shows the void$/, 'void_unseen', []],
]

// doubts are what the server notes of a statement that disagrees with a card payment.
const doubts: [RegExp, string][] = [
  [/^(\S+) 对账单无此笔$/, 'doubt_absent'],
  [/^对账单金额 (.+)$/, 'doubt_amount'],
  [/^(\S+) 对账单有此笔刷卡，无此撤销$/, 'doubt_no_void'],
  [/^对账单有撤销 (.+)$/, 'doubt_void'],
]

// doubtSaid is such a note in the reader's language.
export function doubtSaid(doubt: string, t: (key: string, named: Record<string, string>) => string): string {
  for (const [pattern, key] of doubts) {
    const found = pattern.exec(doubt)
    if (found) return t(key, { what: found[1] })
  }
  return doubt
}

// forPeople are texts that people can read: Chinese, or words with blanks between them.
const forPeople = /[\u4e00-\u9fff]|[a-z]{2,} [a-z]{2,}/i

// responses are the codes by which a card's issuer answers a terminal (银联应答码, ISO 8583 field 39), each meaning's.
const responses: Record<string, string> = {
  balance_low: '51',
  limit_reached: '61 65',
  card_password: '38 55 75',
  card_expired: '33 54',
  payer_refused: '01 04 05 07 14 34 35 36 37 41 43 57 62',
  card_issuer: '68 91 92 96 98',
}
const answered = new Map(Object.entries(responses).flatMap(([key, some]) => some.split(' ').map((c) => [c, key])))

// onCard is what a terminal's card application says of a card that was not charged or a void that was not done: how it
// ended, the issuer's code, its text.
const onCard = /^(?:(failed|cancelled)(?: |$))?(?:(\d\d)(?: |$))?(.*)$/s

function cardTold(failure: string, back: boolean): Told | undefined {
  const [, ended, response, text] = onCard.exec(failure)!
  if (!ended && !response) return undefined
  const meaning = ended === 'cancelled' ? 'card_cancelled' : (!back && answered.get(response ?? '')) || ''
  if (meaning) return { key: 'why_' + meaning, detail: failure }
  if (forPeople.test(text)) return { key: 'why_said', named: { text }, detail: failure }
  return { key: back ? 'why_refund_other' : 'why_other', detail: failure }
}

// told puts a failure as it is stored into words: our kind, the institution's code and its text. why is what the server
// made of it. What has no code in it and is not ours was written for people, and is said as it is.
export function told(failure = '', why = '', back = false): Told | undefined {
  if (!failure && !why) return undefined
  for (const [pattern, key, names] of ours) {
    const found = pattern.exec(failure)
    if (found) return { key, named: Object.fromEntries(names.map((n, i) => [n, found[i + 1]])), detail: '' }
  }
  const read = cardTold(failure, back)
  if (read) return read
  const [first, ...rest] = failure.split(' ')
  const kind = kinds[first]
  const code = kind === undefined ? first : (rest[0] ?? '')
  const coded = /^[\w.-]+$/.test(code) && code !== ''
  const meaning = why || (coded && meaningOf(code, back)) || kind || ''
  if (meaning) return { key: 'why_' + (back && meaning === 'absent' ? 'refund_absent' : meaning), detail: failure }
  if (kind === undefined && forPeople.test(failure)) return { key: '', detail: failure }
  return { key: back ? 'why_refund_other' : 'why_other', detail: failure }
}

// toldOf is what is to be said of a try at an institution: nothing while it goes well.
export function toldOf(a: Pick<Attempt, 'failure' | 'why' | 'state' | 'method'>): Told | undefined {
  if (a.state === 'succeeded' || a.state === 'open') return undefined
  return told(a.failure, a.why)
}

// spoken is what a page shows of it.
export function spoken(
  of: Told,
  t: (key: string, named: Record<string, string>) => string,
): { said: string; detail: string } {
  return of.key ? { said: t(of.key, of.named ?? {}), detail: of.detail } : { said: of.detail, detail: '' }
}

// refundTold is what is to be said of a refund that is not done: what the institution said, or what a person wrote who
// ended it.
export function refundTold(
  r: Pick<Refund, 'failure' | 'why' | 'status' | 'done_by'>,
  t: (key: string, named: Record<string, string>) => string,
) {
  if (r.status === 'failed' && r.done_by && r.failure) return { said: r.failure, detail: '' }
  const of = told(r.failure, r.why, true)
  return of && spoken(of, t)
}

type Texts = Record<string, [string, string]>

// whys are for people at a desk: what happened, what it means, what to do.
export const whys: Texts = {
  why_code_invalid: [
    '付款码无效、已过期或已使用，没有扣款。请住户刷新付款码后再扫。',
    'The code is not valid, has expired or has been used; nothing was taken. Ask the resident to refresh it and ' +
      'scan again.',
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
    'The institution did not answer and the outcome is open. It is asked again by itself: wait, and do not ' +
      'charge again.',
  ],
  why_settings: [
    '商户号的设置或权限有误，支付渠道没有受理，没有扣款。请换一种方式收款，并请管理员检查该商户号。',
    'The merchant account is not set up or not allowed for this; nothing was taken. Choose another way, and have ' +
      'the account looked at.',
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
    'This is more than the institution can still give back; nothing went back. See on its page what has gone back ' +
      'of this payment, and give back what is left.',
  ],
  why_refund_too_late: [
    '已超过支付渠道的退款期限，不能原路退回。请用其他方式退给住户，再按“已线下退款”登记。',
    'It is too late for the institution to give this back. Give it back by other means, then mark it as settled ' +
      'by hand.',
  ],
  why_refund_not_allowed: [
    '支付渠道不允许退这一笔（可能已退完、已关闭或被冻结），没有退出去。请在商户平台核对后，重试或按“已线下退款”登记。',
    'The institution does not allow this refund (gone back already, closed or frozen); nothing went back. Look at ' +
      'its page, then try again or settle it by hand.',
  ],
  why_refund_not_done: [
    '支付渠道没有退成，钱仍在商户账户。请按“重试退款”；仍不成的，用其他方式退给住户后按“已线下退款”登记。',
    'The institution did not give it back; the money is still in the merchant account. Try again; if that fails, ' +
      'give it back by other means and settle it by hand.',
  ],
  why_refund_account: [
    '住户付款的银行卡或账户已注销、冻结或停用，钱退不进去。请在商户平台改退到住户的其他账户，或用其他方式退给住户后按“已线下退款”登记。',
    "The resident's card or account is closed or frozen and cannot take the money. Have it sent to another account " +
      "on the institution's page, or give it back by other means and settle it by hand.",
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
}

// payersWhys say the same to whoever pays.
export const payersWhys: Texts = {
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
}
