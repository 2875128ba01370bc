// What the parts of the wallet page share.
import { yuan } from '../money'

export function html(text: string): HTMLElement {
  const t = document.createElement('template')
  t.innerHTML = text.trim()
  return t.content.firstElementChild as HTMLElement
}

export const escape = (s: string) => s.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

// large is an amount as the largest thing of a page: its sign and its fen are smaller.
export function large(fen: number): string {
  const [whole, cents] = yuan(fen).split('.')
  return `<p class="amount"><small>¥</small>${whole}<small>.${cents}</small></p>`
}

// Unanswered is that no answer came: what was asked for may have been done.
export class Unanswered extends Error {
  constructor() {
    super('沙箱没有响应 (the sandbox does not answer)')
  }
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const r = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) }).catch(() => {
    throw new Unanswered()
  })
  const answer = await r.json().catch(() => {
    throw new Unanswered()
  })
  if (!r.ok) throw new Error(answer.error)
  return answer
}

// keep shows what the sandbox has for the person in a list, for as long as it is on the page: payments whose payer is
// asked for the password, terminals that want a card, what was paid last. none is said where there is nothing, or no
// answer.
export async function keep<T>(
  list: HTMLElement,
  path: string,
  card: (one: T) => HTMLElement,
  none?: (answered: boolean) => HTMLElement,
) {
  let shown = ''
  while (list.isConnected) {
    const some = await ask<T[]>('GET', path).catch(() => undefined)
    const now = JSON.stringify(some) ?? 'unanswered'
    if (now !== shown) list.replaceChildren(...(some?.length ? some.map(card) : none ? [none(!!some)] : []))
    shown = now
    await new Promise((ok) => setTimeout(ok, 1000))
  }
}
