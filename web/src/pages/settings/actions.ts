// Owns what the settings change on the server.

import { useDeed } from '../../api/actions.ts'
import { api, told } from '../../api/client.ts'

interface NewToken {
  readonly scopes: readonly string[]
  readonly note: string
  /** '' for a token that is in force until it is revoked. */
  readonly expires: string
}

export function useCreateToken() {
  return useDeed(
    ({ scopes, note, expires }: NewToken) =>
      told(api.POST('/api/tokens', { body: { scopes: [...scopes], note, ...(expires === '' ? {} : { expires }) } })),
    { done: () => 'The token is made. Copy it now.', isShownThere: true },
  )
}

export function useRevokeToken() {
  return useDeed((id: string) => told(api.DELETE('/api/tokens/{id}', { params: { path: { id } } })), {
    done: () => 'The token is revoked.',
    isShownThere: true,
  })
}

interface NewWebhook {
  readonly url: string
  readonly events: readonly string[]
  readonly note: string
  readonly allowPrivateNetwork: boolean
}

export function useCreateWebhook() {
  return useDeed(
    ({ events, ...rest }: NewWebhook) => told(api.POST('/api/webhooks', { body: { ...rest, events: [...events] } })),
    { done: () => 'The webhook is made. Copy its secret now.', isShownThere: true },
  )
}

export function useDeleteWebhook() {
  return useDeed((id: string) => told(api.DELETE('/api/webhooks/{id}', { params: { path: { id } } })), {
    done: () => 'The webhook is deleted.',
  })
}

export function useTestWebhook() {
  return useDeed((id: string) => told(api.POST('/api/webhooks/{id}/test', { params: { path: { id } } })), {
    done: (_, { state }) => (state === 'delivered' ? 'The test was taken.' : 'The test was not taken.'),
  })
}

export function useTestPush() {
  return useDeed((id: string) => told(api.POST('/api/push/subscriptions/{id}/test', { params: { path: { id } } })), {
    done: (_, { state, error }) =>
      state === 'delivered' ? 'Its push service took the test.' : `The test was not taken: ${error ?? 'no answer'}`,
  })
}

/** Without a message: all that were given up. */
export function useReplay() {
  return useDeed(
    ({ id, message }: { readonly id: string; readonly message?: string }) =>
      told(
        api.POST('/api/webhooks/{id}/replay', {
          params: { path: { id } },
          body: message === undefined ? {} : { message },
        }),
      ),
    { done: (_, { replayed }) => `${replayed} ${replayed === 1 ? 'message is' : 'messages are'} sent again.` },
  )
}

interface Limits {
  readonly name: string
  /** Such as `500/hour`; `off` for none. */
  readonly requests: string
  readonly cost: string
}

export function useSetBudget() {
  return useDeed(
    ({ name, ...body }: Limits) => told(api.PUT('/api/budgets/{name}', { params: { path: { name } }, body })),
    { done: ({ name }) => `The budget of ${name} is set.`, isShownThere: true },
  )
}

export function useCreateProject() {
  return useDeed(
    (project: { readonly id: string; readonly timezone: string }) => told(api.POST('/api/projects', { body: project })),
    { done: ({ id }) => `Project ${id} is made.`, isShownThere: true },
  )
}
