import { computed, nextTick, ref, watch } from 'vue'
import { Problem } from '../api'
import { useLeave } from './leave'

// What the forms of the console share. Their primary button can always be pressed: what is missing or wrong then stands
// at its field, in the field's own name, and the first such field has the focus. What the server finds wrong names its
// field by the name in the request (a problem's field), and stands there too.

export interface Form<F extends string> {
  labels: () => Partial<Record<F, string>>
  check: () => Partial<Record<F, string>>
  edited?: () => boolean
  title: () => string
  drop?: () => void
}

// useForm: check says what is wrong with a field before anything is sent; labels are what the page calls each; drop
// closes the form with what is in it.
export function useForm<F extends string>({ labels, check, edited, title, drop }: Form<F>) {
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
  const { leave, ask } = useLeave(() => (!busy.value && edited?.() ? 'discard' : ''), title, drop)
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
