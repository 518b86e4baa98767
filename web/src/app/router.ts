// Owns the addresses of the dashboard. What a page shows stands in its address: it can be reloaded, kept and shared.

import { createRouter } from '@tanstack/react-router'
import { activityRoute } from '../pages/activity/route.ts'
import { addRoute, connectRoute } from '../pages/add/route.ts'
import { catalogueRoute } from '../pages/catalogue/route.ts'
import { connectionRoute } from '../pages/connection/route.ts'
import { growthRoute } from '../pages/growth/route.ts'
import { overviewRoute } from '../pages/overview/route.ts'
import { recordRoute } from '../pages/record/route.ts'
import { recordsRoute } from '../pages/records/route.ts'
import { runsRoute } from '../pages/runs/route.ts'
import { searchRoute } from '../pages/search/route.ts'
import { settingsRoute } from '../pages/settings/route.ts'
import { sqlRoute } from '../pages/sql/route.ts'
import { uploadRoute } from '../pages/upload/route.ts'
import { ErrorPage, MissingPage } from './fallbacks.tsx'
import { rootRoute } from './root.ts'

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    activityRoute,
    connectionRoute,
    runsRoute,
    growthRoute,
    addRoute,
    connectRoute,
    recordsRoute,
    catalogueRoute,
    recordRoute,
    uploadRoute,
    searchRoute,
    sqlRoute,
    settingsRoute,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: MissingPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
