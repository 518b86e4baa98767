// Owns the page of settings: who may call, who is told, what may be spent, and who did what.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Scope, useMay } from '../../api/scopes.ts'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { Page } from '../../parts/surface.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { AuditLog } from './audit-log.tsx'
import { Budgets } from './budgets.tsx'
import { Key } from './key.tsx'
import { Notifications } from './notifications.tsx'
import { Projects } from './projects.tsx'
import { workersQuery } from './queries.ts'
import type { SETTINGS } from './route.ts'
import { Tokens } from './tokens.tsx'
import { Webhooks } from './webhooks.tsx'
import { Workers } from './workers.tsx'

export const page = createLazyRoute('/settings')({ component: SettingsPage })

const route = getRouteApi('/settings')

const TABS = [
  { id: 'tokens', label: 'Tokens', what: 'Looking at tokens', scope: 'admin', Part: Tokens },
  { id: 'webhooks', label: 'Webhooks', what: 'Looking at webhooks', scope: 'admin', Part: Webhooks },
  { id: 'budgets', label: 'Budgets', what: 'Looking at budgets', scope: 'read', Part: Budgets },
  { id: 'projects', label: 'Projects', what: 'Looking at projects', scope: 'read', Part: Projects },
  { id: 'key', label: 'Key', what: 'Looking at the key', scope: 'admin', Part: Key },
  { id: 'audit', label: 'Audit log', what: 'Reading the audit log', scope: 'admin', Part: AuditLog },
  { id: 'workers', label: 'Workers', what: 'Looking at workers', scope: 'admin', Part: Workers },
  { id: 'notifications', label: 'Notifications', what: 'Choosing notifications', scope: 'read', Part: Notifications },
] as const satisfies readonly {
  readonly id: (typeof SETTINGS)[number]
  readonly label: string
  readonly what: string
  readonly scope: Scope
  readonly Part: () => ReactNode
}[]

const WITHOUT_WORKERS = TABS.filter(({ id }) => id !== 'workers')

function SettingsPage() {
  const { tab = 'tokens' } = route.useSearch()
  const shown = TABS.find(({ id }) => id === tab) ?? TABS[0]
  const isAllowed = useMay(shown.scope)
  const { Part } = shown
  const mayLook = useMay('admin')
  const { data } = useQuery({ ...workersQuery, enabled: mayLook })
  // One process that shares nothing with others has nothing to tell.
  const hasWorkers = data !== undefined && (data.workers.length > 1 || data.limits.length > 0)
  return (
    <Page title="Settings" tab={`${shown.label} · Settings`}>
      <Tabs
        tabs={shown.id === 'workers' || hasWorkers ? TABS : WITHOUT_WORKERS}
        shown={shown.id}
        label="Parts of the settings"
      />
      {isAllowed ? <Part /> : <ScopeNeeded scope={shown.scope} what={shown.what} />}
    </Page>
  )
}
