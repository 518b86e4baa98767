// Owns the verbs of a mirror that ask, decide and set: each is one operation, and none of them keeps anything here.

import type { SecretCheck } from './engine/health/check-secrets.ts'
import type { LostSecrets } from './engine/health/reset-secrets.ts'
import type { Change, ChangesQuery } from './engine/history/feed.ts'
import type { Decided, Verdict as RemovalVerdict } from './engine/review/decide-removals.ts'
import type { Retried } from './engine/review/retry-quarantine.ts'
import type { Budget, ConnectionStatus, Removals, SetAside } from './engine/runs/documents.ts'
import type { Key } from './model/record.ts'
import type { RunReport } from './model/run.ts'
import type { Activity, ActivityQuery } from './operations/activity.ts'
import { performNamed } from './operations/all.ts'
import type { AuditReport } from './operations/audit.ts'
import type { AuditLogQuery, Deed } from './operations/audit-log.ts'
import type { Batch, OrderAllHooks, OrderAllInput } from './operations/batches.ts'
import type { BudgetLimits, BudgetOf } from './operations/budgets.ts'
import type { StreamCoverage } from './operations/coverage.ts'
import type { Diagnosis, DoctorInput } from './operations/doctor.ts'
import type { Gap, GapsQuery } from './operations/gaps.ts'
import type { ForgetOldKeys, KeyReport, ResetKey, Rotated, RotateKeys, RotateKeysHooks } from './operations/keys.ts'
import type { Mirror } from './operations/mirror.ts'
import type { Ordered } from './operations/order-run.ts'
import type { Project } from './operations/projects.ts'
import type { ConnectionQuery } from './operations/quarantine.ts'
import type { LogEntry } from './operations/run-log.ts'
import type { RunsQuery } from './operations/runs.ts'
import type { SearchInput, SearchReport } from './operations/search.ts'
import type { SqlHooks, SqlInput, SqlResult } from './operations/sql.ts'
import type { Table } from './operations/tables.ts'
import type { CreatedToken, NewTokenInput, Token } from './operations/tokens.ts'
import type { Workers } from './operations/workers.ts'

