import '../base.css'
import './wallet.css'
import jsQR from 'jsqr'
import { yuan } from '../money'

// The sandbox's wallet: a person scans and pays here as with WeChat or Alipay, or shows a payment code. It talks to the sandbox's control API on
// its own address.

type Wallet = 'wechat' | 'alipay'
interface Payment { id: string; title: string; amount_fen: number; merchant: string; wallet: Wallet; state: string; waiting?: boolean; return_url?: string }
interface Code { code: string; wallet: Wallet; expires_at: string }

const app = document.getElementById('app')!
let wallet: Wallet = sessionStorage.getItem('wallet') === 'alipay' ? 'alipay' : 'wechat'
const names = { wechat: '微信支付', alipay: '支付宝' }

function html(text: string): HTMLElement {
  const t = document.createElement('template')
  t.innerHTML = text.trim()
  return t.content.firstElementChild as HTMLElement
}

const escape = (s: string) => s.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

async function ask<T = Payment>(method: string, path: string, body?: unknown): Promise<T> {
  const r = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) }).catch(() => { throw new Error('沙箱没有响应 (the sandbox does not answer)') })
  const answer = await r.json()
  if (!r.ok) throw new Error(answer.error)
  return answer
}

function frame(content: HTMLElement) {
  document.body.dataset.wallet = wallet
  app.replaceChildren(html('<p class="mark">演示钱包，不是真实支付 · demo wallet, no real money</p>'), content)
}

function fail(e: unknown) {
  app.querySelector('.error')?.remove()
  app.querySelector('main')!.append(html(`<p class="error" role="alert">${escape(e instanceof Error ? e.message : String(e))}</p>`))
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

function home() {
  const page = html(`<main>
    <section class="questions" aria-live="polite"></section>
    <div class="tabs" role="group">${(['wechat', 'alipay'] as const).map((w) => `<button data-wallet="${w}" aria-pressed="${w === wallet}">${names[w]}</button>`).join('')}</div>
    <form><label>扫一扫 <small>粘贴二维码内容，或粘贴、拖入、选择二维码图片 · paste text, or paste, drop or choose a picture</small>
      <textarea rows="3" placeholder="https://… / weixin://…"></textarea></label>
      <label class="file">选择图片 choose a picture<input type="file" accept="image/*"></label>
      <button type="button" class="camera">打开摄像头 camera</button><video playsinline muted hidden></video>
      <button class="go">扫码 scan</button></form>
    <section class="codes" aria-label="付款码 payment code"><h2>付款码 <small>向收银员出示 · show it to the cashier</small></h2>
      <div class="show">${(['wechat', 'alipay'] as const).map((w) => `<button data-test="code-${w}" data-wallet-code="${w}">${w === 'wechat' ? '微信付款码<small>WeChat' : '支付宝付款码<small>Alipay'} code</small></button>`).join('')}</div>
      <label class="option"><input type="checkbox" data-test="ask-password"> 付款时输入密码 <span>ask for the password</span></label>
      <div class="code" hidden></div></section></main>`)
  frame(page)
  codes(page)
  watchQuestions(page.querySelector<HTMLElement>('.questions')!)
  const text = page.querySelector('textarea')!
  const scan = async (content: string) => {
    text.value = content
    try { sheet(await ask('POST', '/scan', { content, wallet })) } catch (e) { fail(e) }
  }
  const picture = (file?: Blob | null) => { if (file) decode(file).then(scan, fail) }
  page.querySelectorAll<HTMLButtonElement>('[data-wallet]').forEach((b) => b.addEventListener('click', () => {
    wallet = b.dataset.wallet as typeof wallet
    sessionStorage.setItem('wallet', wallet)
    home()
  }))
  page.querySelector('form')!.addEventListener('submit', (e) => { e.preventDefault(); void scan(text.value) })
  page.querySelector<HTMLInputElement>('input[type=file]')!.addEventListener('change', (e) => picture((e.target as HTMLInputElement).files?.[0]))
  document.onpaste = (e) => picture([...(e.clipboardData?.items ?? [])].find((i) => i.type.startsWith('image/'))?.getAsFile())
  document.ondragover = (e) => e.preventDefault()
  document.ondrop = (e) => { e.preventDefault(); picture(e.dataTransfer?.files[0]) }
  page.querySelector('.camera')!.addEventListener('click', () => camera(page.querySelector('video')!, scan).catch(fail))
}

// codes shows a fresh payment code of the wallet whose button is pressed, for as long as it is valid.
function codes(page: HTMLElement) {
  const box = page.querySelector<HTMLElement>('.code')!
  page.querySelectorAll<HTMLButtonElement>('[data-wallet-code]').forEach((b) => b.addEventListener('click', async () => {
    const ask_password = page.querySelector<HTMLInputElement>('[data-test=ask-password]')!.checked
    try { showCode(box, await ask<Code>('POST', '/codes', { wallet: b.dataset.walletCode, ask_password })) } catch (e) { fail(e) }
  }))
}

function showCode(box: HTMLElement, c: Code) {
  const groups = c.code.match(/.{1,4}/g)!.map((g) => `<span>${g}</span>`).join('')
  box.hidden = false
  box.dataset.of = c.wallet
  box.replaceChildren(html(`<p class="of">${names[c.wallet]}</p>`), html(`<p class="digits" data-test="code" data-wallet="${c.wallet}">${groups}</p>`), html('<p class="left" role="status"></p>'))
  const digits = box.querySelector<HTMLElement>('.digits')!
  const left = box.querySelector<HTMLElement>('.left')!
  const tick = () => {
    if (!digits.isConnected) return
    const seconds = Math.ceil((Date.parse(c.expires_at) - Date.now()) / 1000)
    box.classList.toggle('old', seconds <= 0)
    left.textContent = seconds > 0 ? `${seconds} 秒内有效，只能用一次 · valid for ${seconds} s, once` : '已过期，请重新获取 · expired, get a fresh one'
    if (seconds > 0) setTimeout(tick, 1000)
  }
  tick()
}

// watchQuestions keeps the list of payments whose payer is asked for the password, of both wallets, for as long as it is on the page.
async function watchQuestions(list: HTMLElement) {
  let shown = ''
  while (list.isConnected) {
    const waiting = await ask<Payment[]>('GET', '/payments?waiting=1').catch(() => [])
    const now = waiting.map((p) => p.id).join()
    if (now !== shown) list.replaceChildren(...waiting.map(question))
    shown = now
    await new Promise((ok) => setTimeout(ok, 1000))
  }
}

function question(p: Payment): HTMLElement {
  const card = html(`<article class="question" data-test="question" data-of="${p.wallet}"><p class="of">${names[p.wallet]} · 请输入支付密码 enter your password</p>
    <p class="title">${escape(p.title)}</p><p class="amount">¥${yuan(p.amount_fen)}</p>
    <div class="two"><button class="cancel" data-test="question-cancel">取消 cancel</button><button class="go" data-test="question-confirm">确认付款 pay</button></div></article>`)
  const decide = (what: string) => async () => {
    card.querySelectorAll('button').forEach((b) => { b.disabled = true })
    try {
      wallet = p.wallet
      done(await ask('POST', `/payments/${p.id}/${what}`))
    } catch (e) { card.remove(); fail(e) }
  }
  card.querySelector('.go')!.addEventListener('click', decide('confirm'))
  card.querySelector('.cancel')!.addEventListener('click', decide('cancel'))
  return card
}

async function camera(video: HTMLVideoElement, scan: (content: string) => Promise<void>) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => { throw new Error('无法使用摄像头 (no camera)') })
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
    const found = canvas.width ? jsQR(g.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height) : null
    if (!found) return void requestAnimationFrame(look)
    stream.getTracks().forEach((t) => t.stop())
    void scan(found.data)
  }
  look()
}

