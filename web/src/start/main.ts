import '../base.css'
import './start.css'

const faces: [string, string, string, string][] = [
  ['/terminal', '终端', 'Terminal', '前台或大堂的收款屏 · the screen at the counter'],
  ['/resident', '住户', 'Resident', '手机缴费 · pay from the phone'],
  ['/console', '收银台', 'Console', '员工工作台 · for staff'],
]

const main = document.createElement('main')
main.innerHTML = '<h1>邻里付 <small>LinliPay</small></h1><p>一个后台，收齐物业费 · one backend through which a property company collects its fees</p><nav></nav>'
for (const [href, zh, en, about] of faces) {
  const a = document.createElement('a')
  a.href = href
  a.innerHTML = `<strong>${zh}<small>${en}</small></strong><span>${about}</span>`
  main.querySelector('nav')!.append(a)
}
document.getElementById('app')!.append(main)
