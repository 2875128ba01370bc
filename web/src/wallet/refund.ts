import { entry, yuan } from '../money'
import { amounts } from '../amounts'
import { ask, escape, html, Unanswered } from './page'

// The merchant's own page at the institution (商户平台): a person there gives money of a payment back, and the product
// hears of it from the institution alone.

interface Refund {
  amount_fen: number
  out_refund_no: string
  state: string
}
export interface Repaid {
  amount_fen: number
  refunded_fen?: number
}
const states: Record<string, string> = {
  success: '已退款 given back',
  processing: '已受理，退款中 accepted, on its way',
  abnormal: '退款异常 abnormal',
  closed: '退款关闭 closed',
}
const unanswered: [string, string] = [
  '没有收到答复，不知道是否已经退款。金额已保留；请先看“可退”的数额，再决定是否重试。',
  'No answer came, so it is not known whether money went back. The amount is kept; look at what is left before you ' +
    'try again.',
]

// left is what of a payment has neither gone back nor is on its way, in fen.
export function left(p: Repaid): number {
  return p.amount_fen - (p.refunded_fen ?? 0)
}

// asked reads the field: fen, where empty is all that is left, or why not, in both languages.
export function asked(text: string, rest: number): number | [string, string] {
  if (rest === 0) return ['这笔付款已全部退回，没有可退的金额。', 'All of this payment has gone back; nothing is left.']
  if (!text.trim()) return rest
  const read = entry(text, { most: rest })
  if (read.wrong === undefined) return read.fen
  const by = yuan(read.by ?? 0)
  const [zh, en] = amounts[`amount_${read.wrong}`].map((told) => told.replace('{by}', by))
  return [zh, en]
}

// merchantRefund is the control; seen is told of the payment each time that it was looked at.
export function merchantRefund(id: string, seen: (p: Repaid) => void): HTMLElement {
  const box = html(`<details class="merchant-page" data-test="merchant-page">
    <summary>商户平台退款 <small>gives money back as on the merchant's page at the institution</small></summary>
    <p class="left" data-test="merchant-left" role="status"></p>
    <form novalidate><label>金额（元），留空为全部 <small>amount in yuan; empty is all that is left</small>
      <input name="amount" inputmode="decimal" autocomplete="off" aria-describedby="refund-wrong"></label>
    <p class="error" id="refund-wrong" role="alert" data-test="merchant-wrong" hidden></p>
    <button class="cancel" data-test="merchant-refund">退款 refund</button>
    <p class="told" role="status" data-test="merchant-told"></p></form></details>`)
  const part = <E extends HTMLElement>(of: string) => box.querySelector<E>(of)!
  const [told, wrong, rest, input, button] = [
    part('.told'),
    part('.error'),
    part('.left'),
    part<HTMLInputElement>('input'),
    part<HTMLButtonElement>('button'),
  ]
  const refuse = (why?: [string, string]) => {
    wrong.hidden = !why
    wrong.innerHTML = why ? `${escape(why[0])}<small>${escape(why[1])}</small>` : ''
    input.setAttribute('aria-invalid', String(!!why))
    if (why) told.textContent = ''
  }
  // look asks how much is left; undefined is that nobody answered.
  const look = async () => {
    const p = await ask<Repaid>('GET', `/payments/${id}`).catch(() => undefined)
    if (p) seen(p)
    rest.textContent = p
      ? `可退 ¥${yuan(left(p))}，共付 ¥${yuan(p.amount_fen)} · ¥${yuan(left(p))} of ¥${yuan(p.amount_fen)} is left`
      : ''
    return p && left(p)
  }
  box.addEventListener('toggle', () => {
    if (box.hasAttribute('open')) void look()
  })
  part('form').addEventListener('submit', async (e) => {
    e.preventDefault()
    button.disabled = true
    refuse(await attempt(await look()))
    button.disabled = false
    if (input.getAttribute('aria-invalid') === 'true') input.focus()
  })
  async function attempt(now?: number): Promise<[string, string] | undefined> {
    if (now === undefined)
      return [
        '沙箱没有响应，没有退款，金额已保留。',
        'The sandbox does not answer. Nothing went back; the amount is kept.',
      ]
    const amount = asked(input.value, now)
    if (typeof amount !== 'number') return amount
    try {
      const r = await ask<Refund>('POST', `/payments/${id}/refund`, { amount_fen: amount })
      told.textContent = `¥${yuan(r.amount_fen)} ${states[r.state] ?? r.state} · ${r.out_refund_no}`
      input.value = ''
    } catch (err) {
      if (err instanceof Unanswered) return unanswered
      const [, zh, en] = (err as Error).message.match(/^(.*?)\s*\((.*)\)$/s) ?? ['', (err as Error).message, '']
      return [zh, en]
    } finally {
      void look()
    }
  }
  return box
}
