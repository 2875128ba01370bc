import type { Knows, Say, Table } from './say'

// sayingOf says the texts of a table in a test, in English or in Chinese, and knowsOf knows its keys.
export function sayingOf<T extends Table>(table: T, english = true): Say<T> {
  const say = (key: string, named: Record<string, string | number> = {}) =>
    table[key][english ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(named[name]))
  return say as Say<T>
}
export const knowsOf = <T extends Table>(table: T) => ((key: string) => key in table) as Knows<T>
