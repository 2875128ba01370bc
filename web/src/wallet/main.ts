import '../base.css'
import './wallet.css'
import jsQR from 'jsqr'
import { yuan } from '../money'
import { ask, escape, html, keep, large } from './page'
import { watchReader } from './reader'
import { merchantRefund, type Repaid } from './refund'

// The sandbox's wallet: a person scans and pays here as with WeChat, Alipay or UnionPay's app, shows a payment code, or
// holds a card to a terminal. It talks to the sandbox's control API on its own address.

const names = { wechat: '微信支付', alipay: '支付宝', unionpay: '云闪付' }
const english = { wechat: 'WeChat', alipay: 'Alipay', unionpay: 'UnionPay' }
type Wallet = keyof typeof names
const wallets = Object.keys(names) as Wallet[]
// A payment's wallet is '' until the payer chooses one of its wallets.
interface Payment {
  id: string
  title: string
  amount_fen: number
  merchant: string
  wallet: Wallet | 'card' | ''
  wallets?: Wallet[]
  state: string
  waiting?: boolean
  return_url?: string
  refunded_fen?: number
}
interface Code {
  code: string
  wallet: Wallet
  expires_at: string
}

const app = document.getElementById('app')!
// session is what this window remembers; undefined where the browser blocks it.
function session(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}
const known = (w: string | null): w is Wallet => wallets.includes(w as Wallet)
const query = new URLSearchParams(location.search)
const sentFrom = query.get('redirect_url')
const remembered = session()?.getItem('wallet') ?? null
let wallet: Wallet = known(remembered) ? remembered : 'wechat'
const both = (w: Wallet) => `${names[w]} <span lang="en">${english[w]}</span>`
const tab = (w: Wallet) => `<button type="button" data-wallet="${w}" aria-pressed="${w === wallet}">${both(w)}</button>`
const tabs = (some: Wallet[]) => `<div class="tabs" role="group">${some.map(tab).join('')}</div>`
// shows shows a payment code of a wallet.
const shows = (w: Wallet) =>
  `<button data-test="code-${w}" data-wallet-code="${w}">${names[w]}<small>${english[w]}</small></button>`

function frame(content: HTMLElement) {
  document.body.dataset.wallet = wallet
  app.replaceChildren(
    html('<header class="mark">演示钱包，不是真实支付 · demo wallet, no real money</header>'),
    content,
  )
}

function fail(e: unknown) {
  app.querySelector('.error')?.remove()
  app
    .querySelector('main')!
    .append(html(`<p class="error" role="alert">${escape(e instanceof Error ? e.message : String(e))}</p>`))
}

// decode finds a QR in a picture; an SVG without a size is drawn large enough to read.
async function decode(file: Blob): Promise<string> {
  const image = new Image()
  image.src = URL.createObjectURL(file)
  await image.decode()
  const canvas = document.createElement('canvas')
  const scale = Math.min(1, 1600 / Math.max(image.naturalWidth, 1))
  canvas.width = Math.max(300, image.naturalWidth * scale)
  canvas.height = Math.max(300, image.naturalHeight * scale)
  const g = canvas.getContext('2d', { willReadFrequently: true })!
  g.fillStyle = '#fff'
  g.fillRect(0, 0, canvas.width, canvas.height)
  g.drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(image.src)
  const { data, width, height } = g.getImageData(0, 0, canvas.width, canvas.height)
  const found = jsQR(data, width, height)
  if (!found) throw new Error('图片中没有找到二维码 (no QR in this picture)')
  return found.data
}

function choose(w: Wallet) {
  wallet = w
  session()?.setItem('wallet', wallet)
}

