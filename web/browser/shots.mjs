// Pictures of every scene, for scripts/shots.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selectors } from 'playwright-core'
import { startBrowser, startDemo } from './demo.mjs'
import { prepare } from './stage.mjs'
import { tour } from './tour.mjs'

selectors.setTestIdAttribute('data-test')
const readme = process.argv[2] === '--readme'
const chosen = new RegExp(process.argv[readme ? 3 : 2] ?? '')
const docs = join(import.meta.dirname, '../../docs/pictures')
const out = readme ? docs : join(import.meta.dirname, '../../shots')
const papers = ['A4', 'A5', '80', '58']
const dots = (() => {
  try {
    execFileSync('pdftoppm', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

if (!readme) rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const [demo, browser] = await Promise.all([startDemo({ LINLIPAY_DESK_LIFETIME: '5m' }), startBrowser()])
const taken = []
try {
  const facts = await prepare(browser, demo)
  const shown = await tour({
    browser,
    demo,
    facts,
    rows: 500,
    only: (s) => chosen.test(s.name) && (!readme || s.readme || s.before),
    look: readme ? crop : take,
  })
  for (const f of shown) console.error([f.scene, f.state, f.language].filter(Boolean).join(' '), f.what)
} finally {
  await browser.close()
  await demo.stop()
}
if (!readme) sheet()
console.log(`${taken.length} pictures: ${readme ? out : join(out, 'index.html')}`)

async function take(page, { scene, face, state, size, english, first }) {
  const language = english ? 'en' : 'zh'
  const name = [scene.name, state, size, language].join('.')
  await page.screenshot({ path: join(out, name + '.png'), fullPage: size === 'tall' && face.page !== '/console' })
  taken.push({ scene: scene.name, name, file: name + '.png' })
  if (scene.paper && first && state === 'full') await print(page, scene, language)
  return []
}

// crop is a README's picture: one size of one scene, down to a height.
async function crop(page, { scene, size, state, english }) {
  const { name, size: only, ...clip } = scene.readme ?? {}
  if (size !== only || state !== 'full') return []
  const file = `${name}.${english ? 'en' : 'zh'}.png`
  await page.mouse.move(0, 0) // off what it had pressed
  await page.screenshot({ path: join(out, file), clip: { x: 0, y: 0, ...clip } })
  taken.push({ file })
  return []
}

// print is what comes out of a printer, on each paper as a person chooses it: a PDF, and its first page as dots.
async function print(page, scene, language) {
  await page.evaluate(() => {
    window.print = () => {
      document.title = 'printed'
    }
  })
  for (const paper of papers) {
    const name = [scene.name, paper, language].join('.')
    await page.evaluate(() => {
      document.title = ''
      for (const s of document.querySelectorAll('style')) if (s.textContent.startsWith('@page')) s.remove()
    })
    await page.locator(`label:has([data-size="${paper}"]), [data-size="${paper}"]`).first().click()
    await page.getByTestId('print-now').click()
    await page.waitForFunction(() => document.title === 'printed')
    await page.pdf({ path: join(out, name + '.pdf'), preferCSSPageSize: true, printBackground: true })
    if (dots) execFileSync('pdftoppm', ['-png', '-r', '150', '-singlefile', join(out, name + '.pdf'), join(out, name)])
    taken.push({ scene: scene.name, name, file: dots ? name + '.png' : name + '.pdf' })
  }
}

function sheet() {
  const groups = new Map()
  for (const t of taken) groups.set(t.scene, [...(groups.get(t.scene) ?? []), t])
  const shown = (t) => (t.file.endsWith('.png') ? `<img loading="lazy" src="${t.file}" alt="">` : 'PDF')
  const figure = (t) => `<figure><a href="${t.file}">${shown(t)}</a><figcaption>${t.name}</figcaption></figure>`
  const body = [...groups]
    .map(
      ([scene, some]) =>
        `<h2>${scene}</h2><div>${some
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(figure)
          .join('')}</div>`,
    )
    .join('\n')
  writeFileSync(
    join(out, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>Pictures of every page</title>
<style>body { font: 14px/1.5 sans-serif; margin: 16px }
div { display: flex; flex-wrap: wrap; gap: 12px; align-items: start }
figure { margin: 0; width: 240px; overflow-wrap: anywhere }
img { max-width: 100%; border: 1px solid #ccc }</style>\n${body}\n`,
  )
}
