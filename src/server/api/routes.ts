// Owns the list of routes: which call of the server is which operation. What a route takes, who may call it and what it
// gives are those of its operation; here stands only how HTTP writes them. OpenAPI, the reference and the handlers are made
// of this list, and what is not in it is not there.

import type { OperationName } from '../../operations/all.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a route does that an operation alone does not: a file of its own does it. */
export type Special =
  | 'batch'
  | 'batchOf'
  | 'catalog'
  | 'changeConnection'
  | 'changes'
  | 'connect'
  | 'connection'
  | 'endConnection'
  | 'events'
  | 'eventsOfRun'
  | 'image'
  | 'one'
  | 'ownProjects'
  | 'export'
  | 'outline'
  | 'record'
  | 'records'
  | 'sample'
  | 'samples'
  | 'sql'
  | 'start'
  | 'status'
  | 'setBudget'
  | 'setValues'
  | 'upload'

export interface Route {
  readonly method: Method
  /** `{name}` stands for one part of it. */
  readonly path: string
  /** It says what the route does, what it takes and who may call it. */
  readonly operation: OperationName
  /** The inputs that parts of the path, the query or the body give under other names: `{ id: 'connection' }`. */
  readonly named?: Readonly<Record<string, string>>
  /** Inputs that the path settles. */
  readonly settles?: Readonly<Record<string, unknown>>
  /** Inputs of the operation that no call gives. */
  readonly omits?: readonly string[]
  readonly special?: Special
  /** @default 200 */
  readonly status?: 200 | 201 | 202
  /** What a result that is no document is called in one: `{cancelled: true}`. */
  readonly result?: string
  /** What it does, where that is more or less than its operation. */
  readonly does?: string
}

const ID = { id: 'connection' } as const
const STREAM = '/api/connections/{id}/streams/{stream}'

