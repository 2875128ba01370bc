import { expect, test } from 'vitest'
import { doubtSaid, meaningOf, told } from './institution'
import { sayingOf } from './say.play'
import { shared } from './texts'
import { whys as named } from './types'
import { payersWhys, whys } from './whys'

// As stored, what the server made of it, whether it is of money that goes back, and what is said.
test.each<[string, '' | (typeof named)[number], boolean, string]>([
  ['refused AUTH_CODE_INVALID 付款码无效，请重新扫码', 'code_invalid', false, 'why_code_invalid'],
  ['refused AUTH_CODE_INVALID', '', false, 'why_code_invalid'],
  ['refused AUTHCODEEXPIRE', '', false, 'why_code_expired'],
  ['refused ACQ.PAYMENT_AUTH_CODE_INVALID 支付失败', '', false, 'why_code_invalid'],
  ['refused NOTENOUGH', '', false, 'why_balance_low'],
  ['refused NOT_ENOUGH 余额不足', '', true, 'why_merchant_balance'],
  ['USERPAYING', '', false, 'why_paying'],
  ['busy USERPAYING 需要用户输入支付密码', '', false, 'why_paying'],
  ['busy SYSTEMERROR', '', false, 'why_busy'],
  ['busy', '', false, 'why_busy'],
  ['unknown', '', false, 'why_unanswered'],
  ['unreached', '', false, 'why_unreached'],
  ['refused SIGN_ERROR 签名错误', '', false, 'why_settings'],
  ['refused ZZZ_9 没见过的码', '', false, 'why_other'],
  ['refused ZZZ_9 没见过的码', '', true, 'why_refund_other'],
  ['refused', '', false, 'why_other'],
  ['closed ORDERCLOSED', '', false, 'why_is_closed'],
  ['ABNORMAL', '', true, 'why_refund_account'],
  ['REFUND_FAIL', '', true, 'why_refund_not_done'],
  ['absent REFUND_NOT_EXISTS', '', true, 'why_refund_absent'],
  ['absent', '', true, 'why_refund_absent'],
  ['refused ACQ.TRADE_HAS_FINISHED', '', true, 'why_refund_too_late'],
  ['refused TRADE_HAS_FINISHED', '', false, 'why_is_over'],
  ['the institution gives back 1.00, not 2.00', '', true, 'refund_other_amount'],
  ['no statement shows the void', '', true, 'void_unseen'],
  ['E51', '', false, 'why_other'],
  ['failed 51 余额不足', '', false, 'why_balance_low'],
  ['51 可用余额不足', '', false, 'why_balance_low'],
  ['failed 05 持卡人认证失败', '', false, 'why_payer_refused'],
  ['failed 55', '', false, 'why_card_password'],
  ['54', '', false, 'why_card_expired'],
  ['failed 91 发卡方不可操作', '', false, 'why_card_issuer'],
  ['failed', '', false, 'why_other'],
  ['failed 99 读卡器故障', '', false, 'why_said'],
  ['cancelled', '', false, 'why_card_cancelled'],
  ['cancelled 用户取消', '', true, 'why_card_cancelled'],
  ['failed 51 余额不足', '', true, 'why_said'],
  ['failed 25', '', true, 'why_refund_other'],
  ['银行卡余额不足', '', false, ''],
  ['已退到住户的另一张卡', '', true, ''],
])('%s (%s, back %s) is said as %s', (failure, why, back, key) => {
  const said = told(failure, why, back)!
  expect(said.text?.[0] ?? '').toBe(key)
  if (key) expect([key in whys, key in payersWhys]).toEqual([true, true])
  else expect(said.detail).toBe(failure)
})

// What the server notes of a statement, and what an English reader is told.
test.each([
  ['2026-11-28 对账单无此笔', 'the statement of 2026-11-28 does not show it'],
  ['对账单金额 12.30', 'the statement says ¥12.30'],
  ['2026-11-28 对账单有此笔刷卡，无此撤销', 'the statement of 2026-11-28 shows the payment and not the void'],
  ['对账单有撤销 V1 1.00', 'the statement shows a void: V1 1.00'],
  ['whatever else', 'whatever else'],
])('%s is said in English', (doubt, want) => {
  expect(doubtSaid(doubt, sayingOf(shared))).toBe(want)
})

const orders = import.meta.glob<string>('../../payment/*.go', { query: '?raw', import: 'default', eager: true })
test('every doubt that the server writes has words', () => {
  const written = Object.entries(orders)
    .filter(([path]) => !path.endsWith('_test.go'))
    .flatMap(([, text]) =>
      [...text.matchAll(/(date ?\+ ?)?"( ?对账单[^"]*)"/g)].map(
        (m) => (m[1] ? '2026-11-28' : '') + m[2].replace('%s', '1.00').replace(/ $/, ' V1'),
      ),
    )
    .filter((text) => /^2026|金额|有撤销/.test(text))
  expect(written.length).toBeGreaterThan(3)
  expect(written.filter((doubt) => doubtSaid(doubt, () => 'said') !== 'said')).toEqual([])
})

test('nothing is said of what went well', () => expect(told('', '')).toBeUndefined())

test('an amount that differs is named', () => {
  expect(told('the institution gives back 1.00, not 2.00')!.text).toEqual([
    'refund_other_amount',
    { got: '1.00', asked: '2.00' },
  ])
})

test('all that the server makes of a refusal has words', () => {
  expect(named.filter((w) => !whys[`why_${w}`])).toEqual([])
})

const files = import.meta.glob<string>('../../payment/**/*.go', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const sources = (folder: string, name = /\.go$/) =>
  Object.entries(files)
    .filter(
      ([path]) => path.includes(`/${folder}/`) && name.test(path.split('/').at(-1)!) && !path.endsWith('_test.go'),
    )
    .map(([, text]) => text)

// What the gateways sort, and what the institutions on loopback answer. Alipay's 40004 says that a sub code says why.
test('every code of the gateways and of the sandbox has words', () => {
  const sorted = ['wechat', 'alipay', 'shengpay', 'lakala', 'ruiyinxin']
    .flatMap((f) => sources(f, /^(why|kind)\.go$/))
    .flatMap((text) =>
      text.split('\n').filter((line) => !/^const|^\t(labsDone|done) |Done|doneCodes|Kind: done/.test(line)),
    )
    .flatMap((line) => [
      ...line.replace(/\/\/.*/, '').matchAll(/"((?:ACQ\.|AQC\.|aop\.ACQ\.|isp\.)?[A-Za-z0-9_-]{4,})"/g),
    ])
    .map((m) => m[1])
    .filter((c) => /^[A-Z0-9]|^isp|^aop/.test(c))
  const answered = sources('sandbox')
    .flatMap((text) => [...text.matchAll(/(?:wxErr\([^,]*, |aliErr\()"([A-Za-z_.]+)"/g)])
    .map((m) => m[1])
  const shengpay = sources('sandbox', /^shengpay_profile/)
    .flatMap((text) => [...text.matchAll(/^\tshengpay\w+ += "([A-Z_]{6,})"/gm)])
    .map((m) => m[1])
  const all = [...new Set([...sorted, ...answered, ...shengpay])]
  expect(all.length).toBeGreaterThan(110)
  expect(all.filter((c) => !meaningOf(c) && !/^BILL_|^40004$/.test(c))).toEqual([])
})
