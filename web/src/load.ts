import { ref, shallowRef, type Ref } from 'vue'

// Read is what a page reads, and may have to read again.
export interface Read {
  error: unknown // or a Ref of it
  again: () => unknown
}

// load is a value on its way: what is shown while it comes, when it came, and when it did not.
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
  void again()
  return { value, error, busy, again }
}
