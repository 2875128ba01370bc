// What the parts of the wallet page share.

export function html(text: string): HTMLElement {
  const t = document.createElement('template')
  t.innerHTML = text.trim()
  return t.content.firstElementChild as HTMLElement
}

export const escape = (s: string) => s.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

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

// keep shows what waits for the person in a list, for as long as it is on the page: payments whose payer is asked for
// the password, terminals that want a card.
export async function keep<T extends { id: string }>(list: HTMLElement, path: string, card: (one: T) => HTMLElement) {
  let shown = ''
  while (list.isConnected) {
    const waiting = await ask<T[]>('GET', path).catch(() => [] as T[])
    const now = waiting.map((p) => p.id).join()
    if (now !== shown) list.replaceChildren(...waiting.map(card))
    shown = now
    await new Promise((ok) => setTimeout(ok, 1000))
  }
}
