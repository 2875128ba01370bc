import { computed } from 'vue'
import { call } from '../api'
import { load } from '../load'
import { whole } from '../paging'
import type { LoginSession } from '../session'
import type { Community, Organisation, Page } from '../types'
import { nameOf } from './organisation'
import { useTexts } from './texts'

// usePlaces are the company's communities and regions, to choose among and to say where somebody's rights hold.
export function usePlaces(session: LoginSession) {
  const { t } = useTexts()
  const places = load(() => whole<Page<Community>>('/v1/communities', session))
  const chart = load(() => call<Organisation>('GET', '/v1/organisation', { session }))
  const communities = computed(() => places.value.value?.items ?? [])
  const regions = computed(() => chart.value.value?.regions ?? [])
  const place = (some: string[], inside: string[] = []) =>
    some.length || inside.length
      ? [...inside.map((id) => nameOf(regions.value, id)), ...some.map((id) => nameOf(communities.value, id))].join(
          t('comma'),
        )
      : t('whole_company')
  return { places, communities, regions, place }
}
