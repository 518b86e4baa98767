// Owns one run of a connection, from claim to end: lease, heartbeat, plan, the streams one after the other, and what is
// said of it all. One run per connection at a time; whoever asks meanwhile is told which.

import type { Connector, Stream } from '../../connector/connector.ts'
import { scrubbedEvent, scrubber } from '../../http/scrub.ts'
import { type CoverageCounts, NOTHING_COUNTED } from '../../model/coverage.ts'
import { asError, type ErrorReport, errorReport, LeaseLost, scopeOf, TidemarkError } from '../../model/errors.ts'
import type { Logger } from '../../model/ports.ts'
import type { RunStatus } from '../../model/run.ts'
import type { Scrub } from '../../model/shown.ts'
import {
  type ConnectionRow,
  type FinishedCatalog,
  type FinishRun,
  type Lease,
  PURGING,
  type RequestRow,
  type RunRow,
  type StreamState,
} from '../../store/store.ts'
import { dayIn } from '../due/day.ts'
import { askingAgain } from '../passes/ask-again.ts'
import { Purse } from '../passes/budget.ts'
import { type Abort, Cancellation } from '../passes/cancellation.ts'
import type { Decisions } from '../passes/decisions.ts'
import { fillColumns } from '../passes/fill-columns.ts'
import { DECISIONS } from '../passes/kinds/all.ts'
import { SharedPages } from '../passes/listing/joint-pages.ts'
import { storeShownToOthers } from '../passes/listing/shown-to-others.ts'
import { Patience } from '../passes/patience.ts'
import { placeholders } from '../passes/placeholders.ts'
import { readFiltered, readKeys, readRange } from '../passes/read-part.ts'
import { parserOf } from '../passes/rows/stored-shape.ts'
import { endPass, runStream } from '../passes/run-stream.ts'
import { openStreamRun, type RunScope, type StreamRun, type World, writeRest } from '../passes/stream-run.ts'
import { isCompletion, isWholeFile, readUpload, waitingNote, waitsForFiles } from '../passes/uploads/upload.ts'
import { askedLogin } from './asked-login.ts'
import { type OpenedConnection, openConnection } from './connection.ts'
import { connectionHttp, type HttpPorts } from './connection-http.ts'
import type { Events } from './events.ts'
import { giveBack, LEASE_MS, leaseLost, mustHold, startHeartbeat, takeLease } from './lease.ts'
import { allowanceOf, isCapped, isPart, type RunOrder, streamNames, summaryOf } from './order.ts'
import { CANCELLED, endedBy, endOf, endsRun, isRefusal } from './outcome.ts'
import { type RunProgress, totalOf } from './progress.ts'
import { runActive } from './run-active.ts'
import { namedSecrets, renameLimits, secretTexts } from './secret-texts.ts'
import { connectionPaused, deletedMeanwhile, keepsOut, LOGIN_NEEDED, withLogin } from './standing.ts'
import { writeCatalog } from './write-catalog.ts'

export interface RunPorts extends Omit<World, 'decisions'>, HttpPorts {
  /** @default DECISIONS; a simulation replaces them */
  readonly decisions?: Decisions | undefined
  readonly events: Events
  /** Runs of this process that are under way: whoever closes the store cancels them by `closing`, and awaits them first. */
  readonly underWay?: Set<Promise<unknown>>
}

/**
 * Runs a connection and returns the run as it was stored. The connection is opened as it is once nobody else runs it.
 *
 * @throws TidemarkError run_active when a run of the connection is under way; connection_paused, connection_unknown,
 *   stream_unknown, options_invalid and the like before a run was opened. What goes wrong in the run is in its status and
 *   error.
 */
export async function runConnection(
  ports: RunPorts,
  connector: Connector,
  connection: Pick<ConnectionRow, 'no' | 'project' | 'id'>,
  order: RunOrder,
): Promise<RunRow> {
  const { closing, underWay } = ports
  if (closing?.aborted) throw new TidemarkError('closed', 'The database is being closed.', { scope: 'run' })
  const run = runLeased(ports, connector, connection, order)
  underWay?.add(run)
  try {
    return await run
  } finally {
    underWay?.delete(run)
  }
}

