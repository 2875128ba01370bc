import { long, texts } from '../../say'

// Which institution takes which way to pay.
export const route = texts({
  routes: ['支付路由', 'Routes'],
  routes_hint: [
    '为每种支付方式选择首选机构；首选机构无应答时，新的支付改由备用机构收款，已发起的支付不受影响。',
    long(
      'Choose who takes each way to pay. While the first does not answer, new payments go to the second; those under ',
      'way stay where they are.',
    ),
  ],
  way: ['支付方式', 'Way to pay'],
  first_choice: ['首选', 'First'],
  second_choice: ['备用', 'Fallback'],
  failing: ['机构状态', 'Institution'],
  answering: ['正常', 'answering'],
  circuit_open: ['熔断中', 'not answering'],
  taken_by: ['，由{institution}收款', '; {institution} takes it'],
  taken_by_none: ['，无备用', '; nobody behind it'],
  by_order: ['默认：{institution}', 'by default: {institution}'],
  none: ['无', 'none'],
  no_routes: ['还没有可用的商户号', 'There are no merchant accounts yet'],
})
