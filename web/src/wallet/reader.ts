import { ask, escape, html, keep, large } from './page'

// The card reader: a terminal's call of the acquirer's application waits here for a card. The person swipes one, has it
// declined, or keeps the terminal from hearing what became of it.

interface Call {
  id: string
  institution: string
  out_trade_no: string
  amount_fen?: number
  void?: boolean
}
type Do = 'swipe' | 'decline' | 'lose' | 'leave'

const acquirers: Record<string, string> = { lakala: '拉卡拉', shengpay: '盛付通', ruiyinxin: '瑞银信' }

export async function watchReader(page: HTMLElement) {
  const list = page.querySelector<HTMLElement>('.reader')!
  const told = page.querySelector<HTMLElement>('.told')!
  await keep<Call>(list, '/cards/calls', (c) =>
    question(c, (text) => {
      told.textContent = text
    }),
  )
}

function question(c: Call, tell: (text: string) => void): HTMLElement {
  const [done, undone] = c.void ? ['撤销 undo', '已撤销 undone'] : ['刷卡 swipe', '已扣款 charged']
  const acquirer = escape(acquirers[c.institution] ?? c.institution)
  const box = html(`<article class="question" data-test="card-call">
    <p class="of">${acquirer} · ${c.void ? '撤销刷卡 undo a card payment' : '请刷卡 a card, please'}</p>
    <p class="title">${escape(c.out_trade_no)}</p>${large(c.amount_fen ?? 0)}
    <div class="two"><button class="go" data-do="swipe">${done}</button>
      <button class="cancel" data-do="decline">拒绝 decline</button>
      <button class="cancel" data-do="lose">${c.void ? '撤销' : '扣款'}但无返回<small>done, result lost</small></button>
      <button class="cancel" data-do="leave">无返回<small>nothing done, silent</small></button></div></article>`)
  const said: Record<Do, (f: Record<string, string>) => string> = {
    swipe: (f) => (f.reason || f.message ? `未成功 not done: ${f.reason || f.message}` : undone),
    decline: (f) => `已拒绝 declined: ${f.reason || f.message}`,
    lose: () => `${undone}，终端没有收到结果 the terminal heard nothing`,
    leave: () => '什么也没有发生，终端没有收到结果 nothing was done, and the terminal heard nothing',
  }
  box.querySelectorAll<HTMLButtonElement>('[data-do]').forEach((b) =>
    b.addEventListener('click', async () => {
      box.querySelectorAll('button').forEach((x) => {
        x.disabled = true
      })
      const what = b.dataset.do as Do
      try {
        const { card } =
          c.void || what === 'leave'
            ? { card: '' }
            : await ask<{ card: string }>('POST', '/cards', { type: 'credit', issuer: '招商银行' })
        const { fields } = await ask<{ fields: Record<string, string> }>('POST', `/cards/calls/${c.id}`, {
          do: what,
          card,
        })
        tell(said[what](fields))
      } catch (e) {
        tell(e instanceof Error ? e.message : String(e))
      }
      box.remove()
    }),
  )
  return box
}