async function runLeased(
  ports: RunPorts,
  connector: Connector,
  { no, project, id }: Pick<ConnectionRow, 'no' | 'project' | 'id'>,
  order: RunOrder,
): Promise<RunRow> {
  const names = streamNames(connector, order)
  const taken = await takeLease(ports, `connection:${no}`)
  if ('heldBy' in taken) {
    throw await runActive(ports.store, { project, connectionNo: no, connection: id }, taken.heldBy)
  }
  try {
    // Under the lease, where no purge can begin any more.
    const row = await ports.store.connections.find(project, id)
    if (row?.no !== no || row.paused.includes(PURGING)) throw deletedMeanwhile(id)
    if (keepsOut(row.paused, order.upload !== undefined))
      throw connectionPaused(row, connector, await askedLogin(ports.store, connector, row))
    const opened = await openConnection(ports, connector, row)
    await renameLimits(ports.store, opened)
    const begun = await openRun(ports, opened, order, { names, lease: taken.lease })
    return await new Run(ports, opened, order, begun).execute()
  } finally {
    await giveBack(ports, taken.lease)
  }
}

/** A run as it begins. */
interface Begun {
  readonly row: RunRow
  readonly names: readonly string[]
  readonly lease: Lease
  /** On the clock that never steps. */
  readonly startedMono: number
}

async function openRun(
  { store, clock, chance, holder }: RunPorts,
  { row: { no, project }, connector }: OpenedConnection,
  order: RunOrder,
  { names, lease }: Pick<Begun, 'names' | 'lease'>,
): Promise<Begun> {
  const startedAt = clock.now()
  const startedMono = clock.mono()
  const row = await store.runs.open({
    id: chance.id(startedAt),
    lease,
    project,
    connectionNo: no,
    mode: order.mode,
    streams: names,
    connectorVersion: connector.service.version ?? '1',
    currency: connector.service.currency ?? null,
    partial: isPart(order),
    capped: isCapped(order),
    order: order.order,
    at: startedAt,
    holder,
  })
  return { row, names, lease, startedMono }
}

class Run {
  readonly #ports: RunPorts & World
  readonly #opened: OpenedConnection
  readonly #order: RunOrder
  readonly #names: readonly string[]
  readonly #lease: Lease
  readonly #abort = new AbortController()
  readonly #cancellation = new Cancellation(this.#abort)
  readonly #patience = new Patience(this.#abort.signal)
  readonly #ledger: RequestRow[] = []
  /** What it does not read before a person has uploaded a file. */
  readonly #waiting: string[] = []
  readonly #streams: StreamRun[] = []
  readonly #scrub: Scrub
  readonly #row: RunRow
  readonly #startedMono: number
  #pages = 0
  #isOver = false

  constructor(ports: RunPorts, opened: OpenedConnection, order: RunOrder, begun: Begun) {
    const scrub = scrubber(() => secretTexts(opened))
    this.#ports = { ...ports, decisions: ports.decisions ?? DECISIONS, logger: scrubbingLogger(ports.logger, scrub) }
    this.#opened = opened
    this.#order = order
    this.#names = begun.names
    this.#lease = begun.lease
    this.#row = begun.row
    this.#startedMono = begun.startedMono
    this.#scrub = scrub
  }

