// The console's keys: what each does stands in the list that `?` shows (Keys.vue).

// moveAmong moves the focus among some things by the arrows, Home and End, and reports whether the key did that.
export function moveAmong(things: HTMLElement[], e: KeyboardEvent, before: string, after: string): boolean {
  const at = things.indexOf(document.activeElement as HTMLElement)
  const to = {
    [before]: Math.max(0, at - 1),
    [after]: Math.min(things.length - 1, at + 1),
    Home: 0,
    End: things.length - 1,
  }[e.key]
  if (to === undefined || !things[to]) return false
  e.preventDefault()
  things[to].focus()
  things[to].scrollIntoView({ block: 'nearest' })
  return true
}

// typing reports whether a key goes into a field, or belongs to a dialog that is open, or to the browser.
export function typing(e: KeyboardEvent): boolean {
  const at = e.target as HTMLElement
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return true
  if (at.closest?.('input, textarea, select, [contenteditable], .el-overlay')) return true
  return !!document.querySelector('.el-overlay:not([style*="display: none"])')
}

export interface Does {
  search: () => void
  help: () => void
  go: (letter: string) => boolean
}

// keysOf is what the console does with a key that nothing else takes: `/` searches, `?` lists the keys, `g` and a
// letter lead to a page.
export function keysOf(does: Does, now: () => number = Date.now): (e: KeyboardEvent) => void {
  let g = -Infinity // when `g` was pressed
  return (e) => {
    if (e.defaultPrevented || typing(e)) return
    const waited = now() - g
    g = -Infinity
    if (waited < 1500 && does.go(e.key)) return e.preventDefault()
    if (e.key === '/') does.search()
    else if (e.key === '?') does.help()
    else if (e.key === 'g') {
      g = now()
      return
    } else return
    e.preventDefault()
  }
}
