// Goes through scenes with a look, in one language; what the look finds is collected with where it was found.
import { goTo, open, settle } from './demo.mjs'
import { faces, scenes, sizes } from './scenes.mjs'
import { unpaid } from './stage.mjs'

// ugly makes an answer as bad as companies' data gets: names of 30 characters, amounts of 12 digits, and many rows.
const long = '内蒙古自治区呼和浩特市赛罕区锦绣江南国际花园二期东区某某先生名'
const names = new Set(['name', 'owner', 'label', 'title', 'community_name', 'company_name', 'note', 'reason', 'fee'])
const sums = new Set(['amount', 'owed', 'total', 'prepaid', 'refundable', 'net', 'fee_amount', 'tendered'])
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
const again = (item, i) =>
  item.id ? { id: `${item.id}-${i}` } : item.order ? { order: { ...item.order, id: `${item.order.id}-${i}` } } : {}
const emptied = (json) =>
  json && typeof json === 'object' && 'items' in json ? { ...json, items: [], next: undefined } : json

// States are made of what the server answers to whoever reads.
const answered = (change) => async (route) => {
  const r = await route.fetch().catch(() => undefined) // the page has left meanwhile
  if (!r) return route.abort().catch(() => undefined)
  if (!r.ok() || !r.headers()['content-type']?.includes('json')) return route.fulfill({ response: r })
  return route.fulfill({ response: r, json: change(await r.json()) })
}
const problem = (english) => ({
  status: 503,
  contentType: 'application/problem+json',
  json: {
    type: 'about:blank',
    title: 'Unavailable',
    code: 'unavailable',
    request_id: 'K7W2N4Q8R5T3V6X9',
    detail: english ? 'The server is busy; please try again in a minute.' : '服务器繁忙，请一分钟后重试。',
  },
})
// held are the answers that a page waits for while it is loading.
const answers = (state, { english, rows, held }) =>
  ({
    ugly: answered((json) => swell(json, '', rows)),
    empty: answered(emptied),
    loading: (route) => held.push(route),
    error: (route) => route.fulfill(problem(english)),
  })[state]

// staysTrue is what a page needs to be itself, whatever its list answers.
const staysTrue = /\/v1\/(token|communities$|me$|.*events|staff\/login|terminals\/|residents)/

const given = new WeakMap() // the size of each page

// resize gives the page a size, and its type.
async function resize(page, { width, height, large = false }) {
  const wanted = `${width}×${height} ${large}`
  if (given.get(page) === wanted) return
  given.set(page, wanted)
  await page.setViewportSize({ width, height })
  await page.evaluate((large) => {
    document.documentElement.style.fontSize = large ? '140%' : ''
  }, large)
  await settle(page, { asking: false })
}

// tour shows each scene in each state and size to look(page, {scene, state, size, of}), which returns what it finds.
export async function tour({ browser, demo, facts, english, look, only = () => true, rows = 60 }) {
  const found = []
  const tongue = english ? 'en' : 'zh'
  const rooms = english
    ? ['1-1-501', '2-1-402', '1-1-901', '2-1-701', '2-1-801', '2-1-901']
    : ['1-1-401', '2-1-302', '1-1-902', '2-1-702', '2-1-802', '2-1-902']
  const stage = {
    browser,
    demo,
    facts,
    english,
    twice: facts.twice[tongue],
    unpaid: () => unpaid(browser, demo, english ? '2-1-502' : '2-1-602'),
    room: rooms[0],
    other: rooms[1],
    at_terminal: rooms[2],
    doubted: rooms[3],
    carded: rooms[4],
    unsent: rooms[5],
    open: facts.open[tongue],
    held: [],
    visit: async (path, size) => {
      const page = await open(browser, 'phone', 'about:blank', { english })
      await page.setViewportSize(sizes[size])
      await page.goto(path.startsWith('http') ? path : demo.base + path)
      return page
    },
  }
  for (const [as, face] of Object.entries(faces)) {
    const some = scenes.filter((s) => s.as === as && only(s))
    if (!some.length) continue
    const page = await face.enter(stage)
    for (const scene of some) {
      for (const state of scene.states ?? ['full']) {
        try {
          await show(page, scene, state, stage, rows)
          const all = scene.sizes ?? face.sizes
          for (const size of all) {
            await resize(page, sizes[size])
            const at = { scene, face, state, size, first: size === all[0] }
            const what = (await look(page, at)).length ? await secondLook(page, () => look(page, at)) : []
            found.push(...what.map((w) => ({ scene: scene.name, state, size, language: tongue, ...w })))
          }
        } catch (e) {
          found.push({
            scene: scene.name,
            state,
            language: tongue,
            what: `cannot be reached: ${e.message.split('\n')[0]}`,
          })
        }
        await page.unrouteAll({ behavior: 'ignoreErrors' })
        for (const route of stage.held.splice(0)) await route.abort().catch(() => undefined)
        await resize(page, sizes[face.sizes[0]])
      }
      await scene.leave?.(page)
    }
    found.push(...page.errors.map((e) => ({ scene: as, what: e })))
    await page.context().close()
  }
  return found
}

// secondLook looks once more: what was only on its way is not there any more.
async function secondLook(page, look) {
  await page.waitForTimeout(1000)
  await settle(page, { asking: false })
  return look()
}

async function show(page, scene, state, stage, rows) {
  const answer = answers(state, { english: stage.english, rows, held: stage.held })
  if (answer) {
    await page.route(
      (url) => url.pathname.startsWith('/v1/') && !staysTrue.test(url.pathname),
      (route) => (route.request().method() === 'GET' ? answer(route) : route.continue()),
    )
    if (!scene.name.startsWith('console-collect')) await goTo(page, 'nope') // away, so that it is asked for again
  }
  await scene.go?.(page, stage, state)
  if (state === 'loading') await page.locator('.el-skeleton, [data-test=loading]').first().waitFor()
  await settle(page, { asking: state !== 'loading' })
}