  async execute(): Promise<RunRow> {
    const { store, logger } = this.#ports
    const { row } = this.#opened
    logger.event('info', 'run.started', { run: this.#row.id, connection: row.id, mode: this.#order.mode })
    this.#ports.events.tell(() => ({ type: 'run.started', ...this.#named() }))
    const heartbeat = startHeartbeat(this.#ports, this.#lease, {
      lost: () => void this.#lose(),
      beat: async () => {
        this.#patience.look()
        this.#cancellation.look()
        if (await store.runs.cancelRequested(this.#row.no)) this.#cancellation.ask()
      },
    })
    const onSignal = () => this.#cancellation.ask()
    // Asked for in this process, it need not wait for the heartbeat.
    const deaf = this.#ports.events.listen(({ type, run }) => {
      if (type === 'run.stopping' && run === this.#row.id) this.#cancellation.ask()
    })
    const signals = [this.#order.signal, this.#ports.closing].filter((signal) => signal !== undefined)
    const stop = AbortSignal.any(signals)
    try {
      stop.addEventListener('abort', onSignal, { once: true })
      if (stop.aborted) onSignal()
      const scope = await this.#scope()
      return await this.#finish(scope, await this.#readStreams(scope))
    } catch (error) {
      if (this.#abort.signal.reason === 'lease_lost') throw leaseLost(row.id)
      if (error instanceof LeaseLost) throw error
      return await this.#giveUp(error)
    } finally {
      heartbeat.stop()
      deaf()
      // Lost to another process, or to a database that is away: whoever takes it over finds it interrupted.
      if (!this.#isOver) this.#ended('failed', false)
      // A page that was being read ahead when the run ended is nobody's any more.
      this.#abort.abort('over' satisfies Abort)
      stop.removeEventListener('abort', onSignal)
    }
  }

  async #scope(): Promise<RunScope> {
    const { store } = this.#ports
    const { row } = this.#opened
    const project = (await store.projects.list()).find(({ id }) => id === row.project)
    const { currency } = this.#row
    const spender = { project: row.project, connector: row.connector, connection: row.id, currency }
    const purse = await Purse.open(this.#ports, spender, allowanceOf(this.#order))
    const asking = {
      signal: this.#abort.signal,
      record: (request: RequestRow) => void this.#ledger.push(request),
      beforeTry: () => purse.takeRequest(),
    }
    return {
      world: this.#ports,
      http: connectionHttp(this.#ports, this.#opened, asking, this.#cancellation),
      purse,
      options: this.#opened.options,
      currency: this.#row.currency,
      project: this.#opened.row.project,
      connection: this.#opened.row.id,
      runNo: this.#row.no,
      runId: this.#row.id,
      startedMono: this.#startedMono,
      signal: this.#abort.signal,
      cancellation: this.#cancellation,
      patience: this.#patience,
      lease: this.#lease,
      leaseMs: LEASE_MS,
      mustHold: () => mustHold(this.#ports, this.#lease, () => this.#lose()),
      scrub: this.#scrub,
      placeholders: placeholders(() => namedSecrets(this.#opened)),
      dayOf: dayIn(project?.timezone ?? 'UTC'),
      ledger: this.#ledger,
      intents: new Map(),
      settlements: new Map(),
      carried: 0,
      asked: 0,
      shared: new SharedPages(),
      nextPage: () => ++this.#pages,
      streamOf: (name) => this.#streams.find((run) => run.name === name),
      onPage: () => {
        const progress = () => this.#progress(purse.requests)
        this.#order.onProgress?.(progress())
        this.#ports.events.tell(() => ({ type: 'run.progress', ...this.#named(), progress: progress() }))
      },
    }
  }

  /**
   * Any run may end before its last stream, by a cap, a limit or a signal: those come first that earlier ones did not reach;
   * those that are made of others come last.
   */
  async #inTurn(): Promise<readonly string[]> {
    const rows = await this.#ports.store.streams.list(this.#opened.row.no)
    const readAt = new Map(rows.map(({ stream, lastRunAt }) => [stream, lastRunAt]))
    const { streams } = this.#opened.connector
    const isMade = (name: string) => Number(summaryOf(streams[name] as Stream) !== undefined)
    return this.#names.toSorted((a, b) => isMade(a) - isMade(b) || (readAt.get(a) ?? 0) - (readAt.get(b) ?? 0))
  }

  async #readStreams(scope: RunScope): Promise<readonly ErrorReport[]> {
    const { store } = this.#ports
    const { connector, row } = this.#opened
    const failures: ErrorReport[] = []
    let over: Error | undefined
    for (const name of await this.#inTurn()) {
      // The rest of a part that was ordered is told, or is kept as a gap.
      if (over && !isPart(this.#order)) break
      const parser = await parserOf(store, row.no, connector, name)
      const streamRow = await store.streams.define(row.no, parser.shape)
      const stream = connector.streams[name] as Stream
      const filled = await fillColumns(store, this.#lease, streamRow, parser, this.#abort.signal)
      if (filled > 0) {
        const columns = streamRow.unfilled
        this.#ports.logger.event('info', 'columns.filled', { run: this.#row.id, stream: name, columns, filled })
      }
      const state = await store.streams.state(streamRow.no)
      if (!this.#order.upload && waitsForFiles(stream, streamRow, state)) {
        if (streamRow.lastSuccessAt === null) this.#waiting.push(waitingNote(row.id, name))
        continue
      }
      const run = openStreamRun(scope, {
        name,
        stream: askingAgain(stream, scope),
        parser,
        row: streamRow,
        state,
        options: row.options,
      })
      this.#streams.push(run)
      try {
        await this.#readStream(run, state, over)
      } catch (thrown) {
        const error = asError(thrown)
        failures.push(await this.#endStream(run, error))
        if (this.#abort.signal.aborted || endsRun(scopeOf(error))) over ??= error
      }
    }
    for (const run of this.#streams) {
      try {
        await storeShownToOthers(run)
      } catch (thrown) {
        failures.push(await this.#endStream(run, asError(thrown)))
      }
    }
    return failures
  }

  async #readStream(run: StreamRun, state: StreamState, over: Error | undefined): Promise<void> {
    const { where, range, keys, upload, mode } = this.#order
    if (upload) await readUpload(run, upload)
    if (where) return readFiltered(run, where, over)
    if (range) return readRange(run, range, over)
    if (keys) return readKeys(run, keys[run.name] ?? [], over)
    const { clock, decisions, logger } = this.#ports
    const planned = decisions.planStream({
      passes: upload ? run.stream.passes.filter(isCompletion) : run.stream.passes,
      mode,
      row: run.row,
      state: { ...state, openWalks: run.openWalks },
      confirm: run.kept.confirm ?? false,
      isAnew: run.isAnew,
      now: clock.now(),
      fullMayWait: this.#order.fullMayWait,
    })
    const passes = planned.map(({ pass, why }) => ({ pass: pass.kind, why }))
    logger.event('info', 'plan.made', { run: run.scope.runId, stream: run.name, passes })
    await runStream(run, planned, mode)
  }

  /** A connector may throw whatever it likes, with what it knows in it. */
  #told(error: unknown): ErrorReport {
    const said = errorReport(error, this.#scrub)
    // Only who asked for it cancels a run: a connector that says so has failed.
    const isClaimed = said.code === 'cancelled' && !this.#abort.signal.aborted
    const report = isClaimed ? { ...said, code: 'connector_invalid' } : said
    const { connector, row } = this.#opened
    if (report.code === 'unexpected') return { ...report, hint: this.#whoseBug() }
    return withLogin(report, connector, row)
  }

  #whoseBug(): string {
    const { name } = this.#opened.connector.service
    return `A bug in the connector "${name}", or in Tidemark. Where it comes from: TIDEMARK_LOG=error tidemark sync ${this.#opened.row.id}`
  }

  #lose(): Error {
    this.#abort.abort('lease_lost' satisfies Abort)
    return leaseLost(this.#opened.row.id)
  }

  /** Writes how far a stream came when an error ended it. Losing the lease leaves nothing to write. */
  async #endStream(run: StreamRun, error: Error): Promise<ErrorReport> {
    if (this.#abort.signal.reason === 'lease_lost') throw leaseLost(this.#opened.row.id)
    if (error instanceof LeaseLost) throw error
    const cancelled = this.#abort.signal.aborted
    const report = cancelled ? CANCELLED : this.#told(error)
    if (!cancelled && report.code === 'unexpected') {
      const { stack } = asError(error instanceof TidemarkError ? error.cause : error)
      this.#ports.logger.event('error', 'run.failed', { run: this.#row.id, code: report.code, stack })
    }
    if (!cancelled && isRefusal(report, scopeOf(error))) run.refusal = report.message
    await endPass(run, endedBy(report), report.message)
    return report
  }

  async #finish(scope: RunScope, failures: readonly ErrorReport[]): Promise<RunRow> {
    const { store, clock, logger } = this.#ports
    const { row } = this.#opened
    const { loginVersion } = this.#opened
    const { error, status, notes, ...said } = endOf(this.#streams, {
      failures,
      counted: await this.#counted(),
      isPart: isPart(this.#order) && !isWholeFile(this.#order, this.#streams),
      isCancelled: this.#abort.signal.reason === 'cancelled',
      mode: this.#order.mode,
      scrub: this.#scrub,
    })
    const catalog = status === 'succeeded' ? await this.#writeCatalog() : {}
    const finished: Omit<FinishRun, 'requests'> = {
      ...said,
      status,
      notes: [...notes, ...this.#waiting, ...(catalog.failed === undefined ? [] : [catalog.failed])],
      catalog: catalog.written,
      error: error ?? null,
      pause: error?.verdict === 'pause' ? { connectionNo: row.no, reason: LOGIN_NEEDED, loginVersion } : undefined,
      lease: this.#lease,
      runNo: this.#row.no,
      at: clock.now(),
    }
    const stored = await writeRest(scope, (rest) => store.runs.finish({ ...finished, ...rest }))
    this.#ended(status)
    const snapshots = this.#streams.reduce((sum, run) => sum + run.counts.snapshots, 0)
    if (snapshots > 0) logger.event('info', 'snapshots.written', { run: this.#row.id, snapshots })
    if (catalog.written) {
      const { n, parts, bytes, stats } = catalog.written
      const { totals, newItemsAdded } = stats
      const named = { run: this.#row.id, connection: row.id, catalog: n }
      logger.event('info', 'catalog.published', { ...named, parts, bytes, totals, new: newItemsAdded })
    }
    if (status === 'failed' || status === 'paused') {
      logger.event('error', 'run.failed', { run: this.#row.id, code: error?.code })
    }
    logger.event('info', 'run.finished', { run: this.#row.id, status, requests: scope.purse.requests })
    return stored
  }

  /** A catalog that can't be written leaves the run as good as it was, and is told. */
  async #writeCatalog(): Promise<{ readonly written?: FinishedCatalog | undefined; readonly failed?: string }> {
    const { row, connector } = this.#opened
    const { catalog } = connector.service
    if (!catalog || isPart(this.#order)) return {}
    const complete = new Set(this.#streams.map(({ name }) => name))
    const order = { catalog, connection: row, run: this.#row, complete, lease: this.#lease }
    try {
      return { written: await writeCatalog(this.#ports, order) }
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      const { message, code } = this.#told(error)
      this.#ports.logger.event('warn', 'catalog.failed', { run: this.#row.id, connection: row.id, code })
      return { failed: `The catalog of this run could not be published: ${message}` }
    }
  }

  #ended(status: RunStatus, isStored = true): void {
    this.#isOver = true
    const { clock, events } = this.#ports
    // Where our clock is ahead, what the source's clock calls young is young.
    const at = Math.min(clock.now(), this.#streams[0]?.scope.http.now() ?? clock.now())
    events.tell(() => ({ type: 'run.finished', ...this.#named(), status, isStored, at }))
  }

  #named(): { readonly project: string; readonly connection: string; readonly run: string } {
    const { project, id } = this.#opened.row
    return { project, connection: id, run: this.#row.id }
  }

  /** The database itself failed. If it can still be told, the run ends there; else its row is for the next run to close. */
  async #giveUp(error: unknown): Promise<RunRow> {
    const { store, clock, logger } = this.#ports
    const report = this.#told(error)
    logger.event('error', 'run.failed', { run: this.#row.id, code: report.code })
    const end = { lease: this.#lease, runNo: this.#row.no, status: 'failed', at: clock.now(), error: report } as const
    try {
      const stored = await store.runs.finish({ ...end, notes: [], requests: [], streams: [] })
      this.#ended('failed')
      return stored
    } catch {
      throw error
    }
  }

  /** What is counted of each stream now, by its number. */
  async #counted(): Promise<(streamNo: number) => CoverageCounts> {
    const rows = await this.#ports.store.streams.list(this.#opened.row.no)
    const counts = new Map(rows.map((stream) => [stream.no, stream.counts]))
    return (streamNo) => counts.get(streamNo) ?? NOTHING_COUNTED
  }

  #progress(requests: number): RunProgress {
    return {
      run: this.#row.id,
      connection: this.#opened.row.id,
      requests,
      startedAt: this.#row.startedAt,
      streams: this.#streams.map((run) => ({
        stream: run.name,
        processed: run.counts.fetched,
        total: totalOf(run.passes, run.expected, run.row.totalRecords),
        pages: run.passes.reduce((sum, pass) => sum + pass.pages, 0),
        counts: run.counts,
      })),
    }
  }
}

/** A logger that no event leaves with a secret in it, whoever wrote its texts. */
function scrubbingLogger(logger: Logger, scrub: Scrub): Logger {
  return {
    event: (level, name, values) => logger.event(level, name, scrubbedEvent(values, scrub)),
  }
}
