// Goes through scenes with a look, in both languages; what the look finds is collected with where it was found.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { goTo, open, settle } from './demo.mjs'
import { faces, scenes, sizes } from './scenes.mjs'
import { unpaid } from './stage.mjs'

// ugly makes an answer as bad as companies' data gets: names of 30 characters, amounts of 12 digits, and many rows.
const long = '内蒙古自治区呼和浩特市赛罕区锦绣江南国际花园二期东区某某先生名'
const names = new Set(['name', 'owner', 'label', 'title', 'community_name', 'company_name', 'note', 'reason', 'fee'])
const document = JSON.parse(readFileSync(new URL('../../handlers/openapi.json', import.meta.url)))
const members = Object.values(document.components.schemas).flatMap((s) => Object.entries(s.properties ?? {}))
const sums = new Set(members.filter(([, m]) => /^fen\b/.test(m.description)).map(([name]) => name))
function swell(value, key, rows) {
  if (Array.isArray(value)) {
    const some = value.map((v) => swell(v, key, rows))
    if (key !== 'items' || !some.length || typeof some[0] !== 'object') return some
    return Array.from({ length: Math.max(rows, some.length) }, (_, i) =>
      i < some.length ? some[i] : { ...some[i % some.length], ...again(some[i % some.length], i) },
    )
  }
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, swell(v, k, rows)]))
  // what a program wrote is one of few words: a reason of money is, that of a refund is a person's
  if (typeof value === 'string' && names.has(key) && !/^[a-z_]*$/.test(value)) return long.slice(0, 30)
  if (typeof value === 'number' && sums.has(key)) return 123456789012
  return value
}
// again is what tells a row from the one that it repeats.
const again = (item, i) => {
  if (item.order) return { order: { ...item.order, id: `${item.order.id}-${i}` } }
  const key = ['id', 'community'].find((k) => item[k])
  return key ? { [key]: `${item[key]}-${i}` } : {}
}
const emptied = (json) =>
  json && typeof json === 'object' && 'items' in json ? { ...json, items: [], next: undefined } : json

// chained is the first page of an auditor whose chains are in another state.
const found = {
  broken: { state: 'broken', finding: "audit line K7W2 in block jinxiu/000000000007: its hash is not its content's" },
  unverified: { state: 'unverified', lines: 0, verified_to: 0, verified_at: undefined, fully_verified_at: undefined },
}
const chained = (json, state) =>
  json.chains ? { ...json, chains: json.chains.map((c, i) => (i ? c : { ...c, ...found[state] })) } : json

// founded is the first page of a company that has begun to set itself up.
const steps = ['legal_entity', 'staff', 'units', 'merchant_account', 'terminal', 'first_payment']
const founded = (json) =>
  json.notifications ? { ...json, setup: steps.map((step, i) => ({ step, completed: i < 2 })) } : json

// States are made of what the server answers to whoever reads.
const answered = (change) => async (route) => {
  const r = await route.fetch().catch(() => undefined) // the page has left meanwhile
  if (!r) return route.abort().catch(() => undefined)
  if (!r.ok() || !r.headers()['content-type']?.includes('json')) return route.fulfill({ response: r })
  return route.fulfill({ response: r, json: change(await r.json()) })
}
const problem = (request) => ({
  status: 503,
  contentType: 'application/problem+json',
  json: {
    type: 'about:blank',
    title: 'Unavailable',
    code: 'unavailable',
    request_id: 'K7W2N4Q8R5T3V6X9',
    detail:
      request.headers()['accept-language'] === 'en'
        ? 'The server is busy; please try again in a minute.'
        : '服务器繁忙，请一分钟后重试。',
  },
})
// held are the answers that a page waits for while it is loading.
const answers = (state, { rows, held }) =>
  ({
    ugly: answered((json) => swell(json, '', rows)),
    empty: answered(emptied),
    founded: answered(founded),
    broken: answered((json) => chained(json, 'broken')),
    unverified: answered((json) => chained(json, 'unverified')),
    loading: (route) => held.push(route),
    error: (route) => route.fulfill(problem(route.request())),
  })[state]

// staysTrue is what a page needs to be itself, whatever its list answers.
const staysTrue = /\/v1\/(tokens|communities$|me$|(.+\/)?events$|members\/sessions|terminals\/tokens|residents)/

const given = new WeakMap() // the size of each page

// resize gives the page a size, and its type.
async function resize(page, { width, height, large = false }, still = true) {
  const wanted = `${width}×${height} ${large}`
  if (given.get(page) === wanted) return
  given.set(page, wanted)
  await page.setViewportSize({ width, height })
  await page.evaluate((large) => {
    document.documentElement.style.fontSize = large ? '140%' : ''
  }, large)
  if (still) await settle(page, { asking: false })
}

// speak has a page speak a language: the product's as when it is chosen in another tab, what the server draws anew.
async function speak(page, english, settled) {
  const drawn = await page.evaluate(
    (lang) => {
      localStorage.setItem('lang', lang)
      document.cookie = `lang=${lang}; path=/`
      window.dispatchEvent(new StorageEvent('storage', { key: 'lang', newValue: lang }))
      return !document.querySelector('[data-v-app]')
    },
    english ? 'en' : 'zh',
  )
  if (drawn) await page.reload()
  await settle(page, settled)
}

