// Owns the start of the dashboard: the theme, the queries, the routes, and the page.

import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/queries.ts'
import { followLink } from './app/login.tsx'
import { router } from './app/router.ts'
import { applyTheme } from './app/theme.ts'
import './styles.css'

applyTheme()
await followLink()

// A page that was open while the server became a newer one asks for parts that are no more.
addEventListener('vite:preloadError', () => location.reload())

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
