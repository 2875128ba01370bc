import { createI18n } from 'vue-i18n'
import { language } from './api'

type Texts = Record<string, [zh: string, en: string]>

// i18n makes the two languages of a page from its texts, each written once with both beside each other. A page whose
// title never changes has it under page_title.
export function i18n(texts: Texts) {
  const pick = (i: 0 | 1) => Object.fromEntries(Object.entries(texts).map(([key, pair]) => [key, pair[i]]))
  const locale = language.current
  document.documentElement.lang = locale === 'en' ? 'en' : 'zh-CN'
  if (texts.page_title) document.title = texts.page_title[locale === 'en' ? 1 : 0]
  const missing = (_: string, key: string) => familys(texts, key)?.[locale === 'en' ? 1 : 0] ?? key
  return createI18n({ legacy: false, locale, fallbackLocale: 'zh', missing, messages: { zh: pick(0), en: pick(1) } })
}

// familys are the words for what the server says and this page does not know yet: surplus_why_other for
// surplus_why_new.
export function familys(texts: Texts, key: string): Texts[string] | undefined {
  for (let end = key.lastIndexOf('_'); end > 0; end = key.lastIndexOf('_', end - 1)) {
    const other = texts[key.slice(0, end) + '_other']
    if (other) return other
  }
}

export function switchLanguage() {
  language.current = language.current === 'en' ? 'zh' : 'en'
  location.reload()
}
