import { expect, test } from 'vitest'
import { amounts } from './amounts'
import { consoleTexts } from './console/texts'
import { residentTexts } from './resident/texts'
import type { Table } from './say'
import { startTexts } from './start/texts'
import { terminalTexts } from './terminal/texts'
import { shared } from './texts'

// Which texts nothing says any more.

const sources = import.meta.glob<string>(
  ['./**/*.vue', './**/*.ts', '!./**/*.{test,play}.ts', '!./**/texts.ts', '!./**/texts/*.ts'],
  { query: '?raw', import: 'default', eager: true },
)

// Uses are what a source may name a text by: a word in quotes, and `state_${s}`, which stands for any state.
interface Uses {
  words: Set<string>
  made: RegExp[]
}

function usesIn(text: string): Uses {
  const made = [...text.matchAll(/`([a-z_]*)\$\{[^`{}]*\}([a-z_]*)`/g)].filter(([, before, after]) => before || after)
  return {
    words: new Set([...text.matchAll(/(?:['"]|texts\.)(\w+)\b/g)].map((m) => m[1])),
    made: made.map(([, before, after]) => new RegExp(`^${before}\\w+${after}$`)),
  }
}

// events are what the server writes into an order's timeline, and effects what it notes there of its outbox: they are
// said by the server's own word.
const payment = Object.values(
  import.meta.glob<string>('../../payment/*.go', { query: '?raw', import: 'default', eager: true }),
).join('\n')
const constants = (kind: string) => [...payment.matchAll(new RegExp(`${kind} += "(\\w+)"`, 'g'))].map((m) => m[1])
const events = constants('EventKind')
const fromServer = new Set([...events, ...constants('OutboxKind').map((kind) => 'effect_' + kind)])

test('every event of a timeline has words', () => {
  expect(events.length).toBeGreaterThan(30)
  expect(events.filter((what) => !(what in consoleTexts))).toEqual([])
})

// unused are a table's texts that the sources of some folders do not name.
function unused(table: Table, folders: RegExp): string[] {
  const { words, made } = usesIn(
    Object.entries(sources)
      .filter(([file]) => folders.test(file))
      .map(([, text]) => text)
      .join('\n'),
  )
  return Object.keys(table).filter((key) => !words.has(key) && !fromServer.has(key) && !made.some((of) => of.test(key)))
}

const common = Object.keys({ ...shared, ...amounts })
const own = (table: Table) => Object.fromEntries(Object.entries(table).filter(([key]) => !common.includes(key)))

// A line a page: its own texts, and where they are said.
test.each<[string, Table, RegExp]>([
  ['shared', shared, /./],
  ['amounts', amounts, /./],
  ['the console', own(consoleTexts), /^\.\/(console\/|paper\/|[^/]+$)/],
  ['the terminal', own(terminalTexts), /^\.\/(terminal\/|paper\/|[^/]+$)/],
  ['the resident pages', own(residentTexts), /^\.\/(resident\/|paper\/|[^/]+$)/],
  ['the start page', own(startTexts), /^\.\/(start\/|i18n\.ts)/],
])('every text of %s is said somewhere', (_, table, folders) => {
  expect(unused(table, folders)).toEqual([])
})

// What is any for the compiler is a row of a table in a slot, whose key could be anything.
test('no text is said by a key of a row whose type is not named', () => {
  const bare = Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(/\bt\(row\.[\w.]+\)/g)].map((m) => `${file} ${m[0]}`),
  )
  expect(bare).toEqual([])
})
