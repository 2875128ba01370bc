import vue from '@vitejs/plugin-vue'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { untranslated } from './translate.ts'

// One page per face, so that a terminal loads nothing of the console.
const pages = ['index', 'terminal', 'resident', 'console', 'wallet']

// Vant's icon font is embedded as data; this drops the copy on a foreign server that its style sheet names as well.
const withoutForeignFonts = {
  name: 'without-foreign-fonts',
  enforce: 'pre' as const,
  transform: (code: string, id: string) =>
    /vant\/.*\.css/.test(id) ? code.replace(/,\s*url\(["']?\/\/at\.alicdn\.com[^)]*\)[^,;}]*/g, '') : null,
}

export default defineConfig({
  plugins: [
    withoutForeignFonts,
    // A line's end between two words or two boxes of a line is a space, as in HTML: Prettier breaks lines where one is.
    vue({ template: { compilerOptions: { nodeTransforms: [untranslated], whitespace: 'preserve' } } }),
  ],
  build: {
    emptyOutDir: true, // public/.keep comes back with it, so that the Go package can embed an unbuilt tree
    target: ['chrome87', 'edge87', 'safari14.1', 'firefox79'], // docs/browsers.md
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: Object.fromEntries(pages.map((p) => [p, resolve(import.meta.dirname, `${p}.html`)])) },
  },
  test: { include: ['src/**/*.test.ts'], css: true },
})
