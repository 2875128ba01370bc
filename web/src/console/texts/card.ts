import { long, texts } from '../../say'

// Card payments and voids that a terminal reports.
export const card = texts({
  unconfirmed: ['待确认刷卡', 'Unconfirmed cards'],
  unconfirmed_hint: [
    '终端已报告刷卡或撤销成功，但收单机构尚未确认。对账单发布后会自动核对；对账单没有的刷卡，请核实后按“未到账”处理；没有的撤销，请联系收单机构补退。未采信的终端结果，可能已扣款或已撤销，请查单或联系收单机构，核实后填写结论。',
    long(
      'A terminal reports these as charged or undone; the acquirer has not confirmed them. Statements settle them by ',
      'themselves. Deny the charges that a statement does not show; of voids, have the acquirer give the money ',
      'back. Of results that were not taken the card may have been charged or undone: check the order or ask the ',
      'acquirer, then say what you found.',
    ),
  ],
  no_unconfirmed: ['没有待确认的刷卡', 'No unconfirmed cards'],
  age: ['已等待', 'Age'],
  hours_old: ['{n} 小时', '{n} h'],
  days_old: ['{n} 天', '{n} d'],
  batch_trace: ['批次/流水', 'Batch/trace'],
  awaiting: ['等待机构确认', 'Awaiting confirmation'],
  deny: ['未到账', 'Not arrived'],
  deny_hint: [
    '确认该笔刷卡款项未到账？已入账的将冲回，账单恢复待缴。',
    'Has this money not arrived? What was booked goes out again and the bills are owed again.',
  ],
  deny_why: ['请填写核实说明', 'how was it found out?'],
  untaken: ['结果未采信', 'Result not taken'],
  void_untaken: ['撤销结果未采信', 'Void not taken'],
  untaken_results: ['未采信的终端结果', "Terminal's results that were not taken"],
  read_at: ['设备时钟 {at}', "device's clock {at}"],
  settle_result: ['标记为已核实', 'Mark as found out'],
  settle_result_hint: [
    '请填写该笔刷卡或撤销的核实结论。此操作不入账也不退款：已到账的款项由机构通知或对账单入账，需退的请另行申请退款。',
    long(
      'Say what became of this card payment or void. Nothing is booked or given back by that: money arrives by the ',
      "institution's own word, and goes back by a refund.",
    ),
  ],
  void_mark: ['终端撤销', 'void on the terminal'],
  void_waits: ['等待终端撤销', 'waits for the terminal'],
  statement_waits: ['待收单机构对账单确认', "waits for the acquirer's statement"],
  void_provisional: ['撤销待对账单确认', 'void not confirmed yet'],
  made_good: ['机构已补退', 'Given back by the acquirer'],
  how_made_good: [
    '对账单没有这笔撤销，款项仍在收单机构。请联系收单机构退给住户，再填写处理说明',
    'the statement does not show this void, and the acquirer still has the money: have it given back, then say how',
  ],
  said_done: ['终端 {at} 报告成功', 'terminal, {at}: done'],
  said_not_done: ['终端 {at} 报告未成功', 'terminal, {at}: not done'],
  auth_code: ['授权码', 'Authorisation'],
})
