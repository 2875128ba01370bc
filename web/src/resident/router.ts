import { createRouter, createWebHashHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import type { Plain } from '../say'
import type { LoginSession } from '../session'
import Bills from './Bills.vue'
import Bind from './Bind.vue'
import Histories from './Histories.vue'
import History from './History.vue'
import Me from './Me.vue'
import NotFound from './NotFound.vue'
import OrderDetail from './OrderDetail.vue'
import People from './People.vue'
import Prepayments from './Prepayments.vue'
import Start from './Start.vue'
import type { ResidentTexts } from './texts'

// Where a person is stands in the address, behind #: a reload, a log-in and a wallet's way back keep it. Each place has
// a title; up is where its arrow leads, without one the place stands in the bar below.
declare module 'vue-router' {
  interface RouteMeta {
    title?: Plain<ResidentTexts>
    up?: string
  }
}

export const places: RouteRecordRaw[] = [
  { path: '/', component: Start, meta: { title: 'welcome' } },
  { path: '/history', component: Histories, meta: { title: 'history' } },
  { path: '/me', component: Me, meta: { title: 'mine' } },
  { path: '/bind', component: Bind, meta: { title: 'bind', up: '/' } },
  { path: '/units/:unit', component: Bills, props: true, meta: { title: 'bills', up: '/' } },
  {
    path: '/units/:unit/pay/:bills',
    component: Bills,
    props: (r) => ({ unit: r.params.unit, asked: String(r.params.bills).split(',') }),
    meta: { title: 'bills', up: '/' },
  },
  { path: '/units/:unit/history', component: History, props: true, meta: { title: 'history', up: '/units/:unit' } },
  { path: '/units/:unit/people', component: People, props: true, meta: { title: 'people', up: '/units/:unit' } },
  {
    path: '/units/:unit/prepayments',
    component: Prepayments,
    props: true,
    meta: { title: 'pre_and_deposits', up: '/units/:unit' },
  },
  { path: '/orders/:id', component: OrderDetail, props: true, meta: { title: 'detail', up: '/' } },
  { path: '/:nowhere(.*)*', component: NotFound, meta: { title: 'nowhere', up: '/' } },
]

// routes makes the router; every place has the session.
export function routes(session: LoginSession) {
  const withSession = places.map(
    (p) => ({ ...p, props: (r: RouteLocationNormalized) => ({ session, ...own(p, r) }) }) as RouteRecordRaw,
  )
  return createRouter({
    history: createWebHashHistory(),
    routes: withSession,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
}

// own are a place's properties from its address.
function own(p: RouteRecordRaw, r: RouteLocationNormalized): Record<string, unknown> {
  if (typeof p.props === 'function') return p.props(r)
  return p.props ? { ...r.params } : {}
}
