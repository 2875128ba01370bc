// The pages in the oldest browsers of docs/browsers.md: everything that came after them is taken away (young.txt), and
// every page still hears of a payment. And what they say where they cannot work.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { selectors } from 'playwright-core'
import { asPhone, enter, goTo, pairTerminal, patience, shot, sizes, startBrowser, startDemo, toQR } from './demo.mjs'

selectors.setTestIdAttribute('data-test')
let demo, browser
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const young = readFileSync(join(import.meta.dirname, 'young.txt'), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' ')[0])
  .filter((name) => !/^Big(Int|Uint)64Array/.test(name)) // which playwright itself uses in the page

// takeAway removes what is young, and Ed25519 with it.
function takeAway(young) {
  const from = (owner, name) => {
    try {
      if (owner && Object.hasOwnProperty.call(owner, name)) delete owner[name]
    } catch {
      /* not to be taken */
    }
  }
  const generate = crypto.subtle?.generateKey
  for (const name of young) {
    const [owner, member] = name.split('.')
    if (!member) {
      from(globalThis, name)
      continue
    }
    const is = owner === 'TypedArray' ? Object.getPrototypeOf(Uint8Array) : globalThis[owner]
    const bare = member.replace('_static', '')
    from(is, bare)
    if (!member.endsWith('_static')) from(is?.prototype, bare)
    if (owner === 'Window' || owner === 'WorkerGlobalScope') from(globalThis, bare)
  }
  if (generate) {
    SubtleCrypto.prototype.generateKey = function (kind, ...rest) {
      return (kind.name ?? kind) === 'Ed25519'
        ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
        : generate.call(this, kind, ...rest)
    }
  }
}

async function open(size, url, prepare = takeAway, with_ = young) {
  const context = await browser.newContext({ viewport: sizes[size], locale: 'zh-CN' })
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', (e) => errors.push(String(e.stack)))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of (4|5)\d\d|net::/.test(m.text())) errors.push(m.text())
  })
  page.setDefaultTimeout(patience)
  if (prepare) await page.addInitScript(prepare, with_)
  await page.goto(url)
  return Object.assign(page, { errors })
}

async function desk(who, prepare, with_) {
  const page = await open('console', demo.base + '/console', prepare, with_)
  await enter(page, demo, who)
  await goTo(page, 'orders')
  return page
}

async function resident(i, prepare, with_) {
  const page = await open('phone', demo.base + '/resident', prepare, with_)
  await asPhone(page, demo.residents[i].phone)
  await page.getByTestId('unit').first().waitFor()
  return page
}

