import { ref, shallowRef } from 'vue'
import { Problem } from '../api'
import { patience } from './device'

// Work is what the terminal does for the person at it, one thing at a time, and what went wrong with it.
export function useWork(failed: () => string, unanswered: () => string) {
  const working = ref(false)
  const problem = shallowRef<Problem>()

  async function run(work: () => Promise<void>) {
    if (working.value) return
    working.value = true
    problem.value = undefined
    try {
      await work()
    } catch (e) {
      problem.value = e instanceof Problem ? e : new Problem(0, 'internal', failed(), '', {})
    } finally {
      working.value = false
    }
  }

  // ask is run for what may be given up: a line that brings no answer holds nobody up for longer than patience.
  const ask = (work: () => Promise<void>) =>
    run(() => {
      let timer = 0
      const late = new Promise<never>((_, no) => {
        timer = window.setTimeout(() => no(new Problem(0, 'unanswered', unanswered(), '', {})), patience)
      })
      return Promise.race([work(), late]).finally(() => clearTimeout(timer))
    })

  return { working, problem, run, ask }
}
export type Work = ReturnType<typeof useWork>
