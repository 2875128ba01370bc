import { texts } from './say'

// What a field says to an amount that it does not take. The server says the refusals of money.ts in the same words.
export const amounts = texts({
  amount_missing: ['请填写金额，如 1234.50', 'Enter an amount, such as 1234.50'],
  amount_hidden: [
    '金额中有看不见的字符，请清空后重新输入',
    'The amount holds a character that cannot be seen: clear the field and type it again',
  ],
  amount_sign: ['金额不带正负号，请写成 1234.50', 'No plus or minus: write the amount as 1234.50'],
  amount_space: ['金额中间不能有空格，请写成 1234.50', 'No space within the amount: write it as 1234.50'],
  amount_form: ['无法识别金额，请写成 1234.50', 'Not an amount in yuan: write it as 1234.50'],
  amount_dot: [
    '小数点只能有一个，前后都要有数字，如 0.50',
    'One decimal point with digits on both sides, such as 0.50',
  ],
  amount_comma: [
    '金额请写成 1234.50；逗号只用于千位分隔，如 1,234.50',
    'Write the amount as 1234.50; a comma only parts thousands, as in 1,234.50',
  ],
  amount_decimals: ['金额最多两位小数，如 1234.50', 'Two decimals at most, as in 1234.50'],
  amount_zeros: ['金额开头多了 0，请写成 1234.50 或 0.50', 'Zeros in front: write the amount as 1234.50 or 0.50'],
  amount_large: ['金额过大，最多 9,999,999,999.99', 'Too large: 9,999,999,999.99 at most'],
  amount_zero: ['金额须大于 0', 'The amount must be more than nothing'],
  amount_less: ['还差 ¥{by}', '¥{by} too little'],
  amount_more: ['比可退金额多 ¥{by}', '¥{by} more than can go back'],
})