// sheet is the payment sheet: who is paid, for what, how much.
function sheet(p: Payment, back = p.return_url) {
  wallet = p.wallet
  if (p.state !== 'unpaid') return done(p, back)
  const page = html(`<main class="sheet"><h1>${names[p.wallet]}</h1><p class="title">${escape(p.title)}</p><p class="amount">¥${yuan(p.amount_fen)}</p>
    <p class="merchant">商户号 merchant ${escape(p.merchant)}</p><button class="go" data-test="confirm">确认付款 pay</button><button class="cancel">取消 cancel</button></main>`)
  frame(page)
  page.querySelector('.go')!.addEventListener('click', async (e) => {
    (e.target as HTMLButtonElement).disabled = true
    try { done(await ask('POST', `/payments/${p.id}/confirm`), back) } catch (err) { (e.target as HTMLButtonElement).disabled = false; fail(err) }
  })
  page.querySelector('.cancel')!.addEventListener('click', async () => {
    await ask('POST', `/payments/${p.id}/cancel`).catch(() => undefined)
    if (back) location.href = back
    else home()
  })
}

const outcomes: Record<string, [string, string]> = { paid: ['✓', '支付成功 paid'], failed: ['–', '支付失败 the payment failed'], revoked: ['–', '已撤销，款项已退回 reversed'] }

function done(p: Payment, back?: string) {
  const [mark, text] = outcomes[p.state] ?? ['–', '订单已关闭 this order is closed']
  const page = html(`<main class="sheet ${p.state}"><div class="tick">${mark}</div><h1 data-test="done">${text}</h1><p class="title">${escape(p.title)}</p><p class="amount">¥${yuan(p.amount_fen)}</p></main>`)
  page.append(back ? html(`<a class="go" data-test="back" href="${escape(back)}">返回商户 back to the merchant</a>`) : html('<a class="go" href="/">完成 done</a>'))
  frame(page)
}

const handle = location.pathname.match(/^\/pay\/([0-9a-f]+)$/)
if (handle) {
  const back = new URLSearchParams(location.search).get('redirect_url') ?? undefined
  ask('GET', `/payments/${handle[1]}`).then((p) => sheet(p, back ?? p.return_url), (e) => { home(); fail(e) })
} else home()
