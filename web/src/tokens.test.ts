import { describe, expect, it } from 'vitest'

const sources = import.meta.glob<string>('./**/*.{css,vue,ts}', { query: '?raw', import: 'default', eager: true })
const files = Object.keys(sources).filter((f) => !f.endsWith('.test.ts'))

// declared are the custom properties of some style sheets, later ones over earlier ones.
function declared(...files: string[]): Map<string, string> {
  const all = files.flatMap((file) => [...sources[`./${file}`].matchAll(/(--[\w-]+):\s*([^;}]+?)\s*[;}]/g)])
  return new Map(all.map(([, name, value]) => [name, value]))
}

// colour follows names to the value that they end in.
function colour(tokens: Map<string, string>, name: string): string {
  const value = tokens.get(name)
  if (!value) throw new Error(`there is no ${name}`)
  const next = value.match(/^var\((--[\w-]+)\)$/)
  return next ? colour(tokens, next[1]) : value
}

// luminance and contrast are WCAG 2's.
function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, '$&$&') : hex
  const [r, g, b] = [1, 3, 5]
    .map((i) => parseInt(full.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

// What lies on what, and how much they must differ at least: 4.5 for text, 3 for large text and icons. Add a line for a
// new pair.
const text = 4.5
const large = 3
const ours = declared('tokens.css')
const hues = ['--brand', '--green', '--amber', '--red', '--blue']
const pairs: [what: string, on: string, least: number][] = [
  ...['--ink', '--soft', '--faint'].flatMap((t) =>
    ['--white', '--ground', '--sunk'].map((on) => [t, on, text] as [string, string, number]),
  ),
  ...hues.flatMap(
    (hue) =>
      [
        [hue, '--white', text],
        [hue, '--ground', text],
        [hue, `${hue}-pale`, text], // as text
        [`${hue}-deep`, `${hue}-pale`, text],
        ['--ink', `${hue}-pale`, text],
        ['--white', hue, text],
        ['--white', `${hue}-deep`, text], // as a ground
      ] as [string, string, number][],
  ),
  ['--soft', '--brand-pale', text],
  ['--soft', '--blue-pale', text],
  ['--soft', '--amber-pale', text],
  ['--soft', '--line', text], // what cannot be pressed now
  ['--green-pale', '--green', text], // what is quiet on the terminal's green
  ['--white', '--wechat', text],
  ['--white', '--alipay', text],
  ['--white', '--unionpay', text],
  ['--focus', '--white', large],
  ['--focus', '--ground', large],
  ['--focus', '--brand-pale', large],
]

// What Element Plus and Vant make of theirs: the text, then the ground that the library puts below it.
const element = declared('tokens.css', 'console/element.css')
const vant = declared('tokens.css', 'resident/vant.css')
const kinds = ['primary', 'success', 'warning', 'danger', 'info']
const mapped: [of: Map<string, string>, what: string, on: string, least: number][] = [
  [element, '--el-text-color-placeholder', '--el-fill-color-blank', text],
  [element, '--el-disabled-text-color', '--el-disabled-bg-color', text],
  [element, '--el-text-color-secondary', '--el-fill-color-light', text],
  [element, '--el-text-color-regular', '--el-fill-color-light', text],
  ...kinds.flatMap(
    (k) =>
      [
        [element, `--el-color-${k}`, `--el-color-${k}-light-9`, text], // tags, alerts, plain buttons
        [element, `--el-color-${k}`, '--el-fill-color-blank', text], // links
        [element, `--el-color-${k}-dark-2`, '--el-fill-color-blank', text], // links below the pointer
        [element, '--white', `--el-color-${k}`, text], // buttons
        [element, '--white', `--el-color-${k}-light-3`, text], // buttons below the pointer
      ] as [Map<string, string>, string, string, number][],
  ),
  [vant, '--van-text-color-2', '--van-background', text],
  [vant, '--van-text-color-3', '--van-background-2', text],
  [vant, '--van-tab-text-color', '--van-background-2', text],
  [vant, '--van-notice-bar-text-color', '--van-notice-bar-background', text],
  [vant, '--van-gray-5', '--van-background-2', large],
  [vant, '--van-gray-6', '--van-background-2', large],
  ...['primary', 'success', 'danger', 'warning'].map(
    (k) => [vant, '--white', `--van-${k}-color`, text] as [Map<string, string>, string, string, number],
  ),
  [vant, '--white', '--van-tag-default-color', text],
]

describe('contrast', () => {
  it.each(pairs)('%s on %s is at least %d', (what, on, least) => {
    expect(contrast(colour(ours, what), colour(ours, on))).toBeGreaterThanOrEqual(least)
  })
  it.each(mapped)('of a library: %#', (of, what, on, least) => {
    expect(contrast(colour(of, what), colour(of, on)), `${what} on ${on}`).toBeGreaterThanOrEqual(least)
  })
})

it('no colour is named outside tokens.css', () => {
  const named = files
    .filter((f) => /\.(css|vue)$/.test(f) && f !== './tokens.css')
    .flatMap((file) => {
      const lines = sources[file].split('\n')
      return lines.flatMap((line, i) =>
        /[:'"\s(]#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b|\b(?:rgb|hsl)a?\(/i.test(line)
          ? [`${file}:${i + 1} ${line.trim().slice(0, 100)}`]
          : [],
      )
    })
  expect(named).toEqual([])
})

it("every name that a style sheet or a page uses is a token, or the library's or its own", () => {
  const known = new Set(files.flatMap((f) => [...sources[f].matchAll(/(--[\w-]+)['"]?\s*:/g)].map((m) => m[1])))
  const unknown = files.flatMap((f) =>
    [...sources[f].matchAll(/var\((--[\w-]+)\)/g)]
      .filter(([, n]) => !known.has(n) && !/^--(el|van)-/.test(n))
      .map(([, n]) => `${f} ${n}`),
  )
  expect(unknown).toEqual([])
})

// Sizes are tokens: type, corners, and the space in and between things. What grows with the text around it is in em,
// with the window in vw or cqi beside a token, and paper is measured in points.
const styles = files
  .filter((f) => /\.(css|vue)$/.test(f) && f !== './tokens.css')
  .map(
    (f) => [f, f.endsWith('.css') ? sources[f] : (/<style[^>]*>(.*)<\/style>/s.exec(sources[f])?.[1] ?? '')] as const,
  )
const values = (property: RegExp) =>
  styles.flatMap(([f, css]) =>
    [...css.matchAll(new RegExp(`(?<![\\w-])(${property.source}):\\s*([^;{}]+);`, 'g'))].map((m) => [f, m[2]] as const),
  )
const spaces = new Set([...declared('tokens.css')].filter(([n]) => n.startsWith('--space-')).map(([, v]) => v))

it.each<[string, RegExp, (value: string) => boolean]>([
  ['type', /font-size/, (v) => /var\(--type-\d+\)|var\(--figures\)|^[\d.]+(em|pt)$|^inherit$/.test(v)],
  ['corners', /border-radius/, (v) => v.split(' ').every((part) => /^(var\(--radius(-\w+)?\)|0|50%)$/.test(part))],
  [
    'space',
    /(?:padding|margin|gap|row-gap|column-gap)(?:-[a-z-]+)?/,
    (v) => v.split(/[\s,()]+/).every((part) => !spaces.has(part.replace(/^-/, ''))),
  ],
])('every size of %s is a token', (_, property, right) => {
  const all = values(property)
  expect(all.length).toBeGreaterThan(20)
  expect(all.filter(([, v]) => !right(v))).toEqual([])
})

// The pages that the server draws have no tokens; their type follows the reader's all the same.
const drawn = import.meta.glob<string>('../../{checkout,handlers}/*.html', {
  query: '?raw',
  import: 'default',
  eager: true,
})
describe('pages that the server draws', () => {
  it('are found', () => expect(Object.keys(drawn).length).toBeGreaterThan(3))
  it.each(Object.keys(drawn))('%s has no type of a fixed size', (file) => {
    expect(drawn[file].match(/font(-size)?:[^;}]*\dpx[^;}]*/g) ?? []).toEqual([])
  })
})
