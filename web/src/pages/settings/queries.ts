// Owns what the settings ask of the server.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export type Token = Answer<'getTokens'>['tokens'][number]
export type Webhook = Answer<'getWebhooks'>['webhooks'][number]
export type Message = Answer<'getWebhooksId'>['messages'][number]
export type Budget = Answer<'getBudgets'>['budgets'][number]
export type Project = Answer<'getProjects'>['projects'][number]
export type Deed = Answer<'getAudit-log'>['deeds'][number]

const ALL = { params: { query: { limit: 1_000 } } } as const
/** Deliveries are told by no event: asked for again this often, in milliseconds. */
const ASK_EVERY_MS = 5_000
const DEEDS_A_PAGE = 100

export const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: () => told(api.GET('/api/tokens', ALL)) })

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: () => told(api.GET('/api/webhooks', ALL)),
  refetchInterval: ASK_EVERY_MS,
})

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id],
    queryFn: () => told(api.GET('/api/webhooks/{id}', { params: { path: { id } } })),
    refetchInterval: ASK_EVERY_MS,
  })

export const budgetsQuery = queryOptions({ queryKey: ['budgets'], queryFn: () => told(api.GET('/api/budgets', ALL)) })

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: () => told(api.GET('/api/projects', ALL)),
})

/** Told by no event. */
export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: () => told(api.GET('/api/workers')),
  refetchInterval: ASK_EVERY_MS,
})

export const keyQuery = queryOptions({ queryKey: ['key'], queryFn: () => told(api.GET('/api/key')) })

export const deedsQuery = (connection: string | undefined, since: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['deeds', connection ?? null, since ?? null],
    queryFn: ({ pageParam }) => {
      const query = {
        limit: DEEDS_A_PAGE,
        ...(connection === undefined ? {} : { connection }),
        ...(since === undefined ? {} : { since }),
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }
      return told(api.GET('/api/audit-log', { params: { query } }))
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
