import type { Plain, Said, Say } from './say'
import type { SharedTexts } from './texts'
import type { Attempt, Refund } from './types'
import type { whys } from './whys'

// What an institution says, in words: its codes are for support, and stand under details. A code that stands in no row
// is said in general words; a line more here is all that another code takes (institution.test.ts reads the gateways for
// codes that nobody has put into words).

// Meaning is what an institution's word can come to; whys has the words for each.
type Meaning = { [K in Plain<typeof whys>]: K extends `why_${infer M}` ? M : never }[Plain<typeof whys>]

// codes are each meaning's, without what institutions put in front of them or between their words.
const codes: Partial<Record<Meaning, string>> = {
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

// byCode turns each meaning's codes round.
function byCode(of: Partial<Record<Meaning, string>>, as: (code: string) => string = (c) => c): Map<string, Meaning> {
  const each = Object.entries(of) as [Meaning, string][]
  return new Map(each.flatMap(([meaning, some]) => some.split(/\s+/).map((c) => [as(c), meaning] as const)))
}

// bare is a code without case, underscores and what stands in front.
const bare = (code: string) =>
  code
    .replace(/^(aop\.)?(ACQ|AQC|aop|isp)\./i, '')
    .replace(/[_-]/g, '')
    .toUpperCase()
const meanings = byCode(codes, bare)

// What a code of both comes to where money is to be paid, and where it is to go back.
const ofPayment: Partial<Record<string, Meaning>> = {
  refund_too_late: 'is_over',
  refund_not_allowed: 'is_closed',
  refund_not_done: 'is_closed',
}
const ofRefund: Partial<Record<string, Meaning | ''>> = {
  balance_low: 'merchant_balance',
  is_paid: 'refund_not_allowed',
  is_closed: 'refund_not_allowed',
  code_used: '',
}

// meaningOf is what a code comes to, '' where nobody has put it into words. Of money that is to go back, money that is
// not enough is the merchant's, and a trade that is over is too late for a refund.
export function meaningOf(code: string, back = false): Meaning | '' {
  const key = meanings.get(bare(code)) ?? ''
  const other = back ? ofRefund : ofPayment
  return other[key] ?? key
}

// kinds are ours, in front of an institution's own code and text: what its answer means where its code says nothing.
const kinds: Partial<Record<string, Meaning | ''>> = {
  refused: '',
  unreached: 'unreached',
  paid: 'is_paid',
  closed: 'is_closed',
  absent: 'absent',
  busy: 'busy',
  unknown: 'unanswered',
}

// Told is what to say: a text with what it names, and what support wants to know. Without a text the detail is said: it
// was written for people.
export interface Told {
  text?: Said<SharedTexts>
  detail: string
}

// ours are failures that this system itself wrote down.
const ours: [RegExp, (found: string[]) => Said<SharedTexts>][] = [
  [/^the institution gives back ([\d.]+), not ([\d.]+)$/, ([, got, asked]) => ['refund_other_amount', { got, asked }]],
  [/^no statement shows the void$/, () => ['void_unseen']],
]

// doubts are what the server notes of a statement that disagrees with a card payment.
const doubts: [RegExp, 'doubt_absent' | 'doubt_amount' | 'doubt_no_void' | 'doubt_void'][] = [
  [/^(\S+) 对账单无此笔$/, 'doubt_absent'],
  [/^对账单金额 (.+)$/, 'doubt_amount'],
  [/^(\S+) 对账单有此笔刷卡，无此撤销$/, 'doubt_no_void'],
  [/^对账单有撤销 (.+)$/, 'doubt_void'],
]

// doubtSaid is such a note in the reader's language.
export function doubtSaid(doubt: string, t: Say<SharedTexts>): string {
  for (const [pattern, key] of doubts) {
    const found = pattern.exec(doubt)
    if (found) return t(key, { what: found[1] })
  }
  return doubt
}

// forPeople are texts that people can read: Chinese, or words with blanks between them.
const forPeople = /[\u4e00-\u9fff]|[a-z]{2,} [a-z]{2,}/i

// responses are the codes by which a card's issuer answers a terminal (银联应答码, ISO 8583 field 39), each meaning's.
const responses: Partial<Record<Meaning, string>> = {
  balance_low: '51',
  limit_reached: '61 65',
  card_password: '38 55 75',
  card_expired: '33 54',
  payer_refused: '01 04 05 07 14 34 35 36 37 41 43 57 62',
  card_issuer: '68 91 92 96 98',
}
const answered = byCode(responses)

// onCard is what a terminal's card application says of a card that was not charged or a void that was not done: how it
// ended, the issuer's code, its text.
const onCard = /^(?:(failed|cancelled)(?: |$))?(?:(\d\d)(?: |$))?(.*)$/s

// inGeneral is what is said where nobody has put a failure into words.
const inGeneral = (failure: string, back: boolean): Told => ({
  text: [back ? 'why_refund_other' : 'why_other'],
  detail: failure,
})

function cardTold(failure: string, back: boolean): Told | undefined {
  const [, ended, response, text] = onCard.exec(failure)!
  if (!ended && !response) return undefined
  const meaning = ended === 'cancelled' ? 'card_cancelled' : (!back && answered.get(response ?? '')) || ''
  if (meaning) return { text: [`why_${meaning}`], detail: failure }
  if (forPeople.test(text)) return { text: ['why_said', { text }], detail: failure }
  return inGeneral(failure, back)
}

// told puts a failure as it is stored into words: our kind, the institution's code and its text. why is what the server
// made of it. What has no code in it and is not ours was written for people, and is said as it is.
export function told(failure = '', why: Attempt['decline_reason'] | '' = '', back = false): Told | undefined {
  if (!failure && !why) return undefined
  for (const [pattern, text] of ours) {
    const found = pattern.exec(failure)
    if (found) return { text: text(found), detail: '' }
  }
  const read = cardTold(failure, back)
  if (read) return read
  const [first, ...rest] = failure.split(' ')
  const kind = kinds[first]
  const code = kind === undefined ? first : (rest[0] ?? '')
  const coded = /^[\w.-]+$/.test(code) && code !== ''
  const meaning = why || (coded && meaningOf(code, back)) || kind || ''
  if (meaning) return { text: [`why_${back && meaning === 'absent' ? 'refund_absent' : meaning}`], detail: failure }
  if (kind === undefined && forPeople.test(failure)) return { detail: failure }
  return inGeneral(failure, back)
}

// toldOf is what is to be said of a try at an institution: nothing while it goes well.
export function toldOf(a: Pick<Attempt, 'failure' | 'decline_reason' | 'state' | 'method'>): Told | undefined {
  if (a.state === 'succeeded' || a.state === 'open') return undefined
  return told(a.failure, a.decline_reason)
}

// spoken is what a page shows of it.
export function spoken(of: Told, t: Say<SharedTexts>): { said: string; detail: string } {
  return of.text ? { said: t(...of.text), detail: of.detail } : { said: of.detail, detail: '' }
}

// refundTold is what is to be said of a refund that is not done: what the institution said, or what a person wrote who
// ended it.
export function refundTold(r: Pick<Refund, 'failure' | 'decline_reason' | 'status' | 'done_by'>, t: Say<SharedTexts>) {
  if (r.status === 'failed' && r.done_by && r.failure) return { said: r.failure, detail: '' }
  const of = told(r.failure, r.decline_reason, true)
  return of && spoken(of, t)
}
