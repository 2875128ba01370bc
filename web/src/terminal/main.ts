import { createApp } from 'vue'
import '../base.css'
import './terminal.css'
import './places.css'
import './order.css'
import './sizes.css'
import { begin } from '../begin'
import { i18n } from '../i18n'
import App from './App.vue'
import { terminalTexts } from './texts'

void begin(createApp(App).use(i18n(terminalTexts)), 'keys', 'database')
