import { createApp } from 'vue'
import '../base.css'
import './start.css'
import { i18n } from '../i18n'
import App from './App.vue'
import { startTexts } from './texts'

createApp(App).use(i18n(startTexts)).mount('#app')