function home(content = '') {
  const page = html(`<main><h1 class="sr">沙箱钱包 sandbox wallet</h1>
    <section class="questions" aria-live="polite"></section>
    ${tabs(wallets)}
    <form><label>扫一扫 scan
      <small>粘贴二维码内容，或粘贴、拖入、选择二维码图片 · paste text, or paste, drop or choose a picture</small>
      <textarea rows="3" placeholder="https://… / weixin://…"></textarea></label>
      <label class="file">选择图片 choose a picture<input type="file" accept="image/*"></label>
      <button type="button" class="camera">打开摄像头 camera</button><video playsinline muted hidden></video>
      <button class="go">扫码 scan</button></form>
    <section class="codes" aria-label="付款码 payment code">
      <h2>付款码 payment code <small>向收银员出示 · show it to the cashier</small></h2>
      <div class="show">${wallets.map(shows).join('')}</div>
      <label class="option"><input type="checkbox" data-test="ask-password">
        付款时输入密码 <span>ask for the password</span></label>
      <div class="code" hidden></div></section>
    <section class="codes" aria-label="刷卡器 card reader">
      <h2>刷卡器 card reader
        <small>在终端上按“刷银行卡”后在此操作 · press “pay by bank card” on a terminal, then act here</small></h2>
      <div class="reader" aria-live="polite" data-test="reader"></div>
      <p class="told" role="status" data-test="reader-told"></p></section>
    <section class="codes" aria-label="付款记录 payments">
      <h2>付款记录 payments
        <small>最近付过的款（含刷卡）；打开可看结果，或在商户平台退款 · what was paid last, by card too; open one to see it, or to refund it as the
          merchant</small></h2>
      <div class="made" data-test="made"></div></section></main>`)
  frame(page)
  codes(page)
  void keep<Payment>(page.querySelector<HTMLElement>('.questions')!, '/payments?waiting=1', question)
  void watchReader(page)
  void keep<Payment>(page.querySelector<HTMLElement>('.made')!, '/payments?paid=1', madeOne, nothingMade)
  const text = page.querySelector('textarea')!
  text.value = content
  const scan = async (content: string) => {
    text.value = content
    try {
      sheet(await ask<Payment>('POST', '/scan', { content, wallet }))
    } catch (e) {
      fail(e)
    }
  }
  const picture = (file?: Blob | null) => {
    if (file) decode(file).then(scan, fail)
  }
  page.querySelectorAll<HTMLButtonElement>('[data-wallet]').forEach((b) =>
    b.addEventListener('click', () => {
      choose(b.dataset.wallet as Wallet)
      home(text.value)
    }),
  )
  page.querySelector('form')!.addEventListener('submit', (e) => {
    e.preventDefault()
    void scan(text.value)
  })
  page
    .querySelector<HTMLInputElement>('input[type=file]')!
    .addEventListener('change', (e) => picture((e.target as HTMLInputElement).files?.[0]))
  document.onpaste = (e) =>
    picture([...(e.clipboardData?.items ?? [])].find((i) => i.type.startsWith('image/'))?.getAsFile())
  document.ondragover = (e) => e.preventDefault()
  document.ondrop = (e) => {
    e.preventDefault()
    picture(e.dataTransfer?.files[0])
  }
  page.querySelector('.camera')!.addEventListener('click', () => camera(page.querySelector('video')!, scan).catch(fail))
  return scan
}

const nothingMade = (answered: boolean) =>
  html(
    `<p class="told">${
      answered ? '还没有付款 · nothing paid yet' : '沙箱没有响应，请刷新 · the sandbox does not answer, please reload'
    }</p>`,
  )

function madeOne(p: Payment): HTMLElement {
  const by = known(p.wallet) ? both(p.wallet) : '银行卡 bank card'
  const back = p.refunded_fen ? ` · 已退 ¥${yuan(p.refunded_fen)} went back` : ''
  return html(`<a href="/pay/${p.id}" data-test="made-one">
    <span>${escape(p.title)}<small>${by}${back}</small></span><b>¥${yuan(p.amount_fen)}</b></a>`)
}

// codes shows a fresh payment code of the wallet whose button is pressed, for as long as it is valid.
function codes(page: HTMLElement) {
  const box = page.querySelector<HTMLElement>('.code')!
  page.querySelectorAll<HTMLButtonElement>('[data-wallet-code]').forEach((b) =>
    b.addEventListener('click', async () => {
      const ask_password = page.querySelector<HTMLInputElement>('[data-test=ask-password]')!.checked
      try {
        showCode(box, await ask<Code>('POST', '/codes', { wallet: b.dataset.walletCode, ask_password }))
      } catch (e) {
        fail(e)
      }
    }),
  )
}

function showCode(box: HTMLElement, c: Code) {
  const groups = c.code
    .match(/.{1,4}/g)!
    .map((g) => `<span>${g}</span>`)
    .join('')
  box.hidden = false
  box.dataset.of = c.wallet
  box.replaceChildren(
    html(`<p class="of">${both(c.wallet)}</p>`),
    html(`<p class="digits" data-test="code" data-wallet="${c.wallet}">${groups}</p>`),
    html('<p class="left" role="status"></p>'),
  )
  const digits = box.querySelector<HTMLElement>('.digits')!
  const left = box.querySelector<HTMLElement>('.left')!
  const tick = () => {
    if (!digits.isConnected) return
    const seconds = Math.ceil((Date.parse(c.expires_at) - Date.now()) / 1000)
    box.classList.toggle('old', seconds <= 0)
    left.textContent =
      seconds > 0
        ? `${seconds} 秒内有效，只能用一次 · valid for ${seconds} s, once`
        : '已过期，请重新获取 · expired, get a fresh one'
    if (seconds > 0) setTimeout(tick, 1000)
  }
  tick()
}

