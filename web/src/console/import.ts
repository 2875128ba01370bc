// What the server says became of a workbook's rows.
export const outcomes = ['refused', 'differs', 'pending', 'warning', 'skipped', 'unchanged', 'imported'] as const
export type Outcome = (typeof outcomes)[number]
export interface RowReport {
  sheet: string
  row: number
  outcome: Outcome
  column?: string
  heading?: string
  value?: string
  reason_zh?: string
  reason_en?: string
  overwrite?: Take
}
export const takes = ['owners', 'paid', 'columns', 'fees'] as const
export type Take = (typeof takes)[number]
export interface Report {
  dry_run: boolean
  rows: RowReport[]
  sheet_notes: { sheet?: string; zh: string; en: string }[]
  totals: Partial<Record<Outcome, number>>
  amount: number
  held: number // of the prepayments and deposits, in fen
}

export const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const most = 32 << 20 // bytes that the server takes

// unfit is why a file cannot be a workbook that the server takes, as a key of the texts; '' when it may be one.
export function unfit(file: {
  name: string
  size: number
}): '' | 'import_xls' | 'import_not_xlsx' | 'import_empty' | 'import_large' {
  const end = /\.([^.]*)$/.exec(file.name.toLowerCase())?.[1] ?? ''
  if (end === 'xls' || end === 'et') return 'import_xls'
  if (end !== 'xlsx' && end !== 'xlsm') return 'import_not_xlsx'
  if (!file.size) return 'import_empty'
  return file.size > most ? 'import_large' : ''
}

// fresh is how many rows an import stores.
export const fresh = (r: Report) => (r.totals.imported ?? 0) + (r.totals.warning ?? 0)

// takeable is how many rows wait for a person's word.
export const takeable = (r: Report, take: Take) => r.rows.filter((x) => x.overwrite === take).length

// rowsToSee are the rows of an outcome; without one those of which there is something to say, the gravest first.
export function rowsToSee(r: Report, outcome: Outcome | ''): RowReport[] {
  if (outcome) return r.rows.filter((x) => x.outcome === outcome)
  return outcomes.flatMap((o) => r.rows.filter((x) => x.outcome === o && (x.reason_zh || x.column)))
}

export const reason = (x: RowReport, english: boolean) => (english ? x.reason_en : x.reason_zh) ?? ''
export const cell = (x: RowReport) => (x.column ? `${x.column}${x.row}` : String(x.row))
