import { fen, yuan } from '../money'
import { ask, html } from './page'

// The merchant's own page at the institution (商户平台): a person there gives money of a payment back, and the product hears of it from the institution alone.

interface Refund { amount_fen: number; out_refund_no: string; state: string }
const states: Record<string, string> = { success: '已退款 given back', processing: '已受理，退款中 accepted, on its way', abnormal: '退款异常 abnormal', closed: '退款关闭 closed' }

export function merchantRefund(id: string): HTMLElement {
  const box = html(`<details class="merchant-page" data-test="merchant-page"><summary>商户平台退款 <small>gives money back as on the merchant's page at the institution</small></summary>
    <form><label>金额（元），留空为全部 <small>amount in yuan; empty is all that is left</small><input name="amount" inputmode="decimal" autocomplete="off"></label>
    <button class="cancel" data-test="merchant-refund">退款 refund</button><p class="told" role="status" data-test="merchant-told"></p></form></details>`)
  const told = box.querySelector<HTMLElement>('.told')!
  const input = box.querySelector('input')!
  const button = box.querySelector('button')!
  box.querySelector('form')!.addEventListener('submit', async (e) => {
    e.preventDefault()
    const text = input.value.trim()
    const amount = text ? fen(text) : 0
    if (amount === undefined || (text && amount === 0)) return void (told.textContent = '请输入金额，最多两位小数 (an amount, with two decimals at most)')
    button.disabled = true
    try {
      const r = await ask<Refund>('POST', `/payments/${id}/refund`, { amount_fen: amount })
      told.textContent = `¥${yuan(r.amount_fen)} ${states[r.state] ?? r.state} · ${r.out_refund_no}`
      input.value = ''
    } catch (err) {
      told.textContent = err instanceof Error ? err.message : String(err)
    }
    button.disabled = false
  })
  return box
}
