// What pages say, typed: a text is asked for by its key, with the values that stand in it as {name}. A key that there
// is not, a value too few and a value too many do not compile, and neither does a text whose two languages name other
// values. This file has no part at run time but the two functions at its end.

export type Pair = readonly [zh: string, en: string]
export type Table = Readonly<Record<string, Pair>>

// Named are the names between braces in a text.
type Named<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never
type NamesIn<P> = P extends readonly [infer Chinese extends string, string] ? Named<Chinese> : never

// Plain are the keys of a table's texts that name no values.
export type Plain<T> = { [K in keyof T & string]: [NamesIn<T[K]>] extends [never] ? K : never }[keyof T & string]
type Naming<T> = { [K in keyof T & string]: [NamesIn<T[K]>] extends [never] ? never : K }[keyof T & string]

// Said is a text of a table with its values, as t takes it.
export type Said<T> =
  [key: Plain<T>] | { [K in Naming<T>]: [key: K, named: Record<NamesIn<T[K]>, string | number>] }[Naming<T>]

// Say says a text of a table. Whoever says the texts of a page says those of each table in it.
export type Say<T> = (...said: Said<T>) => string

// Knows reports whether a table has a key that comes from elsewhere, as the name of an event that the server made.
export type Knows<T> = <const K extends string>(key: K) => key is K & Plain<T>

// Agreeing are the tables whose texts name the same values in both languages.
type Agreeing<T extends Table> = {
  [K in keyof T]: string extends T[K][number]
    ? 'a text must be a literal; write a long one as long(…, …)'
    : [Named<T[K][0]>, Named<T[K][1]>] extends [Named<T[K][1]>, Named<T[K][0]>]
      ? Pair
      : 'the two languages name other values'
}

// texts is a table of texts, each written once with both languages beside each other.
export function texts<const T extends Table>(table: T & Agreeing<T>): T {
  return table
}

type Joined<P extends readonly string[]> = P extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? `${First}${Joined<Rest>}`
  : ''

// long is a text that does not fit on a line; what + joins has lost the names in it.
export function long<const P extends readonly string[]>(...parts: P): Joined<P> {
  return parts.join('') as Joined<P>
}
