import { expect, test } from 'vitest'
import { inChinese, inEnglish } from './words'

// The examples of the rules (正确填写票据和结算凭证的基本规定), and what lies between them.
test.each([
  [140950, '壹仟肆佰零玖元伍角'],
  [600714, '陆仟零柒元壹角肆分'],
  [168032, '壹仟陆佰捌拾元零叁角贰分'],
  [10700053, '壹拾万柒仟元零伍角叁分'],
  [1640902, '壹万陆仟肆佰零玖元零贰分'],
  [32504, '叁佰贰拾伍元零肆分'],
  [0, '零元整'],
  [1, '壹分'],
  [10, '壹角'],
  [15, '壹角伍分'],
  [100, '壹元整'],
  [1000, '壹拾元整'],
  [1001, '壹拾元零壹分'],
  [10000, '壹佰元整'],
  [10100, '壹佰零壹元整'],
  [11000, '壹佰壹拾元整'],
  [100000, '壹仟元整'],
  [100100, '壹仟零壹元整'],
  [1000000, '壹万元整'],
  [1000100, '壹万零壹元整'],
  [1010000, '壹万零壹佰元整'],
  [1100000, '壹万壹仟元整'],
  [10000000, '壹拾万元整'],
  [100000000, '壹佰万元整'],
  [100000100, '壹佰万零壹元整'],
  [10000000000, '壹亿元整'],
  [10000000001, '壹亿元零壹分'],
  [10000000100, '壹亿零壹元整'],
  [10001000000, '壹亿零壹万元整'],
  [12345678912, '壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分'],
  [100000000000, '壹拾亿元整'],
  [999999999999, '玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
  [505005, '伍仟零伍拾元零伍分'],
  [500000005000, '伍拾亿零伍拾元整'],
])('%i fen are %s', (fen, want) => expect(inChinese(fen)).toBe('人民币' + want))

test.each([
  [0, 'RMB zero yuan only'],
  [140950, 'RMB one thousand four hundred and nine yuan and 50/100'],
  [1, 'RMB zero yuan and 01/100'],
  [1000000100, 'RMB ten million one yuan only'],
  [
    999999999999,
    'RMB nine billion nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ' +
      'ninety-nine yuan and 99/100',
  ],
])('%i fen are %s', (fen, want) => expect(inEnglish(fen)).toBe(want))
