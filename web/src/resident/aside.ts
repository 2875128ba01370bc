import { showConfirmDialog } from 'vant'

// setAside keeps the page behind a dialog from keys and from readers. What it gives brings the page back, and the focus
// to where it was. Browsers without inert let Tab go on behind, as they always did.
export function setAside(): () => void {
  const page = document.getElementById('app')
  const before = document.activeElement
  page?.setAttribute('inert', '')
  return () => {
    page?.removeAttribute('inert')
    if (before instanceof HTMLElement) before.focus()
  }
}

// confirmed asks whether something is to be done, in the words of the page.
export async function confirmed(message: string, confirm: string, cancel: string): Promise<boolean> {
  const back = setAside()
  const focus = () => document.querySelector<HTMLElement>('.van-dialog')?.focus()
  try {
    const asked = showConfirmDialog({ message, confirmButtonText: confirm, cancelButtonText: cancel })
    setTimeout(focus) // once it is there; Enter and Esc are heard by it
    await asked
    return true
  } catch {
    return false
  } finally {
    back()
  }
}
