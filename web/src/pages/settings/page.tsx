// Owns the page of settings: who may call, who is told, what may be spent, and who did what.

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
import type { SETTINGS } from './route.ts'
import { Tokens } from './tokens.tsx'
import { Webhooks } from './webhooks.tsx'

export const page = createLazyRoute('/settings')({ component: SettingsPage })

const route = getRouteApi('/settings')

const TABS = [
  { id: 'tokens', label: 'Tokens', what: 'Looking at tokens', scope: 'admin', Part: Tokens },
  { id: 'webhooks', label: 'Webhooks', what: 'Looking at webhooks', scope: 'admin', Part: Webhooks },
  { id: 'budgets', label: 'Budgets', what: 'Looking at budgets', scope: 'read', Part: Budgets },
  { id: 'projects', label: 'Projects', what: 'Looking at projects', scope: 'read', Part: Projects },
  { id: 'key', label: 'Key', what: 'Looking at the key', scope: 'admin', Part: Key },
  { id: 'audit', label: 'Audit log', what: 'Reading the audit log', scope: 'admin', Part: AuditLog },
  { id: 'notifications', label: 'Notifications', what: 'Choosing notifications', scope: 'read', Part: Notifications },
] as const satisfies readonly {
  readonly id: (typeof SETTINGS)[number]
  readonly label: string
  readonly what: string
  readonly scope: Scope
  readonly Part: () => ReactNode
}[]

function SettingsPage() {
  const { tab = 'tokens' } = route.useSearch()
  const shown = TABS.find(({ id }) => id === tab) ?? TABS[0]
  const isAllowed = useMay(shown.scope)
  const { Part } = shown
  return (
    <Page title="Settings" tab={`${shown.label} · Settings`}>
      <Tabs tabs={TABS} shown={shown.id} label="Parts of the settings" />
      {isAllowed ? <Part /> : <ScopeNeeded scope={shown.scope} what={shown.what} />}
    </Page>
  )
}
