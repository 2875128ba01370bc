// What every page must be, in every scene: nothing that axe calls critical or serious, nothing that is cut, broken or
// lies over other text, in English no Chinese but names and what people typed, and no month as programs write it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const worst = ['critical', 'serious']

// ready gives a page axe, without the rules whose findings are never of the worst: they recommend (the order of
// headings, one landmark for each part), and what they find would be thrown away below.
async function ready(page) {
  if (await page.evaluate(() => !!window.axe)) return
  await page.evaluate(axe)
  const mild = await page.evaluate((worst) => {
    const some = window.axe._audit.rules.filter((r) => r.impact && !worst.includes(r.impact))
    window.axe.configure({ rules: some.map((r) => ({ id: r.id, enabled: false })) })
    return some.length
  }, worst)
  assert.ok(mild > 10 && mild < 60, `axe has ${mild} mild rules of about a hundred`)
}

// rules is what axe finds, on the page or without the frame around it.
export async function rules(page, frame) {
  await ready(page)
  const frames = frame ? [] : [['.desk > aside'], ['.desk .top']]
  const found = await page.evaluate(
    (frames) =>
      window.axe
        .run({ include: [['html']], exclude: frames }, { resultTypes: ['violations'], preload: false, iframes: false })
        .then((r) =>
          r.violations.map((v) => ({
            rule: v.id,
            impact: v.impact,
            nodes: v.nodes.map((n) => {
              const { contrastRatio, fgColor, bgColor } = n.any[0]?.data ?? {}
              return n.target.join(' ') + (contrastRatio ? ` ${contrastRatio} ${fgColor} on ${bgColor}` : '')
            }),
          })),
        ),
    frames,
  )
  return found
    .filter((v) => worst.includes(v.impact))
    .map((v) => ({ what: `${v.rule} ×${v.nodes.length}: ${v.nodes.slice(0, 3).join(' | ')}` }))
}