function question(p: Payment): HTMLElement {
  const of = known(p.wallet) ? p.wallet : wallet
  const card = html(`<article class="question" data-test="question" data-of="${of}">
    <p class="of">${both(of)} · 请输入支付密码 enter your password</p>
    <p class="title">${escape(p.title)}</p>${large(p.amount_fen)}
    <div class="two"><button class="cancel" data-test="question-cancel">取消 cancel</button>
      <button class="go" data-test="question-confirm">确认付款 pay</button></div></article>`)
  const decide = (what: string) => async () => {
    card.querySelectorAll('button').forEach((b) => {
      b.disabled = true
    })
    try {
      wallet = of
      done(await ask<Payment>('POST', `/payments/${p.id}/${what}`))
    } catch (e) {
      card.remove()
      fail(e)
    }
  }
  card.querySelector('.go')!.addEventListener('click', decide('confirm'))
  card.querySelector('.cancel')!.addEventListener('click', decide('cancel'))
  return card
}

async function camera(video: HTMLVideoElement, scan: (content: string) => Promise<void>) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => {
    throw new Error('无法使用摄像头 (no camera)')
  })
  video.hidden = false
  video.srcObject = stream
  await video.play()
  const canvas = document.createElement('canvas')
  const look = () => {
    if (!video.isConnected) return stream.getTracks().forEach((t) => t.stop())
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    const g = canvas.getContext('2d', { willReadFrequently: true })!
    g.drawImage(video, 0, 0)
    const found = canvas.width
      ? jsQR(g.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)
      : null
    if (!found) return void requestAnimationFrame(look)
    stream.getTracks().forEach((t) => t.stop())
    void scan(found.data)
  }
  look()
}

// sheet is the payment sheet: who is paid, for what, how much; then the payer goes back to the page that sent them
// here, if any did.
function sheet(p: Payment) {
  const back = sentFrom ?? p.return_url
  const free = p.wallet ? [] : (p.wallets ?? []).filter(known) // a page that was opened in no wallet: the payer chooses
  if (known(p.wallet)) wallet = p.wallet
  else if (free.length && !free.includes(wallet)) wallet = free[0]
  if (p.state !== 'unpaid') return done(p, back)
  const page = html(`<main class="sheet">${free.length ? tabs(free) : ''}<h1>${both(wallet)}</h1>
    <p class="title">${escape(p.title)}</p>${large(p.amount_fen)}
    <p class="merchant">商户号 merchant ${escape(p.merchant)}</p>
    <button class="go" data-test="confirm">确认付款 pay</button><button class="cancel">取消 cancel</button></main>`)
  frame(page)
  page.querySelectorAll<HTMLButtonElement>('[data-wallet]').forEach((b) =>
    b.addEventListener('click', () => {
      choose(b.dataset.wallet as Wallet)
      sheet(p)
    }),
  )
  page.querySelector('.go')!.addEventListener('click', async (e) => {
    ;(e.target as HTMLButtonElement).disabled = true
    try {
      done(await ask<Payment>('POST', `/payments/${p.id}/confirm`, p.wallet ? {} : { wallet }), back)
    } catch (err) {
      ;(e.target as HTMLButtonElement).disabled = false
      fail(err)
    }
  })
  page.querySelector('.cancel')!.addEventListener('click', async () => {
    await ask<Payment>('POST', `/payments/${p.id}/cancel`).catch(() => undefined)
    if (back) location.href = back
    else home()
  })
}

const outcomes: Record<string, [string, string]> = {
  paid: ['✓', '支付成功 paid'],
  failed: ['–', '支付失败 the payment failed'],
  revoked: ['–', '已撤销，款项已退回 reversed'],
}

function done(p: Payment, back?: string) {
  if (!handle) history.replaceState(null, '', `/pay/${p.id}`) // where the payment is found again
  const [mark, text] = outcomes[p.state] ?? ['–', '订单已关闭 this order is closed']
  const page = html(`<main class="sheet ${p.state}"><div class="tick">${mark}</div><h1 data-test="done">${text}</h1>
    <p class="title">${escape(p.title)}</p>${large(p.amount_fen)}
    <p class="told" role="status" data-test="went-back"></p></main>`)
  const wentBack = ({ refunded_fen: fen }: Repaid) => {
    page.querySelector('.told')!.textContent = fen ? `已退 ¥${yuan(fen)} went back` : ''
  }
  wentBack(p)
  page.append(
    back
      ? html(`<a class="go" data-test="back" href="${escape(back)}">返回商户 back to the merchant</a>`)
      : html('<a class="go" href="/">完成 done</a>'),
  )
  if (p.state === 'paid') page.append(merchantRefund(p.id, wentBack))
  frame(page)
}

const handle = location.pathname.match(/^\/pay\/([0-9a-f]+)$/)
if (handle)
  ask<Payment>('GET', `/payments/${handle[1]}`).then(sheet, (e) => {
    home()
    fail(e)
  })
else {
  const content = query.get('content') ?? ''
  const opened = query.get('wallet')
  if (known(opened)) choose(opened)
  const scan = home(content)
  if (content && known(opened)) void scan(content) // a page sent the payer here, as a link opens a wallet's app
}
