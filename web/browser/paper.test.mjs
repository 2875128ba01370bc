import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import jsQR from 'jsqr'
import { selectors } from 'playwright-core'
import { collect, logIn, goTo, shot, startBrowser, startDemo } from './demo.mjs'

selectors.setTestIdAttribute('data-test')

// What is printed, as PDF pages of each paper: every amount stands whole, however long names and amounts are.

let demo, browser
before(async () => {
  demo = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const name30 = '欧阳一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未'
const fee30 = '二〇二六年度地下机动车停车位使用费及公共部位照明电费分摊（含'
const amounts = ['9,999,999,999.99', '12,345.60', '0.01', '1,234,567.89']

// ugly has the drawer's order be one with long names and sums, as the server would answer it.
async function ugly(page, order) {
  await page.route(`**/v1/orders/${order}`, async (route) => {
    const o = await (await route.fetch()).json()
    o.payer.name = name30
    o.community_name = name30.slice(0, 20) + '花园小区'
    o.items = amounts.map((a, i) => ({
      ref: 'r' + i,
      title: `${fee30}${i}）2026-11`,
      amount: Number(a.replace(/[,.]/g, '')),
    }))
    o.amount = o.items.reduce((sum, i) => sum + i.amount, 0)
    await route.fulfill({ json: { ...o, version: o.version + 1000 } })
  })
}

// pages prints what the page prints, and answers its text and how many pages it is.
async function pages(page, file) {
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  const path = join(demo.dir, file + '.pdf')
  writeFileSync(path, pdf)
  const text = execFileSync('pdftotext', ['-layout', path, '-']).toString()
  const info = execFileSync('pdfinfo', [path]).toString()
  if (process.env.PAPERS) execFileSync('pdftoppm', ['-r', '110', '-png', path, join(process.env.PAPERS, file)])
  const words = [
    ...execFileSync('pdftotext', ['-bbox', path, '-'])
      .toString()
      .matchAll(/xMax="([\d.]+)"[^>]*>([^<]+)</g),
  ].map(([, end, word]) => ({ end: Number(end), word }))
  return {
    text,
    words,
    count: Number(/Pages:\s+(\d+)/.exec(info)[1]),
    width: Number(/Page size:\s+([\d.]+)/.exec(info)[1]),
    qr: scanned(path),
  }
}

// scanned is what the QR on a PDF's first page says, read from the page as a phone sees it.
function scanned(path) {
  execFileSync('pdftoppm', ['-r', '200', '-singlefile', path, path])
  const raw = readFileSync(path + '.ppm')
  const [head, width, height] = /^P6\n(\d+) (\d+)\n255\n/.exec(raw.subarray(0, 30).toString('latin1'))
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let i = 0; i < width * height; i++) rgba.set(raw.subarray(head.length + 3 * i, head.length + 3 * i + 3), 4 * i)
  return jsQR(rgba, Number(width), Number(height))?.data
}

test('receipts of every size have every amount whole', async () => {
  const desk = await logIn(browser, demo, 'cashier')
  await collect(desk, '1-1-201')
  await desk.getByRole('tab', { name: '现金' }).click()
  await desk.locator('.handy button').first().click()
  await desk.getByTestId('take-cash').click()
  await desk.getByTestId('outcome').waitFor()
  await desk.keyboard.press('Escape') // nothing is lost now, and nothing is asked
  await desk.locator('.pay').waitFor({ state: 'detached' })
  const {
    items: [paid],
  } = await desk.evaluate(() =>
    fetch('/v1/orders?q=1-1-201', { headers: { 'Linli-Session': 'staff' } }).then((r) => r.json()),
  )
  await ugly(desk, paid.id)
  await goTo(desk, 'orders')
  await desk.locator('.rows tbody tr', { hasText: paid.id }).click()
  await desk.locator('.el-drawer', { hasText: name30 }).waitFor()
  await desk.evaluate(() => {
    window.print = () => {
      document.title = 'printed'
    }
  })
  await desk.getByTestId('print-receipt').click()
  for (const [nth, [size, width]] of [
    ['58', 164],
    ['80', 227],
    ['A5', 420],
    ['A4', 595],
  ].entries()) {
    await desk.evaluate(() => {
      document.title = ''
      document.querySelectorAll('style').forEach((s) => {
        if (s.textContent.startsWith('@page')) s.remove()
      })
    })
    await desk.locator(`label:has([data-size="${size}"]), [data-size="${size}"]`).first().click()
    await desk.getByTestId('print-now').click()
    await desk.waitForFunction(() => document.title === 'printed')
    const sheet = await pages(desk, 'receipt-' + size)
    for (const amount of amounts)
      assert.ok(
        sheet.words.some((w) => w.word === amount),
        `${size}: ${amount} is cut or broken in\n${sheet.text}`,
      )
    const total = '10,001,246,913.49' // the sum of all
    assert.ok(sheet.text.includes('¥' + total), `${size}: the sum is not whole in\n${sheet.text}`)
    const run = sheet.text.replace(/\s+/g, '')
    assert.ok(
      run.includes('壹佰亿零壹佰贰拾肆万陆仟玖佰壹拾叁元肆角玖分'),
      `${size}: the sum in words in\n${sheet.text}`,
    )
    for (const part of [name30, paid.id, '本凭证不是发票'])
      assert.ok(run.includes(part), `${size}: ${part} in\n${sheet.text}`)
    const mark = /补打（第(\d)次）/.exec(run)?.[1]
    assert.equal(mark, nth ? String(nth + 1) : undefined, `${size}: print ${nth + 1} is marked ${mark}`)
    assert.equal(sheet.qr, paid.qr.url, `${size}: its QR leads to ${sheet.qr}`)
    assert.equal(sheet.count, 1, `${size} takes ${sheet.count} pages`)
    assert.ok(Math.abs(sheet.width - width) < 3, `${size} is ${sheet.width} pt wide`)
    const ends = amounts.map((a) => sheet.words.find((w) => w.word === a).end)
    assert.ok(Math.max(...ends) - Math.min(...ends) < 0.6, `${size}: amounts end at ${ends}`)
    assert.ok(Math.max(...ends) < sheet.width - 6, `${size}: amounts run to the paper's edge, ${ends}`)
    await shot(desk, 'print-' + size)
  }
  assert.deepEqual(desk.errors, [])
})
