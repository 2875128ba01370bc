import { long, texts } from '../../say'

// Deposits (押金): what is held for a purpose, and pays no bill.
export const deposit = texts({
  deposit: ['押金', 'Deposit'],
  deposits: ['押金', 'Deposits'],
  dep_none: ['没有押金。', 'No deposit is held.'],
  dep_settled: ['已结清', 'Settled'],
  dep_title: ['押金 · {name}', 'Deposit · {name}'],
  dep_take: ['收押金', 'Take a deposit'],
  dep_name: ['押金名称', 'Name of the deposit'],
  dep_name_hint: ['例如：装修押金', 'such as: Fitting-out deposit'],
  dep_usual_1: ['装修押金', 'Fitting-out deposit'],
  dep_usual_2: ['装修垃圾清运押金', 'Debris removal deposit'],
  dep_usual_3: ['门禁卡押金', 'Access card deposit'],
  dep_usual_4: ['场地押金', 'Venue deposit'],
  dep_means: [
    '押金记在现业主名下，不抵扣账单。以后可以退还；扣款或转预存款须缴款人同意，并由另一人审批。',
    long(
      'It is held for the owner on record and pays no bills. It goes back later; to deduct from it, or to make it a ',
      'prepayment, takes the consent of whoever pays, and the approval of another person.',
    ),
  ],
  dep_payouts: ['退付与扣款', 'Payouts and deductions'],
  dep_reserved_means: [
    '等待审批，或正在退款、退付，暂不可用',
    'waits for approval, or for a refund or payout under way',
  ],
  dep_refund_most: [
    '押金可用 ¥{amount}，已退付、扣款或转预存款的部分不能退。',
    '¥{amount} of the deposit is available; what was paid out, deducted or made a prepayment cannot go back.',
  ],
  dep_refund_none: [
    '这笔押金已全部退付、扣款或转预存款，没有可退的金额。',
    'All of this deposit was paid out, deducted or made a prepayment; nothing is left to go back.',
  ],
  dep_refund_hint: [
    '提交后须由另一位财务人员审批，款项从押金中原路退回。',
    'Another person in finance must approve; the money leaves the deposit and goes back the way it came.',
  ],
  dep_refund_hint_cash: [
    '提交后须由另一位财务人员审批，批准后由收银员从押金中退还现金。',
    'Another person in finance must approve; then a cashier hands out the cash, and it leaves the deposit.',
  ],
})
