import { expect, test } from 'vitest'
import { resultText } from './card'

// The server's terminal.ResultText, written out: names in order, each field a line.
test('what the device signs', () => {
  expect(resultText('t1', '26', 1764000000, { result: 'success', amount: '100', 发卡行: '招商' }))
    .toBe('linlipay-device-result\nt1\n26\n1764000000\namount=100\nresult=success\n发卡行=招商\n')
})
