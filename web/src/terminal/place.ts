import { computed, onMounted, onUnmounted, ref, watch, type Ref } from 'vue'
import { after, patience, type Happening, type Place, type Screen } from './screens'

// usePlace is where the terminal is: nothing but what happens there leads away.
export function usePlace() {
  const place = ref<Place>('loading')
  const happens = (what: Happening) => {
    place.value = after(place.value, what)
  }
  return { place, happens }
}
export type Walk = ReturnType<typeof usePlace>

// Stay is how many seconds a screen that nobody touches is shown still, of how many; of nothing it stays.
export interface Stay {
  left: number
  of: number
}

// useStay has a screen that nobody touches left: a resident's bills do not stay on it.
export function useStay(screen: Ref<Screen>, unsent: Ref<boolean>, leave: () => void) {
  const quiet = ref(0) // seconds since the last touch
  const of = computed(() => patience(screen.value, unsent.value))
  const stay = computed<Stay>(() => ({ left: Math.max(0, of.value - quiet.value), of: of.value }))
  watch(screen, () => {
    quiet.value = 0
  })
  const touched = () => {
    quiet.value = Math.min(quiet.value, 0)
  }
  onMounted(() => {
    window.addEventListener('pointerdown', touched)
    window.addEventListener('keydown', touched)
  })
  onUnmounted(() => {
    window.removeEventListener('pointerdown', touched)
    window.removeEventListener('keydown', touched)
  })

  function second() {
    if (of.value && ++quiet.value >= of.value) leave()
  }
  // keep shows the screen for so many seconds more at least.
  function keep(seconds: number) {
    quiet.value = Math.min(0, of.value - seconds)
  }
  return { stay, second, keep }
}