// layout finds a page that scrolls sideways, a table that does so on a desk's screen, a line of the menu that wraps,
// text that is cut, and text that lies over other text.
export function layout(page) {
  return page.evaluate(() => {
    const found = []
    const root = document.scrollingElement
    // A click may have scrolled a table to what it was meant for, and its head with it: it is seen from its start.
    for (const e of document.querySelectorAll('.el-table *')) if (e.scrollLeft) e.scrollLeft = 0
    const rooms = innerWidth < 1440 ? [] : document.querySelectorAll('main .el-table__body-wrapper .el-scrollbar__wrap')
    for (const { scrollWidth, clientWidth } of rooms)
      if (scrollWidth > clientWidth + 1)
        found.push({ what: `a table scrolls sideways on a desk: ${scrollWidth} of ${clientWidth}` })
    for (const line of document.querySelectorAll('aside .menu .name'))
      if (line.clientHeight > parseFloat(getComputedStyle(line).lineHeight) * 1.5)
        found.push({ what: `a line of the menu wraps: “${line.textContent}”` })
    if (root.scrollWidth > innerWidth + 1)
      found.push({ what: `scrolls sideways: ${root.scrollWidth} of ${innerWidth}` })
    const name = (e) =>
      e.tagName.toLowerCase() +
      (e.dataset.test ? `[data-test=${e.dataset.test}]` : '') +
      ['', ...e.classList].slice(0, 3).join('.')
    const once = (look) => {
      const seen = new Map()
      return (e) => {
        if (!seen.has(e)) seen.set(e, look(e))
        return seen.get(e)
      }
    }
    const styleOf = once((e) => getComputedStyle(e))
    const edgeOf = once((e) => e.getBoundingClientRect())
    const clips = (style, axis) => ['hidden', 'clip'].includes(style[`overflow${axis}`])
    const scrolls = (style, axis) => ['auto', 'scroll'].includes(style[`overflow${axis}`])
    // An English word is put on the next line whole; what has figures in it, such as a number, may be cut anywhere, and
    // so may an identifier that happens to have drawn letters alone: no word has eight capitals in a row.
    const breaks = (node, e) => {
      for (const word of node.textContent.matchAll(/(?<![\w-])(?!\w*[A-Z]{8})[A-Za-z]{3,16}(?![\w-])/g)) {
        const letters = document.createRange()
        letters.setStart(node, word.index)
        letters.setEnd(node, word.index + word[0].length)
        if (
          new Set([...letters.getClientRects()].filter((r) => r.width > 1).map((r) => Math.round(r.top / 4))).size > 1
        )
          found.push({ what: `a word is broken: ${name(e)} “${word[0]}”` })
      }
    }
    // Two words of a line stand apart, whatever elements they are in.
    const glued = (a, b) =>
      a.box.bottom - a.box.top > 5 && // what has scrolled away has no place
      /[A-Za-z\d]$/.test(a.raw) &&
      /^[A-Za-z\d]/.test(b.raw) &&
      Math.abs(b.box.left - a.box.right) < 1 &&
      Math.abs(b.box.bottom - a.box.bottom) < 3
    const texts = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!node.textContent.trim()) continue
      const e = node.parentElement
      if (
        !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
        e.closest('.sr, [aria-hidden=true], script, style, option, select')
      )
        continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const box = range.getBoundingClientRect()
      if (box.width < 1 || box.height < 1) continue
      if (range.getClientRects().length > 1) breaks(node, e)
      const what = `${name(e)} “${node.textContent.trim().slice(0, 30)}”`
      const seen = { left: box.left, right: box.right, top: box.top, bottom: box.bottom } // what of it no ancestor cuts
      let [hidden, layer] = [false, null]
      for (let up = e; up && up !== document.documentElement; up = up.parentElement) {
        const style = styleOf(up)
        if (style.clipPath !== 'none') hidden = true // there for who listens, or until it has the focus
        if (hidden) break
        const edge = edgeOf(up)
        if (
          clips(style, 'X') &&
          (box.right > edge.right + 2 || box.left < edge.left - 2) &&
          style.textOverflow !== 'ellipsis'
        ) {
          found.push({ what: `cut at the side: ${what} by ${name(up)}` })
        }
        if (
          clips(style, 'Y') &&
          (box.bottom > edge.bottom + 3 || box.top < edge.top - 3) &&
          style.textOverflow !== 'ellipsis' &&
          style.webkitLineClamp === 'none'
        ) {
          found.push({ what: `cut below: ${what} by ${name(up)}` })
        }
        if (style.overflow !== 'visible') {
          Object.assign(seen, {
            left: Math.max(seen.left, edge.left),
            right: Math.min(seen.right, edge.right),
            top: Math.max(seen.top, edge.top),
            bottom: Math.min(seen.bottom, edge.bottom),
          })
        }
        if (!layer && ['fixed', 'sticky', 'absolute'].includes(style.position)) layer = up
        if (scrolls(style, 'Y') || scrolls(style, 'X')) {
          layer ??= up
          break
        }
      }
      if (!hidden)
        texts.push({ e, box: seen, layer, text: node.textContent.trim().slice(0, 20), raw: node.textContent })
    }
    const pen = document.createElement('canvas').getContext('2d')
    for (const box of document.querySelectorAll('input[placeholder]')) {
      if (box.value || box.closest('.sr') || !box.checkVisibility()) continue
      const style = styleOf(box)
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
      const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
      const width = pen.measureText(box.placeholder).width
      if (width > room + 2) found.push({ what: `a hint is cut: “${box.placeholder}”, ${Math.ceil(width)} in ${room}` })
    }
    for (let i = 0; i < texts.length; i++) {
      for (let j = i + 1; j < texts.length && j < i + 40; j++) {
        const [a, b] = [texts[i], texts[j]]
        if (a.layer !== b.layer || a.e.contains(b.e) || b.e.contains(a.e)) continue
        const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
        const inline = [a, b].some(
          ({ e, box }) =>
            styleOf(e).display === 'inline' && box.bottom - box.top > parseFloat(styleOf(e).fontSize) * 2.2,
        )
        if (glued(a, b)) found.push({ what: `“${a.text}” and “${b.text}” have no space between (${name(b.e)})` })
        if (w > 3 && h > 5 && !inline)
          found.push({ what: `“${a.text}” lies over “${b.text}” (${name(a.e)}, ${name(b.e)})` })
      }
    }
    const seen = new Set()
    return found.filter((f) => !seen.has(f.what) && seen.add(f.what)).slice(0, 6)
  })
}

