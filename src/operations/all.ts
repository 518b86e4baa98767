// Owns the list of all operations by name. Each is loaded when it is first called, so that a face starts quickly.

import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import type { Described, Operation } from './operation.ts'
import { perform } from './perform.ts'

function one<Module, Name extends keyof Module>(load: () => Promise<Module>, name: Name) {
  const loaded = later(load)
  return async (): Promise<Module[Name]> => (await loaded())[name]
}

const OPERATIONS = {
  connectors: one(() => import('./connectors.ts'), 'connectors'),
  connect: one(() => import('./connect.ts'), 'connect'),
  listConnections: one(() => import('./list-connections.ts'), 'listConnections'),
  declare: one(() => import('./declare.ts'), 'declare'),
  check: one(() => import('./check.ts'), 'check'),
  pause: one(() => import('./pause.ts'), 'pause'),
  resume: one(() => import('./pause.ts'), 'resume'),
  disconnect: one(() => import('./disconnect.ts'), 'disconnect'),
  purge: one(() => import('./disconnect.ts'), 'purge'),
  sync: one(() => import('./sync.ts'), 'sync'),
  plan: one(() => import('./sync.ts'), 'plan'),
  order: one(() => import('./order-run.ts'), 'order'),
  ordered: one(() => import('./order-run.ts'), 'ordered'),
  orderAll: one(() => import('./batches.ts'), 'orderAll'),
  batch: one(() => import('./batches.ts'), 'batch'),
  syncAll: one(() => import('./sync-all.ts'), 'syncAll'),
  planAll: one(() => import('./sync-all.ts'), 'planAll'),
  upload: one(() => import('./upload.ts'), 'upload'),
  status: one(() => import('./status.ts'), 'status'),
  runs: one(() => import('./runs.ts'), 'runs'),
  run: one(() => import('./run.ts'), 'run'),
  runLog: one(() => import('./run-log.ts'), 'runLog'),
  cancel: one(() => import('./cancel.ts'), 'cancel'),
  schedules: one(() => import('./schedule.ts'), 'schedules'),
  schedule: one(() => import('./schedule.ts'), 'schedule'),
  budgets: one(() => import('./budgets.ts'), 'budgets'),
  setBudget: one(() => import('./budgets.ts'), 'setBudget'),
  removals: one(() => import('./removals.ts'), 'removals'),
  unconfirmed: one(() => import('./removals.ts'), 'unconfirmed'),
  decideRemovals: one(() => import('./removals.ts'), 'decideRemovals'),
  quarantine: one(() => import('./quarantine.ts'), 'quarantine'),
  retryQuarantine: one(() => import('./quarantine.ts'), 'retryQuarantine'),
  records: one(() => import('./records.ts'), 'records'),
  outline: one(() => import('./records.ts'), 'outline'),
  image: one(() => import('./image.ts'), 'image'),
  history: one(() => import('./history.ts'), 'history'),
  explain: one(() => import('./explain.ts'), 'explain'),
  catalogs: one(() => import('./catalogs.ts'), 'catalogs'),
  catalog: one(() => import('./catalogs.ts'), 'catalog'),
  diffCatalogs: one(() => import('./catalogs.ts'), 'diffCatalogs'),
  metrics: one(() => import('./metrics.ts'), 'metrics'),
  movers: one(() => import('./movers.ts'), 'movers'),
  coverage: one(() => import('./coverage.ts'), 'coverage'),
  activity: one(() => import('./activity.ts'), 'activity'),
  changes: one(() => import('./changes.ts'), 'changes'),
  listConsumers: one(() => import('./consumers.ts'), 'listConsumers'),
  forgetConsumer: one(() => import('./consumers.ts'), 'forgetConsumer'),
  tables: one(() => import('./tables.ts'), 'tables'),
  sql: one(() => import('./sql.ts'), 'sql'),
  search: one(() => import('./search.ts'), 'search'),
  gaps: one(() => import('./gaps.ts'), 'gaps'),
  audit: one(() => import('./audit.ts'), 'audit'),
  auditLog: one(() => import('./audit-log.ts'), 'auditLog'),
  workers: one(() => import('./workers.ts'), 'workers'),
  doctor: one(() => import('./doctor.ts'), 'doctor'),
  backup: one(() => import('./backup.ts'), 'backup'),
  restore: one(() => import('./backup.ts'), 'restore'),
  migrate: one(() => import('./migrate.ts'), 'migrate'),
  projects: one(() => import('./projects.ts'), 'projects'),
  createProject: one(() => import('./projects.ts'), 'createProject'),
  createBlend: one(() => import('./blends.ts'), 'createBlend'),
  listBlends: one(() => import('./blends.ts'), 'listBlends'),
  showBlend: one(() => import('./blends.ts'), 'showBlend'),
  dropBlend: one(() => import('./blends.ts'), 'dropBlend'),
  setValues: one(() => import('./blends.ts'), 'setValues'),
  unsetValues: one(() => import('./blends.ts'), 'unsetValues'),
  tokens: one(() => import('./tokens.ts'), 'tokens'),
  createToken: one(() => import('./tokens.ts'), 'createToken'),
  revokeToken: one(() => import('./tokens.ts'), 'revokeToken'),
  listWebhooks: one(() => import('./webhooks.ts'), 'listWebhooks'),
  createWebhook: one(() => import('./webhooks.ts'), 'createWebhook'),
  showWebhook: one(() => import('./webhooks.ts'), 'showWebhook'),
  deleteWebhook: one(() => import('./webhooks.ts'), 'deleteWebhook'),
  testWebhook: one(() => import('./webhooks.ts'), 'testWebhook'),
  replayWebhook: one(() => import('./webhooks.ts'), 'replayWebhook'),
  pushKey: one(() => import('./push.ts'), 'pushKey'),
  subscribe: one(() => import('./push.ts'), 'subscribe'),
  subscriptions: one(() => import('./push.ts'), 'subscriptions'),
  unsubscribe: one(() => import('./push.ts'), 'unsubscribe'),
  testPush: one(() => import('./push.ts'), 'testPush'),
  showKey: one(() => import('./keys.ts'), 'showKey'),
  rotateKeys: one(() => import('./keys.ts'), 'rotateKeys'),
  forgetOldKeys: one(() => import('./keys.ts'), 'forgetOldKeys'),
  resetKey: one(() => import('./keys.ts'), 'resetKey'),
  checkKey: one(() => import('./keys.ts'), 'checkKey'),
  checkSecrets: one(() => import('./keys.ts'), 'checkSecrets'),
} as const

