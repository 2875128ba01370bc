import { long, texts } from '../../say'

// Taking money at the counter: finding the home, QR, payment code, cash.
export const collect = texts({
  find_unit: ['房号、业主全名或手机号', 'Unit, owner or phone'],
  choose_unit: ['查找要缴费的房屋', 'Find the home that pays'],
  choose_unit_means: [
    '输入房号（如 1-1-302）、业主全名或手机号，选择账单后收款。',
    'Enter its unit, such as 1-1-302, its owner in full or a phone; then choose bills and collect.',
  ],
  all_communities: ['全部小区', 'All communities'],
  choose_one: ['请在列表中选择房屋', 'Choose a home in the list'],
  first_units: ['仅显示前 {n} 户，可输入更具体的房号', 'The first {n} are shown; enter more of the unit to narrow it'],
  no_bills: ['该房屋没有待缴账单', 'Nothing to pay for this unit'],
  part: ['收一部分', 'Take a part'],
  part_left: ['余欠 ¥{amount}', '¥{amount} stays owed'],
  take_amount: ['收款 ¥{amount}', 'Collect ¥{amount}'],
  part_off: ['改为全额', 'All of it'],
  part_amount: ['本次收款', 'To be paid now'],
  part_too_much: ['所选账单只欠 ¥{owed}', 'only ¥{owed} is owed of these bills'],
  make_order: ['收款', 'Collect'],
  scan: ['请住户用手机扫码', 'Scan it with the phone'],
  collect_rest: ['继续收款', 'Collect these too'],
  still_owed: ['此户还欠 {payee}', 'Still owed to {payee}:'],
  next_home: ['下一户', 'Next home'],
  take_over: ['账单已有进行中的订单，是否关闭它并重新收款？', 'A bill has an open order. Close it and collect anew?'],
  left: ['剩余 {time}', '{time} left'],
  code_hint: [
    '用扫码枪扫描住户手机上的付款码，或输入数字后按回车',
    'Scan the code on the phone, or type its digits and press Enter',
  ],
  code_label: ['等待扫码…', 'Waiting for the scanner…'],
  charge: ['扣款', 'Charge'],
  camera_on: ['用摄像头扫描', 'Use the camera'],
  camera_off: ['关闭摄像头', 'Stop the camera'],
  camera_hint: [
    '摄像头识别付款码中的二维码；条形码请用扫码枪。',
    'The camera reads the QR of the code; its barcode needs a scanner.',
  ],
  no_camera: ['没有可用的摄像头，请用扫码枪或输入数字。', 'No camera; use a scanner or type the digits.'],
  tendered: ['实收', 'Received'],
  change: ['找零', 'Change'],
  take_cash: ['确认收款', 'Take cash'],
  why_superseded: [
    '有人在另一个窗口、终端或手机上为这些账单重新下单，本订单没有收款，随之关闭。二维码已失效，请不要再让住户扫码。',
    long(
      'Somebody asked for these bills anew in another window, on a terminal or on a phone. This order took no money ',
      'and was closed with that: its QR is no longer valid.',
    ),
  ],
  why_expired: [
    '住户没有在规定时间内付款，二维码已失效。仍要缴费请回到账单重新收款。',
    'The resident did not pay in time and the QR is no longer valid. To collect all the same, go back to the bills.',
  ],
  why_cancelled: [
    '订单被取消，没有收款。仍要缴费请回到账单重新收款。',
    'The order was cancelled and took no money. To collect all the same, go back to the bills.',
  ],
  why_items_settled: [
    '账单在此期间已经缴清，本订单没有收款，不必再收。',
    'The bills were paid otherwise meanwhile. This order took no money and there is nothing left to collect.',
  ],
  why_items_changed: [
    '账单在此期间作了更正，应收比本订单少。本订单没有收款，请回到账单按更正后的金额收款。',
    'A bill was corrected meanwhile and less is owed. This order took no money: go back to the bills and collect that.',
  ],
  why_unmatched: [
    '这笔钱找不到对应的订单，由财务在异常款中处理。',
    'Money came that no order of ours asked for; finance deals with it under unapplied funds.',
  ],
  to_new_order: ['查看新订单', 'Show the new order'],
  to_bills: ['回到账单', 'Back to the bills'],
  leave_code: [
    '付款码正在支付，离开后将关闭订单并撤销这笔扣款，确定离开吗？',
    'A payment code is being charged. Leaving closes the order and reverses the charge. Leave?',
  ],
})
