// Owns what whoever is logged in may do: pages offer that, and say what the rest needs.

import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from './queries.ts'

export type Scope = 'read' | 'sync' | 'write' | 'admin'

/** Whether the session has a scope. The server decides; this is for what is offered. */
export function useMay(scope: Scope): boolean {
  const { data } = useQuery(sessionQuery)
  return data?.scopes.some((one) => one === scope || one === 'admin') ?? false
}
