// Owns who gets to see the dashboard: whoever is logged in. All others see the login.

import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { sessionQuery } from '../api/queries.ts'
import { ErrorState } from '../parts/states.tsx'
import { Toasts } from '../parts/toast.tsx'
import { Login } from './login.tsx'
import { Mark } from './mark.tsx'
import { Shell } from './shell.tsx'

/** As the page begins, before its script is there. */
function Coming() {
  return (
    <div className="grid h-dvh place-items-center">
      <Mark className="size-8" />
    </div>
  )
}

export function Gate() {
  const { data: session, error, refetch } = useQuery(sessionQuery)
  if (session) {
    return (
      <Shell session={session}>
        <Outlet />
      </Shell>
    )
  }
  if (session === null) return <Login />
  if (!error) return <Coming />
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <ErrorState error={error} again={() => void refetch()} />
      <Toasts />
    </main>
  )
}
