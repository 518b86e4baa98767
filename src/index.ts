// Owns the public face: names only.

import './node-version.ts'

export { type Config, type DeclaredConnection, defineConfig } from './config.ts'
export type { ConnectionOf, MetricsQuery, PlanOrder, RecordsQuery, SyncOrder, Version } from './connection.ts'
export { Connection } from './connection.ts'
export type { ColumnsOf, NameOf, OrderOf, RecordMarks, RecordOnly, RecordWith, Schemas } from './connector/columns.ts'
export type {
  CatalogOf,
  Connector,
  Embeds,
  Failure,
  GivenOptions,
  HttpSettings,
  Limit,
  Outgoing,
  RawAnswer,
  RecordOf,
  Renewal,
  SchemasOf,
  Service,
  Stream,
} from './connector/connector.ts'
export { defineConnector, stream } from './connector/connector.ts'
export { csvRows } from './connector/csv.ts'
export { decimal, flag, id, integer, json, real, text } from './connector/fields.ts'
export type {
  Ask,
  AskKeys,
  AskNewest,
  Job,
  JobFind,
  JobPoll,
  JobPrice,
  JobRead,
  JobStart,
  JobState,
} from './connector/job.ts'
export { type JsonList, jsonLists } from './connector/json-lists.ts'
export { secret, z } from './connector/options.ts'
export type {
  Http,
  HttpAnswer,
  HttpInit,
  KeysPage,
  KeysRequest,
  Page,
  PageRequest,
  RefreshRequest,
  Testimony,
  Where,
  WindowRequest,
} from './connector/page.ts'
export { linkHeader, rows } from './connector/page.ts'
export type {
  ByCursor,
  FullPass,
  Listing,
  NewestByJob,
  NewestFirst,
  Paging,
  Pass,
  Refresh,
  RefreshByJob,
  Summary,
  SummaryRequest,
  Upload,
} from './connector/passes.ts'
export { byCursor, fullPass, newestFirst, refresh, summary, upload } from './connector/passes.ts'
export type { UploadedFile, UploadRequest } from './connector/uploaded.ts'
export { type Delivery, type Hint, sameSignature, standardWebhook, type Webhook } from './connector/webhook.ts'
export type { Retention } from './engine/followers/retention.ts'
export type { Catalog, CatalogDiff, CatalogInfo } from './engine/history/catalogs.ts'
export type { Explanation } from './engine/history/explain.ts'
export type { Change, ChangesQuery, Consumer } from './engine/history/feed.ts'
export type { MetricPoint, MetricsReport } from './engine/history/metrics.ts'
export type { IncomingWebhook } from './engine/inbox/receive.ts'
export { Allowance, type Caps } from './engine/passes/allowance.ts'
export type {
  Budget,
  CheckOutcome,
  CheckReport,
  ConnectionStatus,
  PlanReport,
  Removals,
  ScheduleStatus,
  Standing,
  StreamStatus,
  ToDo,
} from './engine/runs/documents.ts'
export type { RunEvent } from './engine/runs/events.ts'
export type { RunProgress } from './engine/runs/progress.ts'
export type { ScheduledRun } from './engine/schedules/scheduler.ts'
export type { ScheduleWish } from './engine/schedules/set-schedule.ts'
export type { Coverage, CoverageKind } from './model/coverage.ts'
export type { ErrorCode, ErrorDetails, ErrorReport, Scope, Sentence, SourceVerdict, Verdict } from './model/errors.ts'
export { ConnectorError, TidemarkError } from './model/errors.ts'
export type { Logger } from './model/ports.ts'
export type { Counts, Ended, Progress, RunMode, RunReport, RunStatus } from './model/run.ts'
export type { OpenOptions, RestoreOptions } from './open.ts'
export { migrateDatabase, openTidemark, restoreBackup } from './open.ts'
export type { Activity, ActivityQuery } from './operations/activity.ts'
export type { AuditReport } from './operations/audit.ts'
export type { AuditLogQuery, Deed } from './operations/audit-log.ts'
export type { Backup, Restored } from './operations/backup.ts'
export type { BudgetLimits } from './operations/budgets.ts'
export type { ConnectOptions } from './operations/connect.ts'
export type { StreamCoverage } from './operations/coverage.ts'
export type { Diagnosis } from './operations/doctor.ts'
export type { ConnectionDocument } from './operations/documents/connection.ts'
export type { ConnectorDocument } from './operations/documents/connector.ts'
export type { Gap, GapsQuery } from './operations/gaps.ts'
export type { Migration } from './operations/migrate.ts'
export type { Moment } from './operations/moments.ts'
export type { MoversReport } from './operations/movers.ts'
export type { Project } from './operations/projects.ts'
export type { PushKey, SubscribeInput, Subscription } from './operations/push.ts'
export type { LogEntry } from './operations/run-log.ts'
export type { RunsQuery } from './operations/runs.ts'
export type { SearchInput, SearchReport } from './operations/search.ts'
export type { SqlResult } from './operations/sql.ts'
export type { PlanAllReport, SyncAllHooks, SyncAllInput, SyncAllReport, SyncEntry } from './operations/sync-all.ts'
export type { Table } from './operations/tables.ts'
export type { CreatedToken, NewTokenInput, Token } from './operations/tokens.ts'
export type { UploadDiff, UploadReport } from './operations/upload.ts'
export type {
  CreatedWebhook,
  NewWebhookInput,
  ShownWebhook,
  WebhookDocument,
  WebhookMessage,
} from './operations/webhooks.ts'
export type { Workers } from './operations/workers.ts'
export { Tidemark } from './tidemark.ts'
export type { UploadSource } from './uploads/open.ts'
