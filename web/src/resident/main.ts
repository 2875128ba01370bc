import { createApp, h, shallowRef } from 'vue'
import 'vant/lib/index.css'
import '../base.css'
import './vant.css'
import './resident.css'
import './places.css'
import './fingers.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import { LoginSession } from '../session'
import type { Tokens } from '../types'
import App from './App.vue'
import { residentTexts } from './texts'
import { pressByKeys } from './keys'
import { knownBy } from './known'
import { routes } from './router'

pressByKeys()
const who = shallowRef<Tokens>()
const session = new LoginSession('resident', (now) => {
  knownBy(now?.resident?.id)
  who.value = now
})
who.value = session.who
knownBy(who.value?.resident?.id)
void begin(
  createApp({ render: () => h(App, { session, who: who.value }) })
    .use(i18n(residentTexts))
    .use(routes(session)),
  'cookies',
  'storage',
)
