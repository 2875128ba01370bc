import { ref, shallowRef, watch, type Ref } from 'vue'
import { language } from './api'

// Read is what a page reads, and may have to read again.
export interface Read {
  error: unknown // or a Ref of it
  again: () => unknown
}

// load is a value on its way: what is shown while it comes, when it came, and when it did not. It is asked for again in
// the other language when that is chosen: the server names fields, deeds and institutions in words.
export function load<T>(get: () => Promise<T>): {
  value: Ref<T | undefined>
  error: Ref<unknown>
  busy: Ref<boolean>
  again: () => Promise<void>
} {
  const value = shallowRef<T>()
  const error = shallowRef<unknown>()
  const busy = ref(false)
  const again = async () => {
    busy.value = true
    error.value = undefined
    try {
      value.value = await get()
    } catch (e) {
      error.value = e
    } finally {
      busy.value = false
    }
  }
  watch(() => language.current, again)
  void again()
  return { value, error, busy, again }
}