// biome-ignore format: a table is read by its rows
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/status', operation: 'status', special: 'status' },
  { method: 'GET', path: '/api/connectors', operation: 'connectors', omits: ['name'] },
  { method: 'GET', path: '/api/connectors/{name}', operation: 'connectors', special: 'one' },
  { method: 'GET', path: '/api/samples', operation: 'connectors', omits: ['name'], special: 'samples', does: 'List the connectors whose services this server emulates on request, for whoever has no account at hand.' },
  { method: 'POST', path: '/api/samples/{connector}', operation: 'connect', omits: ['id', 'options', 'check'], special: 'sample', status: 201, does: 'Start an emulated service on this machine, and connect it.' },

  { method: 'GET', path: '/api/connections', operation: 'listConnections' },
  { method: 'POST', path: '/api/connections', operation: 'connect', special: 'connect', status: 201 },
  { method: 'GET', path: '/api/connections/{id}', operation: 'status', named: ID, special: 'connection', does: 'Show a connection, with what is stored of it, its active run and its last one.' },
  { method: 'PATCH', path: '/api/connections/{id}', operation: 'connect', omits: ['connector'], special: 'changeConnection', does: 'Change the options of a connection, or pause or resume it (paused).' },
  { method: 'DELETE', path: '/api/connections/{id}', operation: 'disconnect', named: ID, special: 'endConnection', does: 'Disconnect a connection: its secrets are forgotten, its records stay. With purge=true all of it is deleted.' },
  { method: 'POST', path: '/api/connections/{id}/check', operation: 'check', named: ID },
  { method: 'GET', path: '/api/connections/{id}/coverage', operation: 'coverage', named: ID },
  { method: 'GET', path: '/api/connections/{id}/plan', operation: 'plan', named: ID },
  { method: 'POST', path: '/api/connections/{id}/runs', operation: 'order', named: ID, special: 'start', status: 202, does: 'Start a run of a connection. It goes on without the caller; a run that is active already is the answer (200).' },
  { method: 'GET', path: '/api/orders/{id}', operation: 'ordered', named: { id: 'order' } },
  { method: 'GET', path: '/api/connections/{id}/schedule', operation: 'schedules', named: ID },
  { method: 'PUT', path: '/api/connections/{id}/schedule', operation: 'schedule', named: ID },

  { method: 'POST', path: '/api/runs', operation: 'orderAll', omits: ['projects'], special: 'batch', status: 202, does: 'Start a run of every connection: of this project, of another one or of all of them (project; for those, scope admin). With wait=true the answer is the summary, when all have ended.' },
  { method: 'GET', path: '/api/runs', operation: 'runs', special: 'batchOf', does: 'List runs, newest first; with batch, the summary of a batch.' },
  { method: 'GET', path: '/api/runs/{id}', operation: 'run', named: { id: 'run' } },
  { method: 'GET', path: '/api/runs/{id}/log', operation: 'runLog', named: { id: 'run' } },
  { method: 'POST', path: '/api/runs/{id}/cancel', operation: 'cancel', named: { id: 'run' }, result: 'cancelled' },
  { method: 'GET', path: '/api/runs/{id}/events', operation: 'run', named: { id: 'run' }, special: 'eventsOfRun', does: 'Follow a run: events progress, at least every 3 seconds, and done.' },
  { method: 'GET', path: '/api/events', operation: 'runs', omits: ['limit', 'connection', 'status', 'mode', 'since', 'until', 'problems'], special: 'events', does: 'Follow all runs of the project: events progress and done.' },

  { method: 'GET', path: `${STREAM}/records`, operation: 'records', named: ID, special: 'records' },
  { method: 'GET', path: `${STREAM}/outline`, operation: 'outline', named: ID, special: 'outline', does: 'Tell how many records match, what columns they have, and the cursor of every part of them.' },
  { method: 'GET', path: `${STREAM}/export`, operation: 'records', named: ID, omits: ['limit'], special: 'export', does: 'Read all records that match as a file, sent as they are read.' },
  { method: 'GET', path: `${STREAM}/records/{key}`, operation: 'records', named: ID, omits: ['order', 'where', 'limit'], special: 'record', does: 'Read one record; one that was removed, too.' },
  { method: 'GET', path: `${STREAM}/records/{key}/versions`, operation: 'history', named: ID },
  { method: 'GET', path: `${STREAM}/records/{key}/explain`, operation: 'explain', named: ID },
  { method: 'GET', path: `${STREAM}/metrics`, operation: 'metrics', named: ID },
  { method: 'GET', path: `${STREAM}/movers`, operation: 'movers', named: ID },
  { method: 'POST', path: `${STREAM}/uploads`, operation: 'upload', named: ID, omits: ['file'], special: 'upload' },

  { method: 'GET', path: '/api/connections/{id}/image', operation: 'image', named: ID, special: 'image' },

  { method: 'GET', path: '/api/connections/{id}/catalog', operation: 'catalog', named: ID, omits: ['n'], special: 'catalog', does: 'Read the newest catalog, as it was published.' },
  { method: 'GET', path: '/api/connections/{id}/catalogs', operation: 'catalogs', named: ID },
  { method: 'GET', path: '/api/connections/{id}/catalogs/{n}', operation: 'catalog', named: ID, special: 'catalog', does: 'Read a catalog that is kept, as it was published.' },
  { method: 'GET', path: '/api/connections/{id}/catalogs/{a}/diff/{b}', operation: 'diffCatalogs', named: { ...ID, a: 'from', b: 'to' } },

  { method: 'GET', path: '/api/changes', operation: 'changes', omits: ['consumer', 'acknowledge', 'follow'], special: 'changes', does: 'Read the change feed as JSON lines, oldest first. With wait, seconds, it waits for so long for the first change.' },
  { method: 'GET', path: '/api/activity', operation: 'activity' },
  { method: 'GET', path: '/api/search', operation: 'search', named: { q: 'text' } },
  { method: 'POST', path: '/api/sql', operation: 'sql', named: { sql: 'statement' }, special: 'sql' },
  { method: 'GET', path: '/api/tables', operation: 'tables', omits: ['name'] },

  { method: 'GET', path: '/api/blends', operation: 'listBlends' },
  { method: 'POST', path: '/api/blends', operation: 'createBlend', status: 201 },
  { method: 'GET', path: '/api/blends/{name}', operation: 'showBlend' },
  { method: 'DELETE', path: '/api/blends/{name}', operation: 'dropBlend', result: 'deleted' },
  { method: 'PATCH', path: '/api/blends/{name}/records/{key}', operation: 'setValues', named: { name: 'blend' }, special: 'setValues', does: "Set fields of a blend's record by hand: the body has them by name, null unsets one." },

  { method: 'GET', path: '/api/budgets', operation: 'budgets', omits: ['name'] },
  { method: 'PUT', path: '/api/budgets/{name}', operation: 'setBudget', special: 'setBudget' },
  { method: 'GET', path: '/api/removals', operation: 'removals' },
  { method: 'POST', path: '/api/removals/{id}/approve', operation: 'decideRemovals', named: { id: 'run' }, settles: { verdict: 'approve' } },
  { method: 'POST', path: '/api/removals/{id}/reject', operation: 'decideRemovals', named: { id: 'run' }, settles: { verdict: 'reject' } },
  { method: 'POST', path: '/api/removals/{id}/undo', operation: 'decideRemovals', named: { id: 'run' }, settles: { verdict: 'undo' } },
  { method: 'GET', path: '/api/quarantine', operation: 'quarantine' },
  { method: 'POST', path: '/api/quarantine/retry', operation: 'retryQuarantine' },
  { method: 'GET', path: '/api/gaps', operation: 'gaps' },
  { method: 'GET', path: '/api/audit', operation: 'audit' },
  { method: 'GET', path: '/api/audit-log', operation: 'auditLog' },
  { method: 'GET', path: '/api/workers', operation: 'workers' },

  { method: 'GET', path: '/api/webhooks', operation: 'listWebhooks' },
  { method: 'POST', path: '/api/webhooks', operation: 'createWebhook', status: 201 },
  { method: 'GET', path: '/api/webhooks/{id}', operation: 'showWebhook' },
  { method: 'DELETE', path: '/api/webhooks/{id}', operation: 'deleteWebhook' },
  { method: 'POST', path: '/api/webhooks/{id}/test', operation: 'testWebhook' },
  { method: 'POST', path: '/api/webhooks/{id}/replay', operation: 'replayWebhook' },

  { method: 'GET', path: '/api/push/key', operation: 'pushKey' },
  { method: 'GET', path: '/api/push/subscriptions', operation: 'subscriptions' },
  { method: 'POST', path: '/api/push/subscriptions', operation: 'subscribe', status: 201 },
  { method: 'DELETE', path: '/api/push/subscriptions/{id}', operation: 'unsubscribe' },
  { method: 'POST', path: '/api/push/subscriptions/{id}/test', operation: 'testPush' },

  { method: 'GET', path: '/api/key', operation: 'showKey' },
  { method: 'GET', path: '/api/tokens', operation: 'tokens' },
  { method: 'POST', path: '/api/tokens', operation: 'createToken', status: 201 },
  { method: 'DELETE', path: '/api/tokens/{id}', operation: 'revokeToken' },
  { method: 'GET', path: '/api/projects', operation: 'projects', special: 'ownProjects', does: 'List projects: the own one; with scope admin, all of the database.' },
  { method: 'POST', path: '/api/projects', operation: 'createProject', status: 201 },
]
