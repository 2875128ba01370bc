import { createRouter, createWebHashHistory, type LocationQueryValue, type Router } from 'vue-router'
import { mayLeave } from './leave'
import type { ConsolePage } from './pages'

declare module 'vue-router' {
  interface RouteMeta {
    page?: ConsolePage
  }
}

// routerOf makes the addresses of some pages: `#/NAME`, `#/NAME/ID` where a record can be open, and `#/PAGE/ID/NAME` of
// a page under another one. What is none of them has no page. `#/welcome` is the door's, not one of the pages behind
// it.
export function routerOf(pages: ConsolePage[], nowhere: ConsolePage['page']): Router {
  let stepped = false // by the browser: back, forward, or an address that was typed
  window.addEventListener('popstate', () => {
    stepped = true
    setTimeout(() => (stepped = false))
  })
  function path(p: ConsolePage) {
    if (p.name === 'first') return '/'
    return p.under ? `/${p.under}/:id/${p.name}` : `/${p.name}${p.record ? '/:id?' : ''}`
  }
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      ...pages.map((p) => ({ name: p.name, path: path(p), component: p.page, meta: { page: p } })),
      { name: 'welcome', path: '/welcome', component: nowhere },
      { name: 'nowhere', path: '/:rest(.*)*', component: nowhere },
    ],
  })
  // Another page is gone to, or back to what this one showed before, only when nothing is lost by it, or a person says
  // so. What the page itself changes of its address loses nothing, nor does the way back of who stays.
  router.beforeEach((to, from) => {
    const stays = to.fullPath === from.fullPath || (to.name === from.name && !stepped)
    return stays || mayLeave()
  })
  // Who works for one community does so on the next page too that can be narrowed to it.
  let community: LocationQueryValue | LocationQueryValue[] = null
  router.beforeEach((to, from) => {
    if (from.meta.page?.placed) community = from.query.community
    if (!to.meta.page?.placed || to.name === from.name || !community || 'community' in to.query) return true
    return { ...to, query: { ...to.query, community } }
  })
  return router
}