// periods finds months as programs write them: people read 2026年11月, or Nov 2026.
export function periods(page) {
  return page.evaluate(() =>
    [...document.body.innerText.matchAll(/.*(?<![\d-])20\d\d-(?:0[1-9]|1[0-2])(?![\d-]).*/g)]
      .slice(0, 3)
      .map(([line]) => ({ what: `a period as yyyy-MM: ${line.trim().slice(0, 60)}` })),
  )
}

// Names is what came from the data of companies and people, which stays in the language that it was typed in: what the
// API answered under these keys, wherever it was heard.
const typed = new Set([
  'name',
  'owner',
  'label',
  'fee',
  'title',
  'community_name',
  'company_name',
  'note',
  'reason',
  'unit',
  'issuer',
  'by',
  'after',
  'before',
  'bank',
  'payee',
  'deposit',
  'consent',
  'cancellation_reason',
])
export class Names {
  #known = new Set()

  // hear learns from every answer that a page of the browser gets.
  hear(browser) {
    const make = browser.newContext.bind(browser)
    browser.newContext = async (options) => {
      const context = await make(options)
      context.on('response', async (r) => {
        if (/\/v1\/institutions/.test(r.url())) return // its labels are words of ours
        if (/json/.test(r.headers()['content-type'] ?? '')) this.learn(await r.json().catch(() => undefined))
      })
      return context
    }
  }

  learn(value, key = '') {
    if (Array.isArray(value)) for (const v of value) this.learn(v, key)
    else if (value && typeof value === 'object') for (const [k, v] of Object.entries(value)) this.learn(v, k)
    else if (typeof value === 'string' && typed.has(key) && /\p{Script=Han}/u.test(value)) {
      if (key === 'title') value = value.replace(/ \d{4}年\d{1,2}月.*$/, '') // what follows the fee is ours to say
      this.#known.add(value)
      for (const part of value.split(/[\s、，·:：]+/)) if (part) this.#known.add(part) // pages put a name's parts apart
    }
  }

  // chinese is what of a page's words, labels and hints is Chinese and nobody's name. What a page shows in Chinese on
  // purpose, the way back to it, says so by its lang. typed is what somebody wrote in a file.
  async chinese(page, typed = []) {
    this.learn(await page.evaluate(() => JSON.parse(document.getElementById('demo')?.textContent ?? 'null')))
    const words = await page.evaluate(() => {
      const some = []
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const e = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
        if (e.closest('[lang^=zh], script, style') && e.closest('[lang]')?.lang.startsWith('zh')) continue
        if (e.closest('script, style') || !e.checkVisibility()) continue
        if (node.nodeType === Node.TEXT_NODE) some.push(node.textContent.trim())
        else
          for (const a of ['aria-label', 'placeholder', 'title', 'alt'])
            if (e.getAttribute(a)) some.push(`${a}=${e.getAttribute(a)}`)
      }
      return [...new Set([...some, `title=${document.title}`, `lang=${document.documentElement.lang}`])]
    })
    const longest = [...this.#known, ...typed].sort((a, b) => b.length - a.length)
    const left = (text) =>
      text === '中文'
        ? '' // a language's name stands in itself
        : longest.reduce((rest, name) => rest.replaceAll(name, ''), text)
    return words
      .filter((w) => /\p{Script=Han}/u.test(w) && /\p{Script=Han}/u.test(left(w)))
      .slice(0, 8)
      .map((w) => ({ what: `Chinese in English: ${w.slice(0, 80)}` }))
  }
}
