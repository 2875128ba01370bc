// Every page in every state and size, in both languages: see axe.mjs for what is held, scenes.mjs for the pages.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { layout, Names, periods, rules } from './axe.mjs'
import { api, startBrowser, startDemo } from './demo.mjs'
import { faces, scenes } from './scenes.mjs'
import { prepare } from './stage.mjs'
import { tour } from './tour.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

// LINLIPAY_SCENES chooses scenes by their names.
const chosen = new RegExp(process.env.LINLIPAY_SCENES ?? '')

test('axe: no critical or serious; nothing cut or covered; no Chinese in English; months in words', async () => {
  const names = new Names()
  names.learn(demo)
  names.hear(browser)
  const facts = prepare(browser, demo).then(async (facts) => {
    names.learn(await everybody(facts.clerk))
    return facts
  })
  const found = await tour({
    browser,
    demo,
    facts,
    rows: 12, // more than a phone shows at once, of each row that there is; 500 alike rows are for scripts/shots
    only: (s) => chosen.test(s.name),
    look: async (page, { scene, face, state, english, size, first, hard }) => [
      ...(english ? [] : hard ? await rules(page, state === 'full') : []),
      ...(await layout(page)),
      ...(first && !scene.typed ? await periods(page) : []),
      ...(english && first ? await names.chinese(page, scene.typed) : []),
    ],
  })
  assert.equal(found.length, 0, '\n' + told(found))
})

// everybody is who lives in the demo: an order of theirs may come to a page live, which no answer tells of.
async function everybody(clerk) {
  const some = []
  for (let cursor = ''; some.length === 0 || cursor;) {
    const page = await api(clerk, 'GET', `/v1/units?limit=200&cursor=${cursor}`)
    some.push(...page.items)
    cursor = page.next
  }
  return some
}

// told is what was found, each once, with where.
function told(found) {
  const by = Map.groupBy
    ? Map.groupBy(found, (f) => f.what)
    : new Map(found.map((f) => [f.what, found.filter((g) => g.what === f.what)]))
  return [...by]
    .map(
      ([what, some]) =>
        `${what}\n    ${some.length}× ${some
          .slice(0, 3)
          .map((f) => [f.scene, f.state, f.size, f.language].join('/'))
          .join(' ')}`,
    )
    .join('\n')
}

// What a router leads to is a scene, and so is every page that the server answers.
const source = join(import.meta.dirname, '../src')
const places = (as) => new Set(scenes.filter((s) => as(s) && s.place !== undefined).map((s) => s.place))
const routed = (face, pattern) =>
  readdirSync(join(source, face))
    .filter((f) => /^(pages|router)\.ts$/.test(f))
    .flatMap((f) => [...readFileSync(join(source, face, f), 'utf8').matchAll(pattern)].map((m) => m[1]))

test('every page of the console and of the resident is a scene', () => {
  const shown = places((s) => faces[s.as].page === '/console')
  const missing = routed('console', /\bname: '([\w-]+)'/g).filter((name) => !shown.has(name))
  const seen = places((s) => faces[s.as].page === '/resident')
  missing.push(...routed('resident', /\bpath: '\/([^']*)'/g).filter((path) => !seen.has(path)))
  assert.deepEqual(missing, [])
})

test('every page that the server answers is a scene', async () => {
  const { paths } = await fetch(demo.base + '/openapi.json').then((r) => r.json())
  const pages = Object.entries(paths)
    .filter(([path, deeds]) => deeds.get?.responses[200]?.content?.['text/html'] && !/\.\w+$/.test(path))
    .map(([path]) => path)
  assert.ok(pages.length > 3, 'no pages are described')
  const is = (path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) // one guide stands for all
  const shown = [...new Set(Object.values(faces).map((f) => f.page))]
  assert.deepEqual(
    pages.filter((p) => !shown.some((at) => (at === '/q/' ? p.startsWith('/q/') : is(p).test(at)))),
    [],
  )
})
