// Owns the benchmark of PostgreSQL: whole processes of `tidemark sync` against whole processes of a bare loop into the same
// server, several of them at once, real workers that do what is due, what a record takes on its disk, and the schedules of
// many connections.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/engine/system.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { PostgresServer } from '../../test/support/postgres.ts'
import type { Figure } from './figure.ts'
import { measured, median } from './ingest.ts'

const PAIRS = 3
const PAGE_SIZE = 1_000
const PROCESSES = [1, 2, 4]
/** How often it is looked whether workers are through, in milliseconds. */
const LOOK_MS = 50
/** Connections that workers find due. */
const JOBS = 8
const CONNECTIONS = 10_000
const STREAMS = 5
/** Schedules that are asked for at once, as the scheduler does. */
const DUE = 1_000
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const BIN = here('../../bin/tidemark.js')
const CONFIG = ['--config', here('./ingest/tidemark.config.ts'), '--quiet']

export async function postgres(records = 100_000): Promise<readonly Figure[]> {
  const server = await PostgresServer.start()
  try {
    return [
      ...(await againstTheBareLoop(server, records)),
      ...(await several(server, records)),
      ...(await workers(server, records)),
      ...(await schedules(server)),
    ]
  } finally {
    await server.end()
  }
}

interface Round {
  readonly bare: { readonly first: number; readonly again: number }
  readonly ours: { readonly first: number; readonly again: number }
  readonly bytes: { readonly bare: number; readonly ours: number }
}

async function againstTheBareLoop(server: PostgresServer, records: number): Promise<readonly Figure[]> {
  await using source = await startSource(records)
  const rounds: Round[] = []
  // The first round fills the caches of compiled code; it does not count.
  for (let i = 0; i <= PAIRS; i++) rounds.push(await round(server, source.address))
  rounds.shift()
  const rate = (pick: (round: Round) => number) => records / (median(rounds.map(pick)) / 1_000)
  const bytes = (pick: (round: Round) => number) => median(rounds.map(pick)) / records
  const first = median(rounds.map(({ bare, ours }) => bare.first / ours.first))
  const again = median(rounds.map(({ bare, ours }) => bare.again / ours.again))
  return [
    { name: 'bare loop, first sync', value: rate(({ bare }) => bare.first), unit: 'rows/s' },
    { name: 'tidemark, first sync', value: rate(({ ours }) => ours.first), unit: 'rows/s' },
    { name: 'first sync relative to the bare loop', value: first, unit: '', aim: '≥ 0.6', met: first >= 0.6 },
    { name: 'bare loop, all unchanged', value: rate(({ bare }) => bare.again), unit: 'rows/s' },
    { name: 'tidemark, all unchanged', value: rate(({ ours }) => ours.again), unit: 'rows/s' },
    { name: 'all unchanged relative to the bare loop', value: again, unit: '', aim: '≥ 0.6', met: again >= 0.6 },
    { name: 'bare loop, on the disk', value: bytes((one) => one.bytes.bare), unit: 'bytes/record' },
    { name: 'tidemark, on the disk, with index and feed', value: bytes((one) => one.bytes.ours), unit: 'bytes/record' },
  ]
}

async function round(server: PostgresServer, address: string): Promise<Round> {
  const size = async (name: string) =>
    Number((await server.query(`SELECT pg_database_size(current_database()) AS size`, name))[0]?.['size'])
  const bare = async (name: string) => {
    const args = [here('./postgres/bare.ts'), address, server.url(name), String(PAGE_SIZE)]
    const empty = await size(name)
    const { ms: first } = await measured(args)
    const bytes = (await size(name)) - empty
    return { first, bytes, again: (await measured([...args, 'again'])).ms }
  }
  const ours = async (name: string) => {
    const env = environment(server.url(name))
    await connect('it', address, env)
    const empty = await size(name)
    const { ms: first } = await measured([BIN, ...CONFIG, 'sync', 'it'], env)
    const bytes = (await size(name)) - empty
    return { first, bytes, again: (await measured([BIN, ...CONFIG, 'sync', 'it', '--mode', 'full'], env)).ms }
  }
  const one = await inDatabase(server, bare)
  const other = await inDatabase(server, ours)
  return { bare: one, ours: other, bytes: { bare: one.bytes, ours: other.bytes } }
}

/** So many processes at once, each with a connection of its own. */
async function several(server: PostgresServer, records: number): Promise<readonly Figure[]> {
  const each = Math.ceil(records / 4)
  const figures: Figure[] = []
  for (const count of PROCESSES) {
    await using source = await startSource(each)
    const ms = await inDatabase(server, async (name) => {
      const env = environment(server.url(name))
      const ids = Array.from({ length: count }, (_, i) => `it${i}`)
      for (const id of ids) await connect(id, source.address, env)
      const start = performance.now()
      await Promise.all(ids.map((id) => measured([BIN, ...CONFIG, 'sync', id], env)))
      return performance.now() - start
    })
    const said = count === 1 ? '1 process' : `${count} processes at once`
    figures.push({ name: `${said}, a connection each`, value: (each * count) / (ms / 1_000), unit: 'rows/s' })
  }
  return figures
}