const ask = (page, kind, method, path, body) =>
  page.evaluate(
    async ([kind, method, path, body]) => {
      const key = String(Math.random())
      const r = await fetch(path, {
        method,
        headers: { 'Linli-Session': kind, 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: body && JSON.stringify(body),
      })
      return r.json()
    },
    [kind, method, path, body],
  )

const pay = async (cashier, id) => {
  const paid = await ask(cashier, 'staff', 'POST', `/v1/orders/${id}/attempts`, {
    method: 'code',
    auth_code: await demo.code({ wallet: 'wechat' }),
  })
  assert.equal(paid.order?.status, 'paid', JSON.stringify(paid))
}

// What is young is named and away: a list that takes nothing away would prove nothing.
test('the list names what is known to be missing, and it is taken away', async () => {
  const page = await open('console', demo.base + '/')
  const gone = await page.evaluate(() =>
    ['any', 'timeout']
      .map((n) => typeof AbortSignal[n])
      .concat(
        typeof TextDecoderStream,
        typeof [].at,
        typeof [].findLast,
        typeof [].toSorted,
        typeof structuredClone,
        typeof crypto.randomUUID,
        typeof Object.groupBy,
        typeof Promise.withResolvers,
        typeof navigator.locks,
        typeof BroadcastChannel,
      ),
  )
  assert.deepEqual([...new Set(gone)], ['undefined'])
  await page.locator('h1').waitFor()
  assert.deepEqual(page.errors, [])
})

test('console and terminal live, and a QR turns to paid', async () => {
  const cashier = await desk('cashier')
  const screen = await open('terminal', demo.base + '/terminal')
  await pairTerminal(screen, await demo.pairingCode())
  await toQR(screen, '1-1-301')
  const row = cashier.locator('.rows tbody tr').first()
  await row.locator('[data-status=pending]').waitFor()
  const [order] = (await ask(cashier, 'staff', 'GET', '/v1/orders?status=pending')).items
  await pay(cashier, order.id)
  await screen.getByTestId('paid').waitFor()
  await row.locator('[data-status=paid]').waitFor()
  assert.deepEqual([...cashier.errors, ...screen.errors], [])
})

test("a resident's order turns to paid", async () => {
  const cashier = await desk('cashier')
  const phone = await resident(1)
  const [unit] = (await ask(phone, 'resident', 'GET', '/v1/units')).items
  const [bill] = (await ask(phone, 'resident', 'GET', `/v1/units/${unit.id}/bills?status=unpaid`)).items
  const order = await ask(phone, 'resident', 'POST', '/v1/orders', { unit: unit.id, bills: [bill.id] })
  await goTo(phone, 'orders/' + order.id)
  await phone.locator('.result.pending').waitFor()
  await pay(cashier, order.id)
  await phone.locator('.result.paid').waitFor()
  assert.deepEqual([...phone.errors, ...cashier.errors], [])
})

test('every page of the console and the wallet opens', async () => {
  const page = await desk('finance')
  for (const place of [
    'orders',
    'refunds',
    'returns',
    'exceptions',
    'unconfirmed',
    'approvals',
    'messages',
    'accounts',
    'routes',
    'record',
    'terminals',
    'staff',
    'me',
  ]) {
    await goTo(page, place)
    await page.locator('.work h2, .work h1').first().waitFor()
    await page.waitForLoadState('domcontentloaded').catch(() => {})
  }
  const wallet = await open('phone', demo.wallet_url + '/')
  await wallet.locator('button[data-wallet=wechat]').waitFor()
  assert.deepEqual([...page.errors, ...wallet.errors], [])
})

// What a browser does not give is said, and never is a page blank.
const blocked = {
  storage: () => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('blocked', 'SecurityError')
      },
    })
  },
  none: () => {
    Object.defineProperty(window, 'localStorage', { value: null })
  },
  cookies: () => {
    Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} })
  },
  database: () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('blocked', 'SecurityError')
    }
  },
  insecure: () => {
    Object.defineProperty(window, 'isSecureContext', { value: false })
    Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })
  },
  script: () => {
    Object.defineProperty(window, 'Proxy', { value: undefined })
  },
}
for (const [what, where, has] of [
  ['storage', '/console', '浏览器阻止了本站的存储'],
  ['none', '/resident', '浏览器阻止了本站的存储'],
  ['cookies', '/console', '浏览器阻止了 Cookie'],
  ['database', '/terminal', 'IndexedDB'],
  ['insecure', '/terminal', 'HTTPS'],
  ['script', '/console', '页面没有打开'],
  ['script', '/', '页面没有打开'],
]) {
  test(`${where} with ${what} blocked says so`, async () => {
    const page = await open('phone', demo.base + where, blocked[what], undefined)
    await page.locator('[data-test=lack], [data-test=rescue]').first().getByText(has).first().waitFor()
    assert.ok((await page.locator('body').innerText()).trim().length > 20)
    await shot(page, `lack-${what}${where.replace('/', '-')}`)
    await page.context().close()
  })
}

test('with storage blocked a person logs in and works until the page is loaded anew', async () => {
  const page = await desk('cashier', blocked.storage, undefined)
  await page.locator('.work h2').waitFor()
  assert.equal((await ask(page, 'staff', 'GET', '/v1/me')).kind, 'staff')
  assert.deepEqual(page.errors, [])
})
