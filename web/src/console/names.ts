import { ref } from 'vue'
import { useTexts } from './texts'
import { whole } from '../paging'
import type { LoginSession } from '../session'
import type { Colleague, Page } from '../types'

// useNames turns the actors of timelines and refunds into names that people know.
export function useNames(session: LoginSession): (actor?: string) => string {
  const { t } = useTexts()
  const names = ref(new Map<string, string>())
  whole<Page<Colleague>>('/v1/actors', session).then(
    (page) => {
      names.value = new Map(page.items.map((c) => [c.actor, c.name]))
    },
    () => undefined,
  )
  return (actor) => {
    if (!actor) return t('system')
    if (actor === 'command line') return t('command_line')
    const kind = actor.split(':')[0]
    return (
      names.value.get(actor) ??
      (kind === 'resident' || kind === 'payer'
        ? t('payer')
        : kind === 'terminal'
          ? t('terminal_origin')
          : kind === 'staff'
            ? t('colleague')
            : kind === 'client'
              ? t('api_origin')
              : actor)
    )
  }
}

// said is what a terminal's result said, field by field.
export function said(fields?: Record<string, string>): string {
  return Object.entries(fields ?? {})
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join(' · ')
}
