import { createI18n } from 'vue-i18n'
import { language } from './api'

type Texts = Record<string, [zh: string, en: string]>

// i18n makes the two languages of a page from its texts, each written once with both beside each other. A page whose title
// never changes has it under page_title.
export function i18n(texts: Texts) {
  const pick = (i: 0 | 1) => Object.fromEntries(Object.entries(texts).map(([key, pair]) => [key, pair[i]]))
  const locale = language.current
  document.documentElement.lang = locale === 'en' ? 'en' : 'zh-CN'
  if (texts.page_title) document.title = texts.page_title[locale === 'en' ? 1 : 0]
  return createI18n({ legacy: false, locale, fallbackLocale: 'zh', messages: { zh: pick(0), en: pick(1) } })
}

export function switchLanguage() {
  language.current = language.current === 'en' ? 'zh' : 'en'
  location.reload()
}