/** What a mirror that is open can be asked and told. `Tidemark` is one; it adds its connections, its syncs and its life. */
export abstract class Verbs {
  readonly #mirror: Mirror

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  // ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** How fresh and complete every stream is, with runs, schedules and to-dos. @throws TidemarkError connection_unknown */
  async status(query: ConnectionQuery = {}): Promise<readonly ConnectionStatus[]> {
    return performNamed('status', this.#mirror, {}, query)
  }

  /** Which times of each stream were read, by the order of its source, and which not. @throws TidemarkError connection_unknown, connector_unknown */
  async coverage(connection: string): Promise<readonly StreamCoverage[]> {
    return performNamed('coverage', this.#mirror, { connection })
  }

  /** Newest first. */
  async runs(query: RunsQuery = {}): Promise<readonly RunReport[]> {
    return performNamed('runs', this.#mirror, {}, query)
  }

  /** @throws TidemarkError run_unknown */
  async run(id: string): Promise<RunReport> {
    return performNamed('run', this.#mirror, { run: id })
  }

  /** What a run did, in its order: each request with its answer, what was noted, and how it ended. @throws TidemarkError run_unknown */
  async *runLog(id: string): AsyncGenerator<LogEntry> {
    yield* await performNamed('runLog', this.#mirror, { run: id })
  }

  /** What became of a run that was ordered. @throws TidemarkError order_unknown */
  async ordered(order: string): Promise<Ordered> {
    return performNamed('ordered', this.#mirror, { order })
  }

  /**
   * Orders a run of every connection, of this project or of several, which goes on without the caller.
   *
   * @throws TidemarkError project_unknown, option_invalid
   */
  async orderAll(asked: OrderAllInput & OrderAllHooks = {}): Promise<Batch> {
    return performNamed('orderAll', this.#mirror, {}, asked)
  }

  /** What runs came to that were ordered together. @throws TidemarkError batch_unknown */
  async batch(id: string): Promise<Batch> {
    return performNamed('batch', this.#mirror, { batch: id })
  }

  /** Asks a run to stop after its current page. False: it is over already. @throws TidemarkError run_unknown */
  async cancel(id: string): Promise<boolean> {
    return performNamed('cancel', this.#mirror, { run: id })
  }

  /**
   * All budgets, of one name, or those that a connection draws on, with what is spent. A name that both a connection and a
   * connector have means both, unless `scope` says which.
   *
   * @throws TidemarkError budget_unknown (stop), connection_unknown
   */
  async budgets(name?: string, query: ConnectionQuery & BudgetOf = {}): Promise<readonly Budget[]> {
    return performNamed('budgets', this.#mirror, name === undefined ? {} : { name }, query)
  }

  /**
   * Limits what a connection, or all connections of a connector, may use; null takes a limit away, and what is left out
   * stays as it is. A name that both have means the connection, unless `scope` says connector.
   *
   * @throws TidemarkError budget_unknown (stop) when there is neither
   */
  async setBudget(name: string, limits: BudgetLimits & BudgetOf): Promise<void> {
    return performNamed('setBudget', this.#mirror, { name }, limits)
  }

  // ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** What runs have held or removed, and what waits for a second witness; the newest first. @throws TidemarkError connection_unknown */
  async removals(limit?: number, query: ConnectionQuery = {}): Promise<readonly Removals[]> {
    return performNamed('removals', this.#mirror, limit === undefined ? {} : { limit }, query)
  }

  /** The keys that a run was the first to miss and that wait for a second witness, of a row that `removals` has given. */
  async unconfirmed(row: Pick<Removals, 'run' | 'connection' | 'stream'>): Promise<readonly Key[]> {
    const { run, connection, stream }: typeof row = row ?? {}
    return performNamed('unconfirmed', this.#mirror, { run, connection, stream })
  }

  /**
   * Approves or rejects the removals that a run holds, or undoes all that a run has removed. What is rejected or brought
   * back stays until its source lists it again.
   *
   * @throws TidemarkError run_unknown, removals_unknown (stop), run_active (wait)
   */
  async decideRemovals(verdict: RemovalVerdict, runId: string): Promise<Decided> {
    return performNamed('decideRemovals', this.#mirror, { verdict, run: runId })
  }

  /** Texts of records that could not be read; those included of which a newer content came (`supersededAt`). */
  async *quarantine(query: ConnectionQuery = {}): AsyncGenerator<SetAside> {
    yield* await performNamed('quarantine', this.#mirror, {}, query)
  }

  /** Reads again what is in quarantine, with the connectors as they are now. */
  async retryQuarantine(query: ConnectionQuery = {}): Promise<Retried> {
    return performNamed('retryQuarantine', this.#mirror, {}, query)
  }

  // ── looking, serving, keys ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * Records by their words: several mean all of them, each may be the beginning of one.
   *
   * @throws TidemarkError connection_unknown, option_invalid, moment_invalid
   */
  async search(words: string, query: Omit<SearchInput, 'text'> = {}): Promise<SearchReport> {
    return performNamed('search', this.#mirror, { text: words }, query)
  }

  /** What is known not to have been read: walks that broke off, what runs could not prove. @throws TidemarkError connection_unknown */
  async gaps(query: GapsQuery = {}): Promise<readonly Gap[]> {
    return performNamed('gaps', this.#mirror, {}, query)
  }

  /** What is missing, what waits, and what looks as if a source shows less than it has. */
  async audit(connection?: string): Promise<AuditReport> {
    return performNamed('audit', this.#mirror, connection === undefined ? {} : { connection })
  }

  /** Who has started, changed or ended what, the newest first. @throws TidemarkError moment_invalid */
  async auditLog(query: AuditLogQuery = {}): Promise<readonly Deed[]> {
    return performNamed('auditLog', this.#mirror, {}, query)
  }

  /** Who works on the whole database, what waits for them, and the limits that they share. */
  async workers(): Promise<Workers> {
    return performNamed('workers', this.#mirror, {})
  }

  /** What has changed, the newest first; programs follow `changes`. @throws TidemarkError connection_unknown */
  async activity(query: ActivityQuery = {}): Promise<readonly Activity[]> {
    return performNamed('activity', this.#mirror, {}, query)
  }

  /** Whether this machine, the database and its keys are as they should be, a verdict for each check. */
  async doctor(options: DoctorInput = {}): Promise<Diagnosis> {
    return performNamed('doctor', this.#mirror, {}, options)
  }

  /**
   * The change feed, in its order, until it is read up; with `follow` until the signal aborts.
   *
   * @throws TidemarkError feed_reset, feed_pruned, cursor_invalid, consumer_invalid
   */
  async *changes(query: ChangesQuery = {}): AsyncGenerator<Change> {
    yield* await performNamed('changes', this.#mirror, {}, query)
  }

  /**
   * Asks the database with one statement that reads, over the tables that every stream is.
   *
   * @throws TidemarkError sql_refused, sql_failed, sql_timeout, sql_row_too_large
   */
  async sql(statement: string, options: Omit<SqlInput, 'statement'> & SqlHooks = {}): Promise<SqlResult> {
    return performNamed('sql', this.#mirror, { statement }, options)
  }

  /** The tables that `sql` reads, with their columns and rows; or one. @throws TidemarkError table_unknown */
  async tables(name?: string): Promise<readonly Table[]> {
    return performNamed('tables', this.#mirror, name === undefined ? {} : { name })
  }

  /** The projects of the database. */
  async projects(): Promise<readonly Project[]> {
    return performNamed('projects', this.#mirror, {})
  }

  /** @throws TidemarkError id_invalid, timezone_invalid, project_exists */
  async createProject(id: string, options: { readonly timezone?: string | undefined } = {}): Promise<Project> {
    return performNamed('createProject', this.#mirror, { id }, options)
  }

  /** The project's tokens for calls of the server, those in force. */
  async tokens(): Promise<readonly Token[]> {
    return performNamed('tokens', this.#mirror, {})
  }

  /** Makes one. It is in the answer this once. @throws TidemarkError option_invalid */
  async createToken(options: NewTokenInput): Promise<CreatedToken> {
    return performNamed('createToken', this.#mirror, {}, options)
  }

  /** From now on it may do nothing. @throws TidemarkError token_unknown */
  async revokeToken(id: string): Promise<Token> {
    return performNamed('revokeToken', this.#mirror, { id })
  }

  /**
   * A new key, a new data key, and every secret encrypted again, while other processes keep working.
   *
   * @throws TidemarkError rotation_active (wait), key_missing, key_wrong, key_new_missing, key_unwritable (stop)
   */
  async rotateKeys(order: RotateKeys & RotateKeysHooks = {}): Promise<Rotated> {
    return performNamed('rotateKeys', this.#mirror, {}, order)
  }

  /**
   * Deletes the old key files that open nothing in this database, and returns their paths; with `dryRun` only names
   * them. Other databases and older backups may still need them.
   *
   * @throws TidemarkError rotation_active (wait)
   */
  async forgetOldKeys(order: ForgetOldKeys = {}): Promise<readonly string[]> {
    return performNamed('forgetOldKeys', this.#mirror, {}, order)
  }

  /**
   * Forgets the secrets, of all projects, that no key at hand opens; their connections are paused until they are
   * connected with a new login. With `dryRun` only names them.
   *
   * @throws TidemarkError key_invalid, key_unreadable, key_missing (a key file that was named is not there)
   */
  async resetKey(order: ResetKey = {}): Promise<readonly LostSecrets[]> {
    return performNamed('resetKey', this.#mirror, {}, order)
  }

  /** The key that encrypts the secrets, by a name that does not reveal it. */
  async showKey(): Promise<KeyReport> {
    return performNamed('showKey', this.#mirror, {})
  }

  /** @throws TidemarkError key_missing, key_wrong, key_invalid, key_unreadable, secret_unreadable */
  async checkKey(): Promise<void> {
    return performNamed('checkKey', this.#mirror, {})
  }

  /** Decrypts every secret of the database, of all projects. */
  async checkSecrets(): Promise<readonly SecretCheck[]> {
    return performNamed('checkSecrets', this.#mirror, {})
  }
}
