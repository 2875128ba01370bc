// Sums of money in words, as papers have them: in Chinese by 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》.

const figures = '零壹贰叁肆伍陆柒捌玖'
const places = ['', '拾', '佰', '仟']
const groups = ['', '万', '亿', '万亿']

// inChinese writes fen as 人民币…: 整 stands after 元; a 零 stands for zeros between figures, and before 角 where 元 is
// 零, as the rules allow.
export function inChinese(fen: number): string {
  const [yuan, cents] = [Math.floor(Math.abs(fen) / 100), Math.abs(fen) % 100]
  const [jiao, fens] = [Math.floor(cents / 10), cents % 10]
  let text = yuan ? whole(yuan) + '元' : ''
  if (!cents) return `人民币${fen < 0 ? '负' : ''}${text || '零元'}整`
  if (jiao) text += (yuan && yuan % 10 === 0 ? '零' : '') + figures[jiao] + '角'
  else if (yuan) text += '零'
  if (fens) text += figures[fens] + '分'
  return `人民币${fen < 0 ? '负' : ''}${text}`
}

// whole writes a number of yuan: four figures at a time, each group behind its own word.
function whole(n: number): string {
  const some: number[] = []
  for (; n > 0; n = Math.floor(n / 10000)) some.unshift(n % 10000)
  let text = '',
    gap = false
  some.forEach((group, i) => {
    if (group === 0) {
      gap = true
      return
    }
    if (text && (gap || group < 1000)) text += '零'
    text += four(group) + groups[some.length - 1 - i]
    gap = false
  })
  return text
}

function four(n: number): string {
  let text = '',
    gap = false
  for (let place = 3; place >= 0; place--) {
    const figure = Math.floor(n / 10 ** place) % 10
    if (!figure) {
      gap = text !== ''
      continue
    }
    if (gap) text += '零'
    text += figures[figure] + places[place]
    gap = false
  }
  return text
}

const small = `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
  seventeen eighteen nineteen`.split(/\s+/)
const tens = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

function hundreds(n: number): string {
  if (n >= 100) return small[Math.floor(n / 100)] + ' hundred' + (n % 100 ? ' and ' + hundreds(n % 100) : '')
  if (n >= 20) return tens[Math.floor(n / 10)] + (n % 10 ? '-' + small[n % 10] : '')
  return small[n]
}

// inEnglish writes fen as "RMB one thousand four hundred and nine yuan and 50/100".
export function inEnglish(fen: number): string {
  const parts: string[] = []
  let rest = Math.floor(Math.abs(fen) / 100)
  for (const [unit, word] of [
    [1e9, ' billion'],
    [1e6, ' million'],
    [1e3, ' thousand'],
    [1, ''],
  ] as const) {
    const n = Math.floor(rest / unit)
    if (n) parts.push(hundreds(n) + word)
    rest %= unit
  }
  const cents = Math.abs(fen) % 100
  const end = cents ? `and ${String(cents).padStart(2, '0')}/100` : 'only'
  return `RMB ${fen < 0 ? 'minus ' : ''}${parts.join(' ') || 'zero'} yuan ${end}`
}
