import { nextTick } from 'vue'
import { kept } from '../kept'

// Sizes of paper, and what of each can be printed on, in millimetres. A roll has no height of its own.
export const sizes = {
  '58': { width: 58, margin: 5 },
  '80': { width: 80, margin: 4 },
  A5: { width: 148, height: 210, margin: 12 },
  A4: { width: 210, height: 297, margin: 18 },
} as const
export type Size = keyof typeof sizes
export const sizeNames = Object.keys(sizes) as Size[]

const paper = 'paper'

// lastSize is what was printed on last on this machine; a desk begins with a sheet.
export function lastSize(): Size {
  const size = kept.get(paper) as Size
  return sizes[size] ? size : 'A5'
}

const millimetre = 96 / 25.4

// printOn prints what room holds, and nothing else of the page, on paper of a size. A roll is as long as what stands on
// it.
export async function printOn(room: HTMLElement, size: Size) {
  kept.set(paper, size)
  await print(room, size)
}

// printSheets prints the same on numbered sheets, which is no choice of the paper that receipts are printed on next.
export const printSheets = (room: HTMLElement, size: Size) =>
  print(room, size, '@bottom-center { content: counter(page) " / " counter(pages) }')

async function print(room: HTMLElement, size: Size, edge = '') {
  const of = sizes[size]
  await nextTick()
  await Promise.all(Array.from(room.querySelectorAll('img'), (picture) => picture.decode().catch(() => undefined)))
  const height = 'height' in of ? of.height : Math.ceil(room.scrollHeight / millimetre) + 2 * of.margin + 4
  const style = document.createElement('style')
  style.textContent = `@page { size: ${of.width}mm ${height}mm; margin: ${of.margin}mm; ${edge} }`
  document.head.append(style)
  const done = () => style.remove()
  window.addEventListener('afterprint', done, { once: true })
  window.print()
}
