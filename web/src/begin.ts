import type { App } from 'vue'
import { language } from './api'
import { keeps, takesCookies } from './kept'

interface Pair {
  0: string
  1: string
}

// Lack is something that the browser does not give this page: what is missing and what to do, and what still works.
interface Lack {
  title: Pair
  lines: Pair[]
  fatal?: boolean
}

declare global {
  interface Window {
    linliRescue?: { show: (what: Lack) => void; broken: (why: unknown) => void }
  }
}

// Each need is told about where it is not met. docs/browsers.md says the same in a table.
const needs = {
  cookies: (): Lack | undefined =>
    takesCookies()
      ? undefined
      : {
          title: ['浏览器阻止了 Cookie', 'This browser blocks cookies'],
          lines: [
            [
              '不允许 Cookie 就无法保持登录。请在浏览器设置中允许本站的 Cookie，然后重新加载。',
              'Without cookies nobody can stay logged in. Allow them for this site in the settings, then load the ' +
                'page again.',
            ],
          ],
        },
  storage: (): Lack | undefined =>
    keeps()
      ? undefined
      : {
          title: ['浏览器阻止了本站的存储', 'This browser blocks storage'],
          lines: [
            [
              '重新加载本页后需要再次登录，语言选择也不会保留；其他功能可以照常使用。',
              'After a reload you have to log in again, and your language is forgotten; everything else works.',
            ],
          ],
        },
  // A device signs with its key. Browsers give keys to pages by https, and to this machine's own, alone.
  keys: (): Lack | undefined =>
    globalThis.crypto?.subtle
      ? undefined
      : {
          title: ['终端需要 HTTPS 地址', 'A terminal needs https'],
          lines: globalThis.isSecureContext
            ? [
                [
                  '此浏览器没有 WebCrypto，无法保存终端密钥。请升级到 Chromium 87、Safari 14.1、Firefox 79 或更新版本。',
                  'This browser has no WebCrypto, so it cannot hold the key of a terminal. It comes with Chromium ' +
                    '87, Safari 14.1, Firefox 79 and newer.',
                ],
              ]
            : [
                [
                  `当前地址 ${location.origin} 不是 HTTPS，浏览器不提供设备密钥，无法配对和收款。`,
                  `${location.origin} is not https, so browsers give no device key, and nothing can be paired or ` +
                    'paid here.',
                ],
                [
                  '请用 https:// 开头的地址打开；在服务器本机试用时可以用 http://localhost 或 http://127.0.0.1。',
                  'Open it by an address that begins with https://. On the machine of the server itself ' +
                    'http://localhost and http://127.0.0.1 work too.',
                ],
              ],
          fatal: true,
        },
  database: async (): Promise<Lack | undefined> =>
    (await opens())
      ? undefined
      : {
          title: ['浏览器阻止了本站的存储', 'This browser blocks storage'],
          lines: [
            [
              '终端把密钥和尚未送达的刷卡结果保存在 IndexedDB 中；没有它就无法配对，也可能丢失收款结果。',
              'A terminal keeps its key, and the results of cards that the server does not have yet, in IndexedDB. ' +
                'Without it nothing can be paired, and a payment might be lost.',
            ],
            [
              '请关闭无痕模式，并在浏览器设置中允许本站保存数据，然后重新加载。',
              'Leave private browsing, allow this site to keep data in the settings, and load the page again.',
            ],
          ],
          fatal: true,
        },
}

function opens(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const open = indexedDB.open('linlipay-probe')
      open.onsuccess = () => {
        open.result.close()
        resolve(true)
      }
      open.onerror = () => resolve(false)
      setTimeout(() => resolve(false), 5000)
    } catch {
      resolve(false)
    }
  })
}

// begin mounts a page if the browser gives what it needs. What is missing is said above the page, or in its place where
// nothing would work; and a page that fails before it shows anything says so too (public/rescue.js).
export async function begin(app: App, ...needed: (keyof typeof needs)[]) {
  for (const name of needed) {
    const lack = await needs[name]()
    if (lack?.fatal) return window.linliRescue?.show(lack)
    if (lack) note(lack)
  }
  let failed: unknown
  app.config.errorHandler = (e) => {
    failed ??= e
    console.error(e)
  }
  try {
    app.mount('#app')
  } catch (e) {
    failed ??= e
  }
  window.linliRescue?.broken(failed) // which looks whether anything is shown
}

function note(lack: Lack) {
  const i = language.current === 'en' ? 1 : 0
  const line = document.createElement('p')
  line.setAttribute('role', 'status')
  line.dataset.test = 'lack'
  line.style.cssText =
    'margin:0;padding:12px 16px;background:#fff4e0;color:#874d00;font-size:14px;position:relative;z-index:10'
  line.append(
    Object.assign(document.createElement('b'), { textContent: lack.title[i] }),
    ' ',
    lack.lines.map((l) => l[i]).join(' '),
  )
  document.body.prepend(line)
}
