import { long, texts } from '../../say'

// What forms say, and what leaving one would lose.
export const form = texts({
  fill_in: ['请填写{field}', '{field} is needed'],
  choose_some: ['请选择{field}', 'Choose {field}'],
  discard_it: ['放弃', 'Discard'],
  leave: ['离开', 'Leave'],
  choose: ['选择', 'Choose'],
  choose_all: ['全选', 'Choose all'],
  choose_row: ['选择 {row}', 'Choose {row}'],
  stay: ['留在这里', 'Stay'],
  leave_live: [
    '住户还没有付款。离开后订单会关闭，这个二维码立即失效；住户已经付出的钱不会丢，会自动入账或退回。确定离开吗？',
    long(
      'The resident has not paid yet. Leaving closes the order, and this QR is no longer valid. Money that was paid ',
      'already is not lost: it is booked or goes back. Leave?',
    ),
  ],
  nothing_changed: ['还没有修改任何内容', 'Nothing has been changed yet'],
  nothing_chosen: ['请先选择要收的账单', 'Choose the bills to collect first'],
  keys_needed: ['请至少填写一项新的密钥', 'Enter at least one new key'],
  replace_first: [
    '已有一项修改在等待审批：请勾选“撤回并以此代替”，或取消',
    'A change waits for approval already: tick that this one takes its place, or cancel',
  ],
  login_needed: ['请输入登录名', 'Enter your login'],
  password_needed: ['请输入密码', 'Enter your password'],
  community_needed: ['请选择小区', 'Choose a community'],
  terminal_name_needed: ['请填写终端名称，如 前台一', 'Give the terminal a name, such as Front desk'],
  tendered_needed: ['请填写实收金额', 'Enter the amount received'],
  at_most_because: ['最多可退 ¥{most}：实缴 ¥{paid}', '¥{most} at most can go back, of ¥{paid} paid'],
  at_most_gone: ['，已退或正在退 ¥{gone}', '; ¥{gone} went back or is on its way'],
  homes_cut: [
    '符合的房屋很多，只查了前 {n} 户的订单；请写上小区、楼栋或单元。',
    'Many homes match; orders of the first {n} are shown. Add the community, building or entrance.',
  ],
  choose_bill: ['请至少选择一笔账单', 'Choose at least one bill'],
})