export type OperationName = keyof typeof OPERATIONS
type Call<Name extends OperationName> = (typeof OPERATIONS)[Name] extends () => Promise<{
  readonly run: (on: never, given: infer Given, hooks: infer Watching) => infer Result
}>
  ? { readonly args: Partial<Given>; readonly options: Partial<Given & Watching>; readonly result: Awaited<Result> }
  : never

export type PerformArguments<Name extends OperationName> = [args: Call<Name>['args'], options?: Call<Name>['options']]
export type PerformResult<Name extends OperationName> = Call<Name>['result']

/** An operation by its name. */
export async function operationNamed(name: OperationName): Promise<Described> {
  return OPERATIONS[name]()
}

/** Loads an operation by its name and does it. @throws TidemarkError as `perform` and the operation do */
export async function performNamed<Name extends OperationName>(
  name: Name,
  mirror: Mirror,
  args: Call<Name>['args'],
  options: Call<Name>['options'] = {},
): Promise<Call<Name>['result']> {
  const operation = (await OPERATIONS[name]()) as Operation<object, never>
  return perform(operation, mirror, args, options)
}

/** Every operation, in the order in which the docs list them. */
export async function allOperations(): Promise<readonly Described[]> {
  return Promise.all(Object.values(OPERATIONS).map((load) => load()))
}
