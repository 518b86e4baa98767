// Owns the planted faults of running: leases, runs, how a process ends, what it writes over.

import { edit, type PlantedFault, scenario } from './fault.ts'

const GIVEN_MEANWHILE = { tests: ['test/promises/a-login-given-meanwhile.test.ts'] }
const LEASE = 'src/engine/runs/lease.ts'

export const RUNNING: readonly PlantedFault[] = [
  {
    id: 'limit-without-turns',
    mode: 'FM-61',
    what: 'whoever asks a limit at the right moment is served before those who wait',
    edits: [
      edit('src/store/bucket.ts', 'Math.min(tokens + ROUNDING, room) - ahead', 'Math.min(tokens + ROUNDING, room)'),
    ],
    caughtBy: { tests: ['test/promises/limits-shared-in-turn.test.ts'] },
  },
  {
    id: 'queue-is-trusted',
    mode: 'FM-43',
    what: 'what the shared job queue gives away is done without the lease of its key',
    edits: [
      edit(
        'src/jobs/under-lease.ts',
        "if (!held) return logger.event('debug', 'job.held', { key: job.key })",
        'if (!held) return handle(job, stopped)',
      ),
    ],
    caughtBy: { tests: ['test/jobs/pg-boss.test.ts'], only: 'tampered with' },
  },
  {
    id: 'refused-connect-stays',
    mode: 'FM-45',
    what: 'a connect that is refused gives the connection its connector all the same',
    edits: [
      edit(
        'src/operations/connect.ts',
        "if (typeof connector !== 'string') await mirror.connectors.check(connector)",
        "if (typeof connector !== 'string') mirror.connectors.add(connector)",
      ),
    ],
    caughtBy: { tests: ['test/promises/connector-slips.test.ts'], only: 'connect that is refused' },
  },
  {
    id: 'requests-nobody-awaits',
    mode: 'FM-45',
    what: 'a request that fails before its connector awaits it is an error that nothing handles',
    edits: [
      edit(
        'src/engine/passes/watched-http.ts',
        'return heard(this.#watch(init, () => this.#inner.get(path, init)))',
        'return this.#watch(init, () => this.#inner.get(path, init))',
      ),
    ],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'fails before it is awaited' },
  },
  {
    id: 'strays-as-they-are',
    mode: 'FM-67',
    what: 'an error that nothing handles is shown with the secret in it',
    edits: [edit('src/cli/stray.ts', 'errorReport(unhandled(problem), cli.scrub)', 'errorReport(unhandled(problem))')],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'goes on after a rejection' },
  },
  {
    id: 'strays-end-servers',
    mode: 'FM-45',
    what: 'a promise of one connector that nobody awaits ends the server of all',
    edits: [edit('src/cli/stray.ts', "process.on('unhandledRejection', this.#onRejection)", 'process')],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'serves on after a rejection' },
  },
  {
    id: 'code-is-awaited-for-ever',
    mode: 'FM-45',
    what: 'connector code that never answers holds its run for ever',
    edits: [edit('src/engine/runs/run.ts', '        this.#patience.look()\n', '')],
    caughtBy: { tests: ['test/promises/connector-code-ends.test.ts'], only: 'read, before it asks' },
  },
  {
    id: 'cancel-waits-for-code',
    mode: 'FM-45',
    what: 'a run that is cancelled waits for what its connector awaits',
    edits: [edit('src/engine/passes/patience.ts', "signal?.addEventListener('abort', onAbort, { once: true })", '')],
    caughtBy: { tests: ['test/promises/connector-code-ends.test.ts'], only: 'ends at once' },
  },
  {
    id: 'catalog-of-an-early-end',
    mode: 'FM-40',
    what: 'a run that ended early publishes a catalog, of what it happened to have',
    edits: [
      edit(
        'src/engine/runs/run.ts',
        "status === 'succeeded' ? await this.#writeCatalog()",
        'status ? await this.#writeCatalog()',
      ),
      edit('src/engine/runs/write-catalog.ts', 'row && (complete.has(stream) || isCovered(row.coverage)) ?', 'row ?'),
    ],
    caughtBy: { tests: ['test/promises/catalogs.test.ts'], only: 'not one that ends early' },
  },
  {
    id: 'catalog-seen-before-its-run-ends',
    mode: 'FM-40',
    what: 'a catalog that is still being written is listed',
    edits: [
      edit('src/store/system/catalogs.ts', 'c.connection_no = $1 AND c.stats IS NOT NULL', 'c.connection_no = $1'),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'catalogs' },
  },
  {
    id: 'a-source-yields',
    mode: 'FM-44',
    what: 'an error of a connector that asks to yield is taken for a lost lease, and the run is left open',
    edits: [
      edit(
        'src/model/errors.ts',
        "this instanceof LeaseLost ? 'yield' : verdictOfSource",
        'details.verdict ?? verdictOfSource',
      ),
      edit(
        'src/engine/runs/run.ts',
        'if (error instanceof LeaseLost) throw error\n    const cancelled',
        "if (error instanceof TidemarkError && error.verdict === 'yield') throw error\n    const cancelled",
      ),
      edit(
        'src/engine/runs/run.ts',
        'if (error instanceof LeaseLost) throw error\n      return',
        "if (error instanceof TidemarkError && error.verdict === 'yield') throw error\n      return",
      ),
    ],
    caughtBy: { tests: ['test/promises/connector-slips.test.ts'], only: 'with the verdict of a lost lease' },
  },
  {
    id: 'own-readers-are-forgotten',
    mode: 'FM-76',
    what: 'a person can drop the position of a reader of Tidemark’s own',
    edits: [edit('src/engine/history/feed.ts', '!name.startsWith(OWN_READER) && this', 'this')],
    caughtBy: { tests: ['test/promises/feed.test.ts'] },
  },
  {
    id: 'callbacks-reject-unheard',
    mode: 'FM-45',
    what: 'a callback that is async and rejects ends the process',
    edits: [edit('src/model/told.ts', 'void Promise.resolve(answer).catch(failed)', 'void Promise.resolve(answer)')],
    caughtBy: { tests: ['test/promises/callbacks-harm-nothing.test.ts'], only: 'a callback that rejects' },
  },
  {
    id: 'any-member-is-a-method',
    mode: 'FM-45',
    what: 'a clock whose sleep is no function is taken',
    edits: [edit('src/open.ts', "typeof value[method] === 'function'", 'method in value')],
    caughtBy: { tests: ['test/library/own-clock.test.ts'], only: 'sleep is no function' },
  },
  {
    id: 'no-fence',
    mode: 'FM-44',
    what: 'a checkpoint does not ask whose the lease is',
    edits: [
      edit('src/store/sqlite/checkpoint.ts', 'driven(this.#db, fence(batch.lease, batch.leaseUntil))', 'void fence'),
      edit(LEASE, 'return on.lost()', 'return undefined'),
    ],
    caughtBy: { tests: ['test/processes/zombie.test.ts'], only: 'wakes up and writes nothing' },
  },
  {
    id: 'forget-old-asks-nobody',
    mode: 'FM-67',
    what: 'keys of other databases are deleted without a question',
    edits: [
      edit(
        'src/cli/commands/keys.ts',
        '  if (yes) return\n  if (!cli.mayAsk) throw',
        '  if (yes || !cli.mayAsk) return\n  if (!cli.mayAsk) throw',
      ),
    ],
    caughtBy: { tests: ['test/cli/keys.test.ts'], only: 'that this database does not need' },
  },
  {
    id: 'lease-for-ever',
    mode: 'FM-45',
    what: 'a lease that nobody prolongs any more never ends',
    edits: [edit('src/store/system/leases.ts', 'l.expires_at <= $4::bigint', 'l.expires_at <= 0 * $4::bigint')],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'lease-taken-from-the-living',
    mode: 'FM-43',
    what: 'a lease is taken from a holder that lives',
    edits: [
      edit(
        LEASE,
        '  if (isLeftBehind || ports.isDead(heldBy.holder)) return',
        '  if (!isLeftBehind || ports.isDead(heldBy.holder)) return',
      ),
    ],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'run-for-ever',
    mode: 'FM-45',
    what: 'a run whose process died is running for ever',
    edits: [
      edit(
        'src/store/system/runs.ts',
        "SELECT no FROM tm_runs WHERE connection_no = $1 AND status = 'running'`",
        'SELECT no FROM tm_runs WHERE connection_no = -1 * $1`',
      ),
    ],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'failed-is-success',
    mode: 'FM-78',
    what: 'a run whose stream failed has succeeded',
    edits: [
      edit(
        'src/engine/runs/outcome.ts',
        "if (failures.some((failure) => endedBy(failure) === 'failed')) return 'failed'",
        "if (failures.some((failure) => endedBy(failure) === 'failed')) return 'succeeded'",
      ),
    ],
    caughtBy: { style: 'newest-keyset', seeds: 150 },
  },
  {
    id: 'filter-moves-cursor',
    mode: 'FM-34',
    what: 'a sync with a filter moves the cursor',
    edits: [
      edit(
        'src/engine/passes/read-part.ts',
        '    throw error\n  }\n  await endExhausted(run, entry, [])\n}\n\nfunction leftNote',
        "    throw error\n  }\n  entry.ended = 'exhausted'\n  await write(run, entry, { kept: { ...run.kept, cursor: Math.floor(run.scope.http.now() / 1000) } })\n}\n\nfunction leftNote",
      ),
    ],
    caughtBy: scenario('reading', 'a filter at the source'),
  },
  {
    id: 'unfinished-is-done',
    mode: 'FM-69',
    what: 'a command that awaits what never comes ends with 0 and says nothing',
    edits: [edit('src/cli/main.ts', "process.once('beforeExit', onIdle)", '')],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'never finishes loading' },
  },
  {
    id: 'ended-from-within-is-done',
    mode: 'FM-69',
    what: 'a connector that ends the process makes the command a success',
    edits: [edit('src/cli/main.ts', "process.once('exit', onExit)", '')],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'a connector ends the process' },
  },
  {
    id: 'left-open-stays-open',
    mode: 'FM-69',
    what: 'a timer that a connector leaves keeps the command for ever',
    edits: [edit('bin/run.js', 'setImmediate(() => process.exit(code))', 'process.exitCode = code')],
    caughtBy: { tests: ['test/cli/process-end.test.ts'], only: 'leaves a timer open' },
  },
  {
    id: 'thrown-things-end-the-run',
    mode: 'FM-68',
    what: 'what connector code throws is looked at as it is',
    edits: [
      edit(
        'src/model/errors.ts',
        'if (thrown instanceof Error) {',
        'if (thrown instanceof Error) return thrown\n    if (thrown instanceof Error) {',
      ),
    ],
    caughtBy: { tests: ['test/promises/thrown-things.test.ts'] },
  },
  {
    id: 'begins-though-disconnected',
    mode: 'FM-68',
    what: 'a run that waited for another begins, though the connection was paused or disconnected meanwhile',
    edits: [
      edit(
        'src/engine/runs/run.ts',
        '    if (keepsOut(row.paused, order.upload !== undefined))\n      throw connectionPaused(row, connector, await askedLogin(ports.store, connector, row))\n',
        '',
      ),
    ],
    caughtBy: GIVEN_MEANWHILE,
  },
  {
    id: 'lost-run-never-ends',
    mode: 'FM-45',
    what: 'who listens to the runs of a process never hears the end of one that lost its lease',
    edits: [edit('src/engine/runs/run.ts', "      if (!this.#isOver) this.#ended('failed', false)\n", '')],
    caughtBy: { tests: ['test/promises/one-run-per-connection.test.ts'] },
  },
  {
    id: 'moment-between-milliseconds',
    mode: 'FM-33',
    what: 'a moment with a part of a millisecond reaches the database as it is',
    edits: [
      edit('src/operations/moments.ts', 'isMeant(at)) return Math.floor(at)', 'isMeant(at)) return at'),
      edit('src/engine/history/read-records.ts', 'Math.floor(Number(moment))', 'Number(moment)'),
    ],
    caughtBy: { tests: ['test/library/moments-text.test.ts'] },
  },
  {
    id: 'disk-full-is-unexpected',
    mode: 'FM-46',
    what: 'a full disk is an error like any other',
    edits: [edit('src/store/sqlite/errors.ts', '  13: FULL,\n', '')],
    caughtBy: { tests: ['test/store/crash-full.test.ts'] },
  },
  {
    id: 'failure-counts-as-success',
    mode: 'FM-23',
    what: 'a run that failed moves the time of the last success',
    edits: [
      edit(
        'src/store/system/runs.ts',
        'last_success_at = CASE WHEN $6 THEN $1 ELSE last_success_at END',
        'last_success_at = CASE WHEN $6 THEN $1 ELSE $1 END',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'successful runs|finishes with' },
  },
  {
    id: 'cron-by-its-spelling',
    mode: 'I17',
    what: 'only a plain * for the hour is every hour',
    edits: [
      edit('src/engine/due/cron.ts', "  if (field === '*') return true\n", "  if (field !== '*') return false\n"),
    ],
    caughtBy: { tests: ['test/engine/schedule.test.ts'], only: 'spellings of the same times' },
  },
  {
    id: 'pid-of-another-namespace',
    mode: 'I18',
    what: 'process ids are compared across namespaces',
    edits: [
      edit(
        'src/engine/runs/process.ts',
        'if (isElsewhere(holder)) return false',
        'if (holder.host !== hostname()) return false',
      ),
    ],
    caughtBy: { tests: ['test/processes/namespaces.test.ts'] },
  },
  {
    id: 'part-done-unfinished',
    mode: 'FM-23',
    what: 'a part of the feed counts as done when it is handed over',
    edits: [
      edit(
        'src/engine/followers/follow.ts',
        '    yield { anew: false, changes }\n    await done({ epoch: feed.epoch, seq: last.seq })\n',
        '    await done({ epoch: feed.epoch, seq: last.seq })\n    yield { anew: false, changes }\n',
      ),
    ],
    caughtBy: { tests: ['test/engine/followers.test.ts'], only: 'gets a part again' },
  },
  {
    id: 'followers-of-another-feed',
    mode: 'FM-23',
    what: 'a follower goes on in a feed that is another than the one it knows',
    edits: [
      edit(
        'src/engine/followers/follow.ts',
        'if (at?.epoch !== feed.epoch || at.seq < feed.prunedTo || at.seq > feed.seq) {',
        'if (!at) {',
      ),
    ],
    caughtBy: { tests: ['test/engine/followers.test.ts'], only: 'begins anew' },
  },
  {
    id: 'any-file-is-written-over',
    mode: 'FM-76',
    what: 'a result is written over the database, its key or the configuration',
    edits: [
      edit(
        'src/store/same-file.ts',
        'if (placeOf(one) === placeOf(other)) return true',
        'if (one !== other) return false',
      ),
    ],
    caughtBy: { tests: ['test/cli/own-files.test.ts'] },
  },
]
