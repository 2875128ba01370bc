import { computed, nextTick, ref, watch } from 'vue'
import { Problem } from '../api'
import { useLeave } from './leave'

// What the forms of the console share. Their primary button can always be pressed: what is missing or wrong then stands
// at its field, in the field's own name, and the first such field has the focus. What the server finds wrong names its
// field by the name in the request (a problem's field), and stands there too.

export const formTexts: Record<string, [string, string]> = {
  fill_in: ['请填写{field}', '{field} is needed'],
  choose_some: ['请选择{field}', 'Choose {field}'],
  discard_it: ['放弃', 'Discard'],
  leave: ['离开', 'Leave'],
  stay: ['留在这里', 'Stay'],
  leave_live: [
    '住户还没有付款。离开后订单会关闭，这个二维码立即失效；住户已经付出的钱不会丢，会自动入账或退回。确定离开吗？',
    'The resident has not paid yet. Leaving closes the order, and this QR is no longer valid. Money that was paid ' +
      'already is not lost: it is booked or goes back. Leave?',
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
}

export interface Form<F extends string> {
  labels: () => Partial<Record<F, string>>
  check: () => Partial<Record<F, string>>
  edited?: () => boolean
  title: () => string
}

// useForm: check says what is wrong with a field before anything is sent; labels are what the page calls each.
export function useForm<F extends string>({ labels, check, edited, title }: Form<F>) {
  const tried = ref(false)
  const busy = ref(false)
  const problem = ref<Error>()
  const faults = computed(() => (tried.value ? check() : ({} as Partial<Record<F, string>>)))
  const field = computed(() =>
    problem.value instanceof Problem ? (String(problem.value.extra.field ?? '').split('.')[0] as F) : ('' as F),
  )
  // at is what stands at a field.
  function at(name: F): string {
    return faults.value[name] || (field.value === name && problem.value ? named(problem.value.message) : '')
  }
  // named puts the page's name of the field in place of the request's.
  function named(text: string): string {
    const own = labels()[field.value]
    const whole =
      own && text.startsWith(field.value + ' ')
        ? own + text.slice(field.value.length + (/\w$/.test(own) ? 0 : 1))
        : text
    const others = Object.entries<string | undefined>(labels()).filter(([name, label]) => label && name.includes('_'))
    return others.reduce((said, [name, label]) => said.replaceAll(name, label!), whole)
  }
  // elsewhere is what the server said of no field that is shown.
  const elsewhere = computed(() => (problem.value && !(field.value in labels()) ? problem.value.message : ''))

  // send does the work of a form that was submitted.
  async function send(submitted: Event, work: () => Promise<void>) {
    const form = submitted.target as HTMLElement
    if (busy.value) return
    tried.value = true
    problem.value = undefined
    if (Object.values(check()).some(Boolean)) return focusFirst(form)
    busy.value = true
    try {
      await work()
    } catch (e) {
      problem.value = e as Error
      await focusFirst(form)
    } finally {
      busy.value = false
    }
  }
  async function focusFirst(form: HTMLElement) {
    await nextTick()
    await nextTick()
    form.querySelector<HTMLElement>('.is-error input, .is-error textarea, [aria-invalid=true]')?.focus()
  }
  const { leave, ask } = useLeave(() => (!busy.value && edited?.() ? 'discard' : ''), title)
  return { tried, busy, at, elsewhere, send, leave, ask, problem }
}

// watchEdits reports whether a form holds something else than it began with.
export function watchEdits(values: () => unknown): () => boolean {
  const began = JSON.stringify(values())
  const now = ref(began)
  watch(
    values,
    (v) => {
      now.value = JSON.stringify(v)
    },
    { deep: true },
  )
  return () => now.value !== began
}
