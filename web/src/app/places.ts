// Owns the list of pages that the navigation and the command palette offer. A new page is a line here and one in router.ts.

import {
  Activity,
  ChartLine,
  Clapperboard,
  Database,
  History,
  LayoutGrid,
  type LucideIcon,
  Search,
  Settings,
} from 'lucide-react'

export interface Place {
  readonly path: '/' | '/runs' | '/catalogue' | '/growth' | '/search' | '/sql' | '/activity' | '/settings'
  readonly label: string
  readonly icon: LucideIcon
  /** Pressed after g, it goes there. */
  readonly key: string
}

export const PLACES: readonly Place[] = [
  { path: '/', label: 'Overview', icon: LayoutGrid, key: 'o' },
  { path: '/runs', label: 'Runs', icon: History, key: 'r' },
  { path: '/catalogue', label: 'Catalogue', icon: Clapperboard, key: 'c' },
  { path: '/search', label: 'Search', icon: Search, key: 's' },
  { path: '/activity', label: 'Activity', icon: Activity, key: 'a' },
  { path: '/growth', label: 'Growth', icon: ChartLine, key: 'w' },
  { path: '/sql', label: 'SQL', icon: Database, key: 'q' },
  { path: '/settings', label: 'Settings', icon: Settings, key: ',' },
]