/** Processes of `tidemark worker` that find everything due, from that moment until the last run has ended. */
async function workers(server: PostgresServer, records: number): Promise<readonly Figure[]> {
  const each = Math.ceil(records / 4)
  const figures: Figure[] = []
  for (const count of PROCESSES) {
    await using source = await startSource(each)
    const ms = await inDatabase(server, async (name) => {
      const env = environment(server.url(name))
      for (let i = 0; i < JOBS; i++) await connect(`it${i}`, source.address, env)
      const one = async (sql: string) => Number(Object.values((await server.query(sql, name))[0] ?? {})[0])
      const started = Array.from({ length: count }, () => startWorker(env))
      try {
        await until(async () => (await one('SELECT count(*) FROM tm_workers')) === count)
        const start = performance.now()
        await server.query(
          `INSERT INTO tm_schedules (connection_no, stream, spec, timezone, next_at) SELECT no, '', 'every 1h', 'UTC', 0 FROM tm_connections`,
          name,
        )
        await until(async () => (await one(`SELECT count(*) FROM tm_runs WHERE status = 'succeeded'`)) === JOBS)
        return performance.now() - start
      } finally {
        await Promise.all(started.map(ended))
      }
    })
    const said = count === 1 ? '1 worker' : `${count} workers`
    figures.push({ name: `${said}, ${JOBS} connections due`, value: (each * JOBS) / (ms / 1_000), unit: 'rows/s' })
  }
  return figures
}

function startWorker(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [BIN, ...CONFIG, 'worker'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(LOOK_MS)
}

/** What the scheduler asks every second, and what it does with what is due. */
async function schedules(server: PostgresServer): Promise<readonly Figure[]> {
  return inDatabase(server, async (name) => {
    const store = await openPostgresStore({ url: server.url(name), clock: systemClock })
    try {
      const now = Date.now()
      await store.projects.ensure({ id: 'default', timezone: 'UTC', at: now })
      await server.query(
        `INSERT INTO tm_connections (project_no, id, connector, connector_version, options, webhook_secret, login_version, created_at, updated_at)
           SELECT 1, 'c' || n, 'bench', '1', '{}', '', 0, 0, 0 FROM generate_series(1, ${CONNECTIONS}) n;
         INSERT INTO tm_schedules (connection_no, stream, spec, timezone, next_at)
           SELECT n, 's' || s, 'every 1h', 'UTC', ${now} + 3600000 + n * 360 FROM generate_series(1, ${CONNECTIONS}) n, generate_series(1, ${STREAMS}) s;
         ANALYZE tm_connections, tm_schedules`,
        name,
      )
      const looks: number[] = []
      for (let i = 0; i < 50; i++) looks.push((await timed(() => store.schedules.due(now, DUE))).ms)
      const far = now + 100 * 3_600_000
      const page = await timed(() => store.schedules.due(far, DUE))
      const moved = await timed(async () => {
        for (const row of page.result) {
          await store.schedules.advance(row, { expect: row.nextAt, nextAt: row.nextAt + 3_600_000, lastAt: now })
        }
      })
      const look = median(looks)
      const what = `${CONNECTIONS.toLocaleString('en')} connections × ${STREAMS} streams`
      return [
        { name: `${what}: a look that finds nothing due`, value: look, unit: 'ms', aim: '< 20', met: look < 20 },
        { name: `${what}: a look that finds ${DUE} due`, value: page.ms, unit: 'ms' },
        { name: `${what}: set to their next time`, value: DUE / (moved.ms / 1_000), unit: 'schedules/s' },
      ]
    } finally {
      await store.close()
    }
  })
}

async function timed<T>(act: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const start = performance.now()
  const result = await act()
  return { ms: performance.now() - start, result }
}

async function inDatabase<T>(server: PostgresServer, act: (name: string) => Promise<T>): Promise<T> {
  const name = await server.createDatabase()
  try {
    return await act(name)
  } finally {
    await server.dropDatabase(name)
  }
}

function environment(url: string): Readonly<Record<string, string>> {
  return {
    TIDEMARK_DATABASE: url,
    TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
    BENCH_PAGE_SIZE: String(PAGE_SIZE),
  }
}

async function connect(id: string, address: string, env: Readonly<Record<string, string>>): Promise<void> {
  const settings = ['--set', `baseUrl=${address}`, '--set', 'allowPrivateNetwork=true']
  await measured([BIN, ...CONFIG, 'connect', 'bench', '--id', id, ...settings], env)
}

async function startSource(records: number): Promise<AsyncDisposable & { readonly address: string }> {
  const source = spawn(process.execPath, [here('./ingest/source.ts'), String(records)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [address] = (await once(createInterface({ input: source.stdout }), 'line')) as [string]
  return {
    address,
    [Symbol.asyncDispose]: async () => void source.kill('SIGKILL'),
  }
}
