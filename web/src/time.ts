// Printed times are in Asia/Shanghai wherever the screen stands.
const format = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})

export function shanghai(iso?: string): string {
  return iso ? format.format(new Date(iso)).replaceAll('/', '-') : ''
}

// today is the day in Asia/Shanghai by this device's clock, as yyyy-MM-dd.
export const today = () => shanghai(new Date().toISOString()).slice(0, 10)

// Clock follows the server's clock, so that a countdown is right on a device whose own clock is wrong.
export class Clock {
  private ahead = 0
  constructor(private readonly own: () => number = Date.now) {}
  tell(serverNow: string) {
    this.ahead = Date.parse(serverNow) - this.own()
  }
  now(): number {
    return this.own() + this.ahead
  }
  secondsUntil(iso: string): number {
    return Math.max(0, Math.ceil((Date.parse(iso) - this.now()) / 1000))
  }
}

export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

// spanOf are the instants of some days in Asia/Shanghai, the last one whole; '' is open.
export const spanOf = (first: string, last: string): { from: string; to: string } => ({
  from: first && first + 'T00:00:00+08:00',
  to: last && new Date(Date.parse(last + 'T00:00:00+08:00') + 86_400_000).toISOString(),
})
