import { createRouter, createWebHashHistory, type LocationQueryValue, type Router } from 'vue-router'
import { mayLeave } from './leave'
import type { ConsolePage } from './pages'

declare module 'vue-router' {
  interface RouteMeta {
    page?: ConsolePage
  }
}

// routerOf makes the addresses of some pages: `#/NAME`, and `#/NAME/ID` where a record can be open. What is none of
// them has no page.
export function routerOf(pages: ConsolePage[], nowhere: ConsolePage['page']): Router {
  const path = (p: ConsolePage) => (p.name === 'first' ? '/' : `/${p.name}${p.record ? '/:id?' : ''}`)
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      ...pages.map((p) => ({ name: p.name, path: path(p), component: p.page, meta: { page: p } })),
      { name: 'nowhere', path: '/:rest(.*)*', component: nowhere },
    ],
  })
  // Another page is left for only when nothing is lost by it, or a person says so.
  router.beforeEach((to, from) => to.name === from.name || mayLeave())
  // Who works for one community does so on the next page too that can be narrowed to it.
  let community: LocationQueryValue | LocationQueryValue[] = null
  router.beforeEach((to, from) => {
    if (from.meta.page?.placed) community = from.query.community
    if (!to.meta.page?.placed || to.name === from.name || !community || 'community' in to.query) return true
    return { ...to, query: { ...to.query, community } }
  })
  return router
}
