import { yuan } from '../money'

// What the server says became of a workbook's rows.
export const outcomes = ['refused', 'differs', 'pending', 'warning', 'skipped', 'repeated', 'taken'] as const
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
  take?: Take
}
export type Take = 'owners' | 'paid'
export interface Report {
  trial: boolean
  rows: RowReport[]
  notes: { sheet?: string; zh: string; en: string }[]
  totals: Partial<Record<Outcome, number>>
  amount: number
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
export const fresh = (r: Report) => (r.totals.taken ?? 0) + (r.totals.warning ?? 0)

// takeable is how many rows would be taken by a person's word: those that wait for it, and those that were already
// taken by it in a trial.
export const takeable = (r: Report, take: Take) => r.rows.filter((x) => x.take === take).length

// rowsToSee are the rows of an outcome; without one those of which there is something to say, the gravest first.
export function rowsToSee(r: Report, outcome: string): RowReport[] {
  if (outcome) return r.rows.filter((x) => x.outcome === outcome)
  return outcomes.flatMap((o) => r.rows.filter((x) => x.outcome === o && (x.reason_zh || x.column)))
}

export const reason = (x: RowReport, english: boolean) => (english ? x.reason_en : x.reason_zh) ?? ''
export const cell = (x: RowReport) => (x.column ? `${x.column}${x.row}` : String(x.row))

// csvOf is a report for a spreadsheet; nothing in it is taken for a formula.
export function csvOf(r: Report, t: (key: string) => string, english: boolean): string {
  const harmless = (s: string) => (/^[=+\-@\t\r]/.test(s) ? `'${s}` : s)
  const line = (some: (string | number)[]) =>
    some.map((s) => `"${harmless(String(s)).replaceAll('"', '""')}"`).join(',')
  const heads = ['import_outcome', 'import_sheet', 'import_row', 'import_column', 'import_value', 'import_reason'].map(
    t,
  )
  const rows = outcomes
    .flatMap((o) => r.rows.filter((x) => x.outcome === o))
    .map((x) =>
      line([
        t('o_' + x.outcome),
        x.sheet,
        x.row,
        [x.column, x.heading].filter(Boolean).join(' '),
        x.value ?? '',
        reason(x, english),
      ]),
    )
  const notes = r.notes.map((n) => line([t('import_note'), n.sheet ?? '', '', '', '', english ? n.en : n.zh]))
  return (
    '\ufeff' + [line(heads), ...rows, ...notes, line([t('import_amount'), '', '', '', yuan(r.amount), ''])].join('\r\n')
  )
}

export const importTexts: Record<string, [string, string]> = {
  import: ['导入', 'Import'],
  import_means: [
    '把台账里的房屋、业主和账单一次导入。选好文件后先试导入：逐行告诉您会怎样，不写入任何内容。',
    'Bring in units, owners and bills from a workbook. It is tried first: you are told what would become of each ' +
      'row, and nothing is written.',
  ],
  import_drop: ['把 .xlsx 台账拖到这里', 'Drop an .xlsx workbook here'],
  import_or: ['或者', 'or'],
  import_choose: ['选择文件', 'Choose a file'],
  import_template: ['下载模板', 'Download the template'],
  import_template_means: [
    '模板的每一列都是文本格式，房号不会变成日期；附有示例和填写说明。',
    'Every column of the template is text, so that no room becomes a date; it has an example and notes.',
  ],
  import_xls: [
    '这是旧格式 .xls，请在 Excel 或 WPS 中另存为 .xlsx 后再选择。',
    'This is an old .xls: save it as .xlsx in Excel or WPS.',
  ],
  import_not_xlsx: [
    '请选择 .xlsx 文件；CSV、PDF 等请先在 Excel 或 WPS 中另存为 .xlsx。',
    'Choose an .xlsx file; save CSV and others as .xlsx first.',
  ],
  import_empty: ['文件是空的，请重新导出或下载。', 'The file is empty; export or download it again.'],
  import_large: ['文件超过 32 MB，请分成几个文件导入。', 'The file is over 32 MB; split it into several.'],
  import_trying: ['正在试导入，不会写入任何内容…', 'Trying it, nothing is written…'],
  import_writing: ['正在导入，请不要关闭页面…', 'Importing, please leave this page open…'],
  import_seconds: ['已用 {n} 秒', '{n} s so far'],
  import_tried: ['试导入结果，尚未写入', 'What would become of it; nothing is written yet'],
  import_done: ['导入完成', 'Imported'],
  import_go: ['导入 {n} 行', 'Import {n} rows'],
  import_nothing: ['没有可以导入的新内容', 'There is nothing new to import'],
  import_other_file: ['换一个文件', 'Another file'],
  import_next: ['导入另一份台账', 'Import another workbook'],
  import_download: ['下载报告', 'Download the report'],
  import_amount: ['新账单金额', 'Amount of new bills'],
  import_homes: ['查看房屋', 'See the units'],
  import_take_owners: ['更新业主（{n} 行）', 'Change owners ({n} rows)'],
  import_take_owners_means: [
    '表中的业主和手机号与登记的不同。更新后原业主的绑定失效，原手机号只能看到自己欠的账单。',
    'The workbook has another owner and phone. Bindings of the owner before end, and the old phone sees what it ' +
      'owes alone.',
  ],
  import_take_paid: ['按已缴更新（{n} 行）', 'Mark as paid ({n} rows)'],
  import_take_paid_means: [
    '系统中未缴、表中已缴，且没有收过款的账单，更新后不再向住户收取。',
    'Bills that are owed here and paid in the workbook, of which nothing was collected, are no longer asked for.',
  ],
  import_sure: ['将按表中内容更改已有记录：{what}。确定导入吗？', 'What is on record will be changed: {what}. Import?'],
  import_all: ['要看的', 'To look at'],
  import_filter: ['按结果筛选', 'By outcome'],
  import_clean: ['没有需要注意的行', 'There is no row to look at'],
  import_clean_means: ['每一行都可以导入，或早已导入过。', 'Every row can be imported, or was before.'],
  import_outcome: ['结果', 'Outcome'],
  import_sheet: ['工作表', 'Sheet'],
  import_row: ['行', 'Row'],
  import_cell: ['单元格', 'Cell'],
  import_column: ['列', 'Column'],
  import_value: ['内容', 'Value'],
  import_reason: ['原因', 'Reason'],
  import_note: ['提示', 'Note'],
  import_notes: ['关于整份台账', 'About the workbook'],
  o_refused: ['拒绝', 'Refused'],
  o_differs: ['不一致', 'Differs'],
  o_pending: ['待确认', 'Waits'],
  o_warning: ['有提示', 'With a note'],
  o_skipped: ['跳过', 'Skipped'],
  o_repeated: ['重复', 'There already'],
  o_taken: ['导入', 'New'],
}
