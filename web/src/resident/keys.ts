// Vant's cells, checkboxes and radios hear clicks alone, though the focus comes to them: a key that presses is a click.
const pressed = '[role=button], [role=checkbox], [role=radio]'

export function pressByKeys() {
  document.addEventListener('keydown', (e) => {
    const at = e.target as HTMLElement
    if ((e.key !== 'Enter' && e.key !== ' ') || !at.matches(`:is(${pressed}):not(button, input)`)) return
    e.preventDefault()
    at.click()
  })
}
