import { onMounted, onUnmounted, ref } from 'vue'
import { language } from './api'
import type { Say } from './say'
import { shanghai, today } from './time'
import type { shared } from './texts'

const parts = (ms: number) => shanghai(new Date(ms).toISOString()).split(' ')

// near says a time in Asia/Shanghai as people do who see it on some day, yyyy-MM-dd: 今天 14:05, 昨天 09:30, 11月2日 14:05,
// and of another year the date alone. The whole of it stands where one looks closer.
export function near(at: string | number, t: Say<typeof shared>, day = today()): string {
  const [date, clock] = parts(typeof at === 'number' ? at : Date.parse(at))
  const time = clock.slice(0, 5)
  const [dayBefore] = parts(Date.parse(day + 'T00:00:00+08:00') - 1)
  const [dayAfter] = parts(Date.parse(day + 'T24:00:00+08:00'))
  if (date === day) return t('today_at', { time })
  if (date === dayBefore) return t('yesterday_at', { time })
  if (date === dayAfter) return t('tomorrow_at', { time })
  return date.slice(0, 4) === day.slice(0, 4) ? `${dateOf(date)} ${time}` : dateOf(date, true)
}

// dateOf is a date, yyyy-MM-dd, as people write it: 11月2日, or Nov 2.
function dateOf(date: string, whole = false): string {
  const [year, month, day] = date.split('-').map(Number)
  if (language.current !== 'en') return `${whole ? `${year}年` : ''}${month}月${day}日`
  const name = new Date(2000, month - 1).toLocaleString('en-US', { month: 'short' })
  return `${name} ${day}${whole ? `, ${year}` : ''}`
}

// The day that it is. A page may stand open over midnight, so as long as it says any time it looks again.
const day = ref(today())
let saying = 0
let timer: ReturnType<typeof setInterval>
const look = () => {
  day.value = today()
}

// useNear is near in a component, which says 昨天 of what it said 今天 of once the day is over.
export function useNear(t: Say<typeof shared>): (at: string | number) => string {
  onMounted(() => {
    if (saying++) return
    look()
    timer = setInterval(look, 30_000)
  })
  onUnmounted(() => {
    if (!--saying) clearInterval(timer)
  })
  return (at) => near(at, t, day.value)
}
