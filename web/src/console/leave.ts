import { ElMessageBox } from 'element-plus'
import { onScopeDispose } from 'vue'
import { useTexts, type ConsoleText } from './texts'

// Whoever leaves a dialog, a page or the browser's tab while something would be lost is asked first, and told what.

// losses are what would be lost now, by those who would lose it: text and title, or nothing.
type Loss = () => { text: string; title: string } | ''
const losses = new Set<{ loss: Loss; ask: () => Promise<boolean>; drop: () => void }>()

function onUnload(e: BeforeUnloadEvent) {
  if ([...losses].some(({ loss }) => loss())) e.preventDefault() // the browser asks in its own words
}
if (typeof window !== 'undefined') window.addEventListener('beforeunload', onUnload)

// mayLeave asks for everything that the page would lose; false stays. What is left is dropped: the step may lead to
// another state of the same page, where a dialog would stay open.
export async function mayLeave(): Promise<boolean> {
  for (const { ask } of losses) if (!(await ask())) return false
  for (const { drop } of [...losses]) drop()
  return true
}

// useLeave guards what is lost by leaving: '' is nothing, else the key of a text that says what becomes of it; drop is
// done with it. leave is a dialog's before-close: it goes by Esc, by the cross, by a click outside and by 取消 alike.
export function useLeave(loses: () => ConsoleText | '', title: () => string, drop = () => {}) {
  const { t } = useTexts()
  let asking: Promise<boolean> | undefined
  const loss: Loss = () => {
    const of = loses()
    return of && { text: t(of), title: title() }
  }
  async function ask(): Promise<boolean> {
    const lost = loss()
    if (!lost) return true
    asking ??= ElMessageBox.confirm(lost.text, lost.title, {
      type: 'warning',
      confirmButtonText: t(loses() === 'discard' ? 'discard_it' : 'leave'),
      cancelButtonText: t('stay'),
      closeOnClickModal: false,
      closeOnHashChange: false, // the address changes before anybody is asked
      autofocus: false,
    }).then(
      () => true,
      () => false,
    )
    const sure = await asking
    asking = undefined
    return sure
  }
  const one = { loss, ask, drop }
  losses.add(one)
  onScopeDispose(() => losses.delete(one))
  async function leave(then = () => {}) {
    if (!(await ask())) return
    drop()
    then()
  }
  return { leave, ask }
}
