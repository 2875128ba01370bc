import { createApp } from 'vue'
import 'element-plus/dist/index.css'
import '../base.css'
import './element.css'
import './console.css'
import './sizes.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import App from './App.vue'
import { plainLabels } from './checkbox'
import { consoleTexts } from './texts'
import Closed from './Closed.vue'
import { pages } from './pages'
import { routerOf } from './router'

plainLabels(document.body)
void begin(createApp(App).use(routerOf(pages, Closed)).use(i18n(consoleTexts)), 'cookies', 'storage')
