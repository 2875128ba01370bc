import type { Say } from './say'
import { shanghai } from './time'
import type { shared } from './texts'

// near says a time in Asia/Shanghai as people do: 今天 14:05, 昨天 9:30, and else the whole date.
export function near(at: number, t: Say<typeof shared>, now = Date.now()): string {
  const [date, time] = shanghai(new Date(at).toISOString()).split(' ')
  const on = (ms: number) => shanghai(new Date(ms).toISOString()).split(' ')[0]
  const clock = time.slice(0, 5)
  if (date === on(now)) return t('today_at', { time: clock })
  if (date === on(now - 86_400_000)) return t('yesterday_at', { time: clock })
  return `${date} ${clock}`
}
