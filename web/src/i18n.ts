import { watch, type Ref } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import { language } from './api'
import { count } from './money'
import type { Knows, Pair, Say, Table } from './say'

// i18n makes the two languages of a page from its texts. A page whose title never changes has it under page_title.
export function i18n(texts: Table) {
  const pick = (i: 0 | 1) => Object.fromEntries(Object.entries(texts).map(([key, pair]) => [key, pair[i]]))
  const one = () => (language.current === 'en' ? 1 : 0)
  const missing = (_: string, key: string) => familys(texts, key)?.[one()] ?? key
  const messages = { zh: pick(0), en: pick(1) }
  const made = createI18n({ legacy: false, locale: language.current, fallbackLocale: 'zh', missing, messages })
  if (texts.page_title) document.title = texts.page_title[one()]
  watch(
    () => language.current,
    (now, before) => {
      made.global.locale.value = now
      document.documentElement.lang = now === 'en' ? 'en' : 'zh-CN'
      if (before && document.title === texts.page_title?.[1 - one()]) document.title = texts.page_title[one()]
    },
    { immediate: true, flush: 'sync' },
  )
  return made
}

// textsOf is what the components of a page say its texts with: t says one, te knows whether there is one, locale is the
// language.
export function textsOf<T extends Table>(): { t: Say<T>; te: Knows<T>; locale: Readonly<Ref<string>> } {
  const { t: text, te, locale } = useI18n()
  const t = (key: string, named?: Record<string, string | number>) => (named ? text(key, read(named)) : text(key))
  return { t: t as unknown as Say<T>, te: te as unknown as Knows<T>, locale }
}

// read has numbers as people read them; what is no count, such as a year, is given as a text.
const read = (named: Record<string, string | number>) =>
  Object.fromEntries(Object.entries(named).map(([name, v]) => [name, typeof v === 'number' ? count(v) : v]))

// familys are the words for what the server says and this page does not know yet: surplus_why_other for
// surplus_why_new.
export function familys(texts: Table, key: string): Pair | undefined {
  for (let end = key.lastIndexOf('_'); end > 0; end = key.lastIndexOf('_', end - 1)) {
    const other = texts[key.slice(0, end) + '_other']
    if (other) return other
  }
}

// switchLanguage has the page speak the other language, as it stands: what was entered and what is open stay.
export function switchLanguage() {
  language.current = language.current === 'en' ? 'zh' : 'en'
}
