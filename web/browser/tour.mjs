// Goes through scenes with a look, in one language; what the look finds is collected with where it was found.
import { goTo, open } from './demo.mjs'
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
const staysTrue = /\/v1\/(token|communities$|me$|.*events|staff\/login|terminals|residents)/

// calm waits until nothing is asked for, and what slides has arrived.
async function calm(page, asking) {
  for (let quiet = 0, i = 0; quiet < 2 && i < 100; i++) {
    await page.waitForTimeout(50)
    quiet = asking.size ? 0 : quiet + 1
  }
}
function watched(page) {
  const asking = new Set()
  page.on('request', (r) => {
    if (/\/v1\//.test(r.url()) && !/events/.test(r.url())) asking.add(r)
  })
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => asking.delete(r))
  return asking
}

// resize gives the page a size, and its type.
async function resize(page, { width, height, large }) {
  await page.setViewportSize({ width, height })
  await page.evaluate((large) => {
    document.documentElement.style.fontSize = large ? '140%' : ''
  }, !!large)
  await page.waitForTimeout(60)
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
    code: facts.codes[tongue],
    room: rooms[0],
    other: rooms[1],
    at_terminal: rooms[2],
    doubted: rooms[3],
    carded: rooms[4],
    unsent: rooms[5],
    open: facts.open[tongue],
    held: [],
    visit: async (path, size) => {
      const page = await open(browser, 'phone', 'about:blank')
      await page.setViewportSize(sizes[size])
      if (path || path === '') await page.goto(path.startsWith('http') ? path : demo.base + (path || '/'))
      if (english) {
        await page.evaluate(() => {
          localStorage.setItem('lang', 'en')
          document.cookie = 'lang=en; path=/'
        })
        await page.reload()
      }
      return page
    },
  }
  for (const [as, face] of Object.entries(faces)) {
    const some = scenes.filter((s) => s.as === as && only(s))
    if (!some.length) continue
    const page = await face.enter(stage)
    const asking = watched(page)
    page.setDefaultTimeout(20_000)
    for (const scene of some) {
      for (const state of scene.states ?? ['full']) {
        try {
          await show(page, scene, state, stage, asking, rows)
          const all = scene.sizes ?? face.sizes
          for (const size of all) {
            await resize(page, sizes[size])
            const what = await look(page, { scene, face, state, size, first: size === all[0] })
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

async function show(page, scene, state, stage, asking, rows) {
  const answer = answers(state, { english: stage.english, rows, held: stage.held })
  if (answer) {
    await page.route(
      (url) => url.pathname.startsWith('/v1/') && !staysTrue.test(url.pathname),
      (route) => (route.request().method() === 'GET' ? answer(route) : route.continue()),
    )
    if (!scene.name.startsWith('console-collect')) await goTo(page, 'nope') // away, so that it is asked for again
  }
  asking.clear()
  await scene.go?.(page, stage)
  if (state === 'loading') await page.waitForTimeout(400)
  else await calm(page, asking)
}