// The faces of one line are looked at one after the other: a terminal's card waits at the one reader that the wallet
// shows. The lines are taken from the first on, which takes longest, by some lanes at once: while one waits for its
// page, another is drawn. What is early needs nothing of what people have done, and is looked at while they do it.
const early = [['reference'], ['guide'], ['screen'], ['problems'], ['start'], ['door'], ['phone']]
const lines = [['operations'], ['finance'], ['terminal', 'wallet'], ['resident'], ['auditor'], ['cashier'], ['payer']]
const lanes = 4

// tour shows each scene in each state, language and size to look(page, {scene, state, english, size, first}), which
// returns what it finds. A face is entered once and a state made once: then the window is resized and the language is
// changed, as people do it. facts is what people have done, or are doing still.
export async function tour({ browser, demo, facts, look, only = () => true, rows = 60 }) {
  const found = []
  const stage = {
    browser,
    demo,
    visit: async (path, size) => {
      const page = await open(browser, 'phone', 'about:blank')
      await page.setViewportSize(sizes[size])
      await page.goto(path.startsWith('http') ? path : demo.base + path)
      return page
    },
  }
  assert.deepEqual([...early, ...lines].flat().sort(), Object.keys(faces).sort(), 'each face has its line')
  const [first, rest] = [[...early], [...lines]]
  const take = async (some) => {
    for (let line = some.shift(); line; line = some.shift())
      await pass(line, { ...stage, held: [] }, { look, only, rows, found })
  }
  const filled = Promise.resolve(facts).then((facts) =>
    Object.assign(stage, { facts, unpaid: () => unpaid(demo, facts.clerk) }),
  )
  const lane = () => filled.then(() => take(rest))
  await Promise.all([take(first).then(lane), ...Array.from({ length: lanes - 1 }, lane)])
  return found
}

// pass shows the scenes of some faces.
async function pass(line, stage, { look, only, rows, found }) {
  for (const as of line) {
    const face = faces[as]
    const some = scenes.filter((s) => s.as === as && only(s))
    if (!some.length) continue
    const page = await face.enter(stage)
    let english = false
    for (const scene of some) {
      for (const state of scene.states ?? ['full']) {
        try {
          await show(page, scene, state, stage, rows)
          for (const at of looks(scene, face, english)) {
            const { size } = at
            await resize(
              page,
              sizes[at.english && size === 'desk' && process.env.LINLIPAY_SMALL_DESK ? 'small_desk' : size],
            )
            if (at.english !== english) {
              if (scene.boxed) await scene.leave(page)
              await speak(page, (english = at.english), { asking: state !== 'loading' })
              if (scene.boxed) await show(page, scene, state, stage, rows)
            }
            const seen = () => look(page, { ...at, scene, face, state })
            const what = (await seen()).length ? await secondLook(page, seen) : []
            found.push(...what.map((w) => ({ scene: scene.name, state, size, language: english ? 'en' : 'zh', ...w })))
          }
        } catch (e) {
          found.push({ scene: scene.name, state, what: `cannot be reached: ${e.message.split('\n')[0]}` })
        }
        await page.unrouteAll({ behavior: 'ignoreErrors' })
        for (const route of stage.held.splice(0)) await route.abort().catch(() => undefined)
        await resize(page, sizes[face.sizes[0]], false)
      }
      await scene.leave?.(page)
    }
    found.push(...page.errors.map((e) => ({ scene: as, what: e })))
    await page.close()
  }
}

// looks are the sizes of a scene in the language that the page speaks, and the way back in the other one, so that the
// window is resized once between two looks. first is where the words are read, hard where type is large and room
// scarce.
function looks(scene, face, english) {
  const all = scene.sizes ?? face.sizes
  const hardest = all.find((s) => s === 'narrow_large') ?? all[0]
  const some = all.map((size) => ({ size, english, first: size === all[0], hard: size === hardest }))
  return face.bilingual ? some : [...some, ...some.map((at) => ({ ...at, english: !english })).reverse()]
}

// secondLook looks again, a few times: what was only on its way is not there any more, however slow the machine is.
async function secondLook(page, look) {
  let what = []
  for (let times = 0; times < 4; times++) {
    await page.waitForTimeout(1000)
    await settle(page, { asking: false })
    what = await look()
    if (!what.length) break
  }
  return what
}

async function show(page, scene, state, stage, rows) {
  const answer = answers(state, { rows, held: stage.held })
  if (answer) {
    await page.route(
      (url) => url.pathname.startsWith('/v1/') && !staysTrue.test(url.pathname),
      (route) => (route.request().method() === 'GET' ? answer(route) : route.continue()),
    )
    // away from the page, or it has what it asked for before and asks for nothing
    if (!scene.name.startsWith('console-collect')) await goTo(page, 'nope')
  }
  await scene.go?.(page, stage, state)
  if (state === 'loading') await page.locator('.el-skeleton, [data-test=loading]').first().waitFor()
  await settle(page, { asking: state !== 'loading' })
}
