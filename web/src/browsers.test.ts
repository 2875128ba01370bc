import { describe, expect, test } from 'vitest'
// @ts-expect-error: the pages are checked without node's types
import { readdirSync, readFileSync } from 'node:fs'

// No source names what the oldest browsers of docs/browsers.md lack: neither an interface of theirs (browser/young.txt,
// which has the versions), nor a style. JavaScript's own objects are held by the lib of tsconfig.json.

// What is used where it is there, and does without where it is not. The file says how.
const spared: Record<string, string[]> = {
  BroadcastChannel: ['live.ts'],
  'Navigator.locks': ['session.ts'],
  'Navigator.storage': ['terminal/storage.ts'],
}

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const sources: string[] = readdirSync(new URL('.', import.meta.url), { recursive: true }).filter(
  (name: string) => /\.(ts|vue|css)$/.test(name) && !/\.(test|play)\.ts$/.test(name),
)
const young: string[] = file('../browser/young.txt')
  .split('\n')
  .filter((l: string) => l && !l.startsWith('#'))
  .map((l: string) => l.split(' ')[0])

// The objects by which a page reaches an interface's members.
const objects: Record<string, string> = {
  Navigator: 'navigator',
  Document: 'document',
  Crypto: 'crypto',
  History: 'history',
  Location: 'location',
  Screen: 'screen',
  StorageManager: 'navigator\\.storage',
  MediaDevices: 'mediaDevices',
  Performance: 'performance',
  Window: '(?:window|globalThis|self)',
}
// anyOf matches what any of some patterns does.
const anyOf = (...some: RegExp[]) => new RegExp(some.map((r) => r.source).join('|'))

// Members of what a page is made of are known by their names, where nothing else has these.
const elements = anyOf(
  /^(?:Element|HTML(?:Form|Input|Dialog|Button|Image)?Element|Node|Event|Range|Selection|DOMRect\w*)$/,
  /^(?:Blob|Response|Request|ReadableStream|\w+Reader|FormData|URL|URLSearchParams)$/,
)
const common = new Set([
  'abort',
  'bytes',
  'cancel',
  'close',
  'closed',
  'delete',
  'detail',
  'has',
  'part',
  'parts',
  'reason',
  'reset',
  'role',
  'size',
  'source',
  'text',
  'type',
  'value',
  'values',
  'writable',
  'name',
  'result',
  'lang',
  'parse',
  'json',
  'stream',
  'slot',
  'id',
  'code',
])

function pattern(name: string): RegExp | undefined {
  const [owner, whole] = name.split('.')
  if (!whole)
    return new RegExp(
      `(?<![\\w.$'"/-])${owner}\\s*[(.<]|new ${owner}\\b|globalThis\\.${owner}\\b|\\b(?:window|self)\\.${owner}\\b`,
    )
  const member = whole.replace('_static', '')
  if (whole !== member) return new RegExp(`(?<![\\w.])${owner}\\.${member}\\b`)
  if (objects[owner]) return new RegExp(`(?<![\\w])${objects[owner]}\\??\\.${member}\\b`)
  if (elements.test(owner) && member.length > 4 && !common.has(member)) return new RegExp(`\\.${member}\\b`)
  return undefined
}
const patterns = young
  .map((name) => [name, pattern(name)] as const)
  .filter((p): p is readonly [string, RegExp] => !!p[1])

export function youngIn(name: string, text: string): string[] {
  const code = text.replace(/<style[\s\S]*?<\/style>/g, '').replace(/(^|\s)\/\/.*$/gm, '')
  return patterns.filter(([what, p]) => p.test(code) && !spared[what]?.includes(name)).map(([what]) => what)
}

