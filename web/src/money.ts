// Amounts are integers in fen; no division that could leave a fraction is done on them.
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const digits = String(Math.abs(fen)).padStart(3, '0')
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}${whole}.${digits.slice(-2)}`
}

export function sum(amounts: number[]): number {
  return amounts.reduce((a, b) => a + b, 0)
}

// fen reads an amount in yuan as a person types it; undefined is not an amount.
export function fen(yuanText: string): number | undefined {
  const parts = /^(\d{1,10})(?:\.(\d{0,2}))?$/.exec(yuanText.trim().replaceAll(',', ''))
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0')) : undefined
}
