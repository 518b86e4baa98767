// Owns the route that all others lie in.

import { createRootRoute } from '@tanstack/react-router'
import { ErrorPage, MissingPage } from './fallbacks.tsx'
import { Gate } from './gate.tsx'

export const rootRoute = createRootRoute({
  component: Gate,
  errorComponent: ErrorPage,
  notFoundComponent: MissingPage,
})
