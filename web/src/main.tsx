// Owns the start of the dashboard: the theme, the queries, the routes, and the page.

import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { findSession } from './api/client.ts'
import { queryClient, sessionQuery, statusQuery } from './api/queries.ts'
import { followLink } from './app/login.tsx'
import { router } from './app/router.ts'
import { startServiceWorker } from './app/service-worker.ts'
import { applyTheme } from './app/theme.ts'
import './styles.css'

applyTheme()
startServiceWorker()
startSession()

// A page that was open while the server became a newer one asks for parts that are no more. One whose server is away, too: that
// page is not loaded again and again.
addEventListener('vite:preloadError', () => void reloadOfNewer())

const RELOADED_AT = 'tidemark-reloaded-at'
/** A page that still lacks a part then is not loaded anew, in milliseconds. */
const RELOAD_EVERY_MS = 10_000

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

/** Who is logged in, and what most pages show first, are asked for while the parts of the page are still coming. */
function startSession(): void {
  const link = followLink()
  const session = queryClient.fetchQuery({ ...sessionQuery, queryFn: async () => (await link) ?? findSession() })
  session.then(
    (known) => (known === null ? undefined : queryClient.prefetchQuery(statusQuery)),
    // The page says it, and tries again.
    () => {},
  )
}

async function reloadOfNewer(): Promise<void> {
  const before = Number(sessionStorage.getItem(RELOADED_AT) ?? 0)
  if (Date.now() - before < RELOAD_EVERY_MS) return
  const answer = await fetch('/healthz').catch(() => undefined)
  if (!answer?.ok) return
  sessionStorage.setItem(RELOADED_AT, String(Date.now()))
  location.reload()
}
