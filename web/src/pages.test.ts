import { expect, test } from 'vitest'
import document from '../../handlers/openapi.json?raw'
import { amounts } from './amounts'
import { consoleTexts } from './console/texts'
import { paperTexts, deskPaperTexts } from './paper/texts'
import { residentTexts } from './resident/texts'
import type { Table } from './say'
import { startTexts } from './start/texts'
import { terminalTexts } from './terminal/texts'
import { shared } from './texts'

// What holds of every page's text, whichever it is.

const sources = import.meta.glob<string>(['./**/*.vue', './**/*.ts', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

// cutOnPurpose are the reads of one page that drop the cursor of the next, with the reason why nothing is lost by it.
// Whoever else reads a list reads it to its end (whole) or page by page (paged), or follows the cursor.
const cutOnPurpose: Record<string, string> = {
  "./console/Accounts.vue '/tests'": 'what was found of one account is the answer to a deed, and no list',
  "./console/Change.vue 'test'": 'as above',
}

// lists are the types that the API answers a page in.
const { schemas } = JSON.parse(document).components as { schemas: Record<string, { properties?: object }> }
const isPage = (properties: object = {}) => 'items' in properties && 'next' in properties
const aliases = [...sources['./types.ts'].matchAll(/^export type (\w+) = Schemas\['(\w+)'\]/gm)]
const lists = ['Page<\\w+>', ...aliases.filter((m) => isPage(schemas[m[2]].properties)).map((m) => m[1])]
const asks = new RegExp(`\\b(?!whole\\b|paged\\b)\\w+<(${lists.join('|')})( \\| undefined)?>\\(`)

// pageReads finds where a page is asked for, and whether what follows looks at the cursor of the next.
function pageReads(text: string): { line: string; follows: boolean }[] {
  const lines = text.split('\n')
  const follows = (i: number) => lines.slice(i, i + 6).some((l) => l.includes('.next'))
  return lines.flatMap((line, i) => (asks.test(line) ? [{ line: line.trim(), follows: follows(i) }] : []))
}

test('no page reads one page of a list and takes it for all', () => {
  const cut = Object.entries(sources)
    .filter(([file]) => file !== './paging.ts')
    .flatMap(([file, text]) =>
      pageReads(text)
        .filter((r) => !r.follows)
        .map((r) => `${file} ${r.line}`),
    )
  const excused = (read: string) =>
    Object.keys(cutOnPurpose).find((k) => k.split(' ').every((part) => read.includes(part)))
  expect(cut.filter((read) => !excused(read))).toEqual([])
  expect(Object.keys(cutOnPurpose).filter((k) => !cut.some((read) => excused(read) === k))).toEqual([])
})

// Add a line for another way to read a list.
test.each<[string, boolean]>([
  ["call<Page<Community>>('GET', '/v1/communities', { session }).then((page) => learn(page.items))", true],
  ["const page = await call<Bills>('GET', `/v1/units/${u.id}/bills`)\nbills.value = page.items", true],
  ["const page = await get<Page<Message>>(path)\nnext.value = page.next ?? ''", false],
  ["whole<Page<Community>>('/v1/communities', session).then((page) => page.items)", false],
  ['const owed = await whole<Bills>(path, session)', false],
  ["const order = await call<Order>('GET', path)", false],
])('a read of one page is found: %s', (text, found) => {
  expect(pageReads(text).some((r) => !r.follows)).toBe(found)
})

test('no English text has Chinese in it, but for the name of the language', () => {
  const tables = [consoleTexts, terminalTexts, residentTexts, startTexts]
  const english = tables.flatMap((table: Table) => Object.values(table).map((pair) => pair[1]))
  expect(english.length).toBeGreaterThan(1000)
  expect([...new Set(english.filter((text) => /\p{Script=Han}/u.test(text)))]).toEqual(['中文', '切换到中文'])
})

test("no two tables of staff's texts name the same text", () => {
  const tables = import.meta.glob<Record<string, Table>>('./console/texts/!(index).ts', { eager: true })
  const all = [...Object.values(tables).flatMap((m) => Object.values(m)), shared, amounts, paperTexts, deskPaperTexts]
  const names = all.flatMap((table) => Object.keys(table))
  expect(names.length).toBeGreaterThan(600)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test('no page of staff names a home but through homeOf, with its community', () => {
  const bare = Object.keys(sources).filter(
    (f) => f.startsWith('./console/') && /\border\.unit\.label|order\?\.unit\.label/.test(sources[f]),
  )
  expect(bare).toEqual([])
})

test('no page of staff shows the reason of a refund but through reasonOf', () => {
  const raw = Object.keys(sources).filter(
    (f) => f.startsWith('./console/') && /\{\{[^}]*\b(r|refund)\.reason\b/.test(sources[f]),
  )
  expect(raw).toEqual([])
})

// longer are the files that may be over 400 lines, with the reason.
const longer: Record<string, string> = {
  './api.gen.ts': 'it is generated from the description of the API',
}

test('a file is read in one go: at most 400 lines', () => {
  const long = Object.entries(sources)
    .filter(([, text]) => text.trimEnd().split('\n').length > 400)
    .map(([file]) => file)
  expect(long.filter((file) => !longer[file])).toEqual([])
  expect(Object.keys(longer).filter((file) => !long.includes(file))).toEqual([])
})
