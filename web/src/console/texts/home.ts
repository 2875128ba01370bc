import { long, texts } from '../../say'

// Homes and who owns them.
export const home = texts({
  homes_hint: [
    '查找房屋，查看登记业主与已绑定的住户；业主变更请在此登记。',
    'Find a home, see its owner on record and who is bound to it; enter a change of owner here.',
  ],
  no_unit_found: ['没有找到房屋', 'No unit found'],
  change_owner: ['变更业主', 'Change owner'],
  change_owner_means: [
    '登记手机变更即视为业主变更：现有绑定全部解除，原手机只能缴纳变更前已出的账单。只改姓名不影响绑定。',
    long(
      'Another phone is another owner: all bindings end, and the old phone can pay only the bills issued before. ',
      'Correcting the name alone ends nothing.',
    ),
  ],
  change_owner_sure: [
    '登记手机将变更，{n} 个绑定会立即解除，原手机只能缴纳变更前已出的账单。确定变更吗？',
    long(
      'The registered phone changes. Bindings that end at once: {n}. The old phone can pay only the bills issued ',
      'before. Go on?',
    ),
  ],
  who_is_bound: ['已绑定的住户', 'Who is bound'],
  nobody_bound: ['除登记手机外，没有住户绑定本房屋。', 'Nobody but the registered phone has this home.'],
  bound_before: ['已解除', 'Ended'],
})
