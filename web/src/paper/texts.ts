import { textsOf } from '../i18n'
import { texts } from '../say'

// What is printed on papers.
export const paperTexts = texts({
  paper_receipt: ['缴费凭证', 'Payment receipt'],
  paper_refund: ['退款凭证', 'Refund receipt'],
  paper_again: ['补打（第 {n} 次）', 'Reprint (No. {n})'],
  paper_copy: ['副本', 'Copy'],
  paper_home: ['房屋', 'Home'],
  paper_payer: ['缴费人', 'Payer'],
  paper_total: ['合计', 'Total'],
  paper_words: ['大写', 'In words'],
  paper_way: ['支付方式', 'Paid by'],
  paper_at: ['支付时间', 'Paid at'],
  paper_cashier: ['收款人', 'Cashier'],
  paper_tendered: ['实收', 'Received'],
  paper_change: ['找零', 'Change'],
  paper_card: ['银行卡', 'Card'],
  paper_gone: ['已退款', 'Given back'],
  paper_not_invoice: ['本凭证不是发票，不作为报销依据。', 'This is a receipt and not a tax invoice.'],
  paper_printed: ['打印时间', 'Printed'],
  paper_provisional: ['刷卡款项待收单机构对账确认', 'Card payment not yet confirmed by the acquirer'],
  paper_seal: ['收款单位（盖章）', 'Collected by (seal)'],
  paper_proof: ['扫码查验', 'Scan to check'],
  paper_fee: ['项目', 'Item'],
  paper_amount: ['金额（元）', 'Amount (yuan)'],
  paper_sign_payer: ['收款人（签字）', 'Received by'],
  paper_sign_desk: ['经办人（签字）', 'Paid out by'],
})

// What is printed on the receipt of a refund, and what is asked of papers, at the desk.
export const deskPaperTexts = texts({
  paper_channel: ['渠道', 'Channel'],
  paper_unapplied: ['异常款', 'Unapplied funds'],
  asker: ['申请人', 'Asked by'],
  decider: ['审批人', 'Decided by'],
  institution_refund: ['渠道退款单号', "Institution's refund"],
  by_hand: ['线下退款', 'by other means'],
  foreign_mark: ['渠道退款', 'channel refund'],
  at_institution: ['支付渠道', 'the institution'],
  paper_size: ['纸张', 'Paper'],
  paper_58: ['58 毫米小票', '58 mm roll'],
  paper_80: ['80 毫米小票', '80 mm roll'],
  paper_print: ['打印', 'Print'],
  paper_preview: ['预览', 'Preview'],
})

export const useTexts = textsOf<typeof paperTexts>
