// Owns `tidemark serve`: the server, and what keeps schedules, until Ctrl-C.

import type { ScheduleStatus } from '../../engine/runs/documents.ts'
import { errorReport } from '../../model/errors.ts'
import { count } from '../../model/plural.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { complaint } from '../terminal/complaint.ts'
import { tellRun } from '../terminal/scheduled-runs.ts'
import { placeName, SCHEDULE_COLUMNS, type ShownSchedule } from '../terminal/schedules.ts'
import { portNumber } from '../values.ts'

const HOST = '127.0.0.1'
const PORT = 4600
/** Schedules that are listed at the start, at most. */
const SHOWN_MAX = 20

interface Options {
  readonly host?: string
  readonly port?: number
  readonly worker: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('serve')
    .summary('serve over HTTP, and run what is scheduled')
    .description(
      'Serves the dashboard at /, the API at /api and GET /healthz until Ctrl-C, on this machine alone unless --host says otherwise, and ' +
        'runs the schedules of every project of the database. On this machine alone it prints a link that logs a browser in. Runs that a crash has interrupted go on at once. Ctrl-C lets runs stop after ' +
        'their current page; the next start goes on from there.',
    )
    .option('--host <host>', `the address to bind (default: ${HOST})`)
    .option('--port <port>', `the port, 0 for any that is free (default: ${PORT})`, portNumber)
    .option('--no-worker', 'only serve, run nothing')
    .addHelpText('after', examples('tidemark serve', 'tidemark serve --host 0.0.0.0 --port 8080'))
    .action(run(serve))

async function serve(cli: Cli, { host = HOST, port = PORT, worker }: Options): Promise<void> {
  const [{ createApp }, { isLoopback }, { listen }, { loginLink, newLoginCode }] = await Promise.all([
    import('../../server/app.ts'),
    import('../../server/host-check.ts'),
    import('../../server/listen.ts'),
    import('../../server/api/login-links.ts'),
  ])
  // A server over a database that cannot be opened should not look healthy.
  const tidemark = await cli.open({ create: true, readsApart: true })
  await cli.declareConnections(tidemark)
  const stop = cli.interruption.graceful()
  const onFailure = (error: unknown) => cli.err.line(complaint(errorReport(error), cli.err.paint))
  // Where other machines can reach it, a person logs in with a token.
  const loginCode = isLoopback(host) ? newLoginCode() : undefined
  // Services that are emulated are at addresses of this machine.
  const samples = isLoopback(host) ? new (await import('../demo/samples.ts')).LocalSamples() : undefined
  await samples?.resume(tidemark).catch(onFailure)
  const api = { tidemark: () => tidemark, closing: stop, onFailure, loginCode, samples }
  const app = createApp({ hosts: [host], api })
  const server = await listen(app, { host, port })
  const adminToken = await firstToken(tidemark)
  cli.staysUp = true
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
  try {
    const { url } = server
    const dashboard = loginCode === undefined ? `${url}/` : loginLink(url, loginCode)
    await tellStart(cli, tidemark, { url, dashboard, worker, adminToken })
    if (!worker) return await stopped
    stop.addEventListener('abort', () => cli.note('Stopping after the current page of each run.'), { once: true })
    await Promise.race([tidemark.start({ signal: stop, onRun: (scheduled) => tellRun(cli, scheduled) }), stopped])
  } finally {
    // At once: whoever waits for a run learns that it has stopped.
    await Promise.all([server.close(), tidemark.close()])
    await samples?.close()
  }
}

/** The first server of a database makes a token that may do everything: without one, nobody could make another over HTTP. */
async function firstToken(tidemark: Tidemark): Promise<string | undefined> {
  if ((await tidemark.store.tokens.count()) > 0) return undefined
  return (await tidemark.createToken({ scopes: ['admin'], note: 'made by the first tidemark serve' })).token
}

interface Started {
  readonly url: string
  /** The address of the dashboard, which logs in where it may. */
  readonly dashboard: string
  readonly worker: boolean
  readonly adminToken: string | undefined
}

async function tellStart(cli: Cli, tidemark: Tidemark, { url, dashboard, worker, adminToken }: Started): Promise<void> {
  const shown = await allSchedules(tidemark)
  if (cli.options.json) {
    const schedules = shown.map(({ project, connection, schedule }) => ({ project, connection, ...schedule }))
    return cli.json({ url, dashboard, worker, schedules, ...(adminToken === undefined ? {} : { adminToken }) })
  }
  cli.out.line(`Serving ${url}; Ctrl-C stops it.`)
  cli.note(`Dashboard: ${dashboard}`)
  if (adminToken !== undefined) {
    cli.out.line(`Admin token, shown this once: ${adminToken}`)
    cli.note('Make others with: tidemark token create --scopes read,sync')
  }
  if (!worker) return cli.note('It runs nothing (--no-worker).')
  if (shown.length === 0) return cli.note('Nothing is scheduled. See: tidemark schedule --help')
  await cli.table(SCHEDULE_COLUMNS, shown.slice(0, SHOWN_MAX))
  if (shown.length > SHOWN_MAX) cli.note(`… and ${count(shown.length - SHOWN_MAX)} more: tidemark status`)
}

/** Of every project, as they are run. Names of other projects' connections say so. */
async function allSchedules(tidemark: Tidemark) {
  const { scheduleStatus } = await import('../../engine/runs/report.ts')
  const { store, project } = tidemark
  const rows = await store.schedules.list()
  const names = new Map<number, readonly string[]>()
  const shown: (ShownSchedule & {
    project: string
    connection: string
    schedule: ScheduleStatus
  })[] = []
  for (const row of rows) {
    const name = placeName(row.connection, row.stream === '' ? null : row.stream)
    const { connectionNo } = row
    const all = rows.filter((one) => one.connectionNo === connectionNo)
    if (!names.has(connectionNo)) {
      names.set(
        connectionNo,
        (await store.streams.list(connectionNo)).map(({ stream }) => stream),
      )
    }
    const paused = (await store.connections.find(row.project, row.connection))?.paused ?? []
    shown.push({
      project: row.project,
      connection: row.connection,
      name: row.project === project ? name : `${name} (${row.project})`,
      schedule: scheduleStatus(row, all, names.get(connectionNo) ?? []),
      paused,
    })
  }
  return shown
}
