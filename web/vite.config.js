// Owns how Vite builds the dashboard: names that say what is in a file, nothing inline, one page.

import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2023',
    // light-dark() stays as it is.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npx vite web` beside `tidemark serve`.
  server: { proxy: { '/api': 'http://127.0.0.1:4600' } },
})