// Styles that leave a page broken, rather than plainer, where they are not known. A declaration may follow one of the
// same property that is; a selector of :has, :is or :where takes its whole rule with it, so it may only stand in one of
// its own. Rules in @container are left out where that is not known: what stands before them must do.
const selectors = /:(?:has|is|where)\(/
const styles = anyOf(
  /[\s(,:-]\d+[dsl]v[hwib]\b/,
  /@(?:layer|scope|property|starting-style)\b/,
  /\b(?:color-mix|oklch|oklab|lab|lch|light-dark|anchor)\(/,
  /\baspect-ratio\s*:|\bsubgrid\b|\binset-(?:block|inline)\b|\boverflow[-xy]*:\s*clip\b/,
  /\b\d+cq[wh]\b/,
)
export function youngStyles(text: string): string[] {
  const found: string[] = []
  for (const declaration of text.replace(/\/\*[\s\S]*?\*\//g, '').split(/(?<=[;{}])/)) {
    const young =
      selectors.test(declaration) &&
      declaration.endsWith('{') &&
      !declaration
        .replace(/\([^()]*(\([^()]*\)[^()]*)*\)/g, (inside) => inside.replace(/,/g, ' '))
        .split(',')
        .every((one) => selectors.test(one))
    if (young || styles.test(declaration)) found.push(declaration.trim())
  }
  return found.filter((d) => {
    const property = /^([\w-]+)\s*:/.exec(d)?.[1]
    return !property || !new RegExp(`(?:^|[;{\\s])${property}\\s*:[^;{}]*;\\s*$`).test(text.slice(0, text.indexOf(d)))
  })
}

test.each(sources)('%s asks nothing of browsers that the oldest lack', (name) => {
  const text = file('./' + name)
  const css = name.endsWith('.css') ? text : [...text.matchAll(/<style[\s\S]*?<\/style>/g)].map((m) => m[0]).join('')
  expect([...(name.endsWith('.css') ? [] : youngIn(name, text)), ...youngStyles(css)]).toEqual([])
})

describe('the guard sees', () => {
  test.each([
    ['AbortSignal.any([a, b])', 'AbortSignal.any_static'],
    ['AbortSignal.timeout(5)', 'AbortSignal.timeout_static'],
    ['r.body.pipeThrough(new TextDecoderStream())', 'TextDecoderStream'],
    ['structuredClone(x)', 'structuredClone'],
    ['crypto.randomUUID()', 'Crypto.randomUUID'],
    ['navigator.locks.request()', 'Navigator.locks'],
    ['new BroadcastChannel(a)', 'BroadcastChannel'],
    ['form.requestSubmit()', 'HTMLFormElement.requestSubmit'],
    ['box.showPopover()', 'HTMLElement.showPopover'],
    ['new SharedWorker(u)', 'SharedWorker'],
    ['URL.canParse(x)', 'URL.canParse_static'],
    ['Promise.withResolvers()', 'Promise.withResolvers'],
    ['Object.groupBy(a, f)', 'Object.groupBy'],
    ['navigator.wakeLock.request()', 'Navigator.wakeLock'],
  ])('%s', (code, what) => expect(youngIn('x.ts', code).join() + youngByLib(code)).toContain(what))
  test.each([
    'a { height: 100dvh }',
    'c, a:has(b, d) { color: red }',
    'a { aspect-ratio: 1 }',
    '@layer a {',
    'a { color: color-mix(in srgb, red, blue) }',
    'a { width: min(3px, 100svw) }',
  ])('%s', (css) => expect(youngStyles(css)).not.toEqual([]))
  test.each([
    'a { height: 100vh; height: 100dvh }',
    'a { clip-path: inset(50%) }',
    'a { inset: 0 }',
    'a:has(b, c:is(d, e)), f:is(g) { color: red }',
  ])('nothing in %s', (css) => expect(youngStyles(css)).toEqual([]))
})

// youngByLib names the statics of JavaScript's own objects, which tsconfig.json holds.
function youngByLib(code: string): string {
  return young.filter((n) => /^[A-Z]\w+\.\w+$/.test(n) && code.includes(n + '(')).join()
}
