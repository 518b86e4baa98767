// A run writes to the database under its name: when that was deleted, moved or replaced while the run wrote, the run is red.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineConnector, fullPass, openTidemark, type RunReport, rows, stream, z } from '../../src/index.ts'
import { place } from '../cli/program.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

/** Pages of the listing, and the page before whose answer something happens to the database. */
const PAGES = 3

/** A source of three pages; before it answers the given one, `act` is called. */
async function source(act: (page: number) => void | Promise<void>): Promise<string> {
  const server = createServer((request, answer) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '0')
    const respond = async () => {
      await act(page)
      const items = Array.from({ length: 50 }, (_, i) => ({ id: `${page}-${i}` }))
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify({ items, ...(page + 1 < PAGES ? { next: page + 1 } : {}) }))
    }
    void respond()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const things = stream({
  schema: z.object({ id: z.string() }),
  key: (row: { id: string }) => row.id,
  passes: [
    fullPass({
      pageSize: 50,
      paging: 'keyset',
      read: async ({ http, page }) => {
        const { body } = await http.get('/items', { query: { page: page as number | undefined } })
        const { items, next } = body as { items: unknown; next?: number }
        return { records: rows(items, 'items'), next }
      },
    }),
  ],
})
const own = defineConnector(
  { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
  { things },
)

/** Syncs once in peace, and then again with something happening before an answer. */
async function syncWhile(database: string, page: number, act: () => void | Promise<void>, between = () => {}) {
  let isArmed = false
  const baseUrl = await source((asked) => (isArmed && asked === page ? act() : undefined))
  const tidemark = await openTidemark({ database, key: new Uint8Array(32).fill(7) })
  const close = () => tidemark.close().catch(() => {})
  onTestFinished(close)
  const connection = await tidemark.connect(own, { id: 'mine', options: { baseUrl, allowPrivateNetwork: true } })
  expect(await connection.sync()).toMatchObject({ status: 'succeeded' })
  between()
  isArmed = true
  try {
    return await connection.sync({ mode: 'full' })
  } finally {
    await close()
  }
}

/** Opens the database once more, and syncs in peace. */
async function syncAgain(database: string): Promise<RunReport> {
  await using tidemark = await openTidemark({ database, key: new Uint8Array(32).fill(7) })
  const options = { baseUrl: await source(() => {}), allowPrivateNetwork: true }
  const connection = await tidemark.connect(own, { id: 'mine', options })
  return await connection.sync({ mode: 'full' })
}

/** The error of a run, thrown or in its report. */
function told(run: Promise<RunReport>): Promise<unknown> {
  return run.then(
    ({ status, error }): unknown => ({ ...error, status }),
    (error: unknown) => error,
  )
}

const DAMAGED = { code: 'database_damaged', verdict: 'stop', hint: expect.stringContaining('backup') }
const REPLACED = { code: 'database_replaced', verdict: 'stop', hint: expect.stringContaining('sync again') }

describe('a file', () => {
  function mirror() {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-replaced-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return { folder, file: join(folder, 'in', 'mirror.db'), backup: join(folder, 'backup.db') }
  }
  type Mirror = ReturnType<typeof mirror>
  /** As a person does it; the log is empty then, and nothing is lost. */
  const vacuumed = (file: string) => {
    const plain = new DatabaseSync(file)
    plain.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    plain.close()
  }
  const all = (file: string) => ['', '-wal', '-shm'].map((ending) => file + ending)

  const HAPPENINGS: Readonly<Record<string, (mirror: Mirror) => void>> = {
    'is deleted': ({ file }) => rmSync(file),
    'is deleted with its log': ({ file }) => all(file).forEach((name) => rmSync(name, { force: true })),
    'is moved': ({ file }) => renameSync(file, `${file}.old`),
    'is replaced by a restored backup': ({ file, backup }) => renameSync(backup, file),
    'loses its log to a backup that is copied over it': ({ file, backup }) => {
      rmSync(`${file}-wal`)
      copyFileSync(backup, file)
    },
    'is emptied': ({ file }) => writeFileSync(file, ''),
    'has its log emptied': ({ file }) => truncateSync(`${file}-wal`),
    'has its log cut off': ({ file }) => truncateSync(`${file}-wal`, 32 + 2 * (24 + 4_096)),
    'has its log overwritten': ({ file }) => writeFileSync(`${file}-wal`, Buffer.alloc(statSync(`${file}-wal`).size)),
    'is deleted with its folder': ({ folder }) => rmSync(join(folder, 'in'), { recursive: true }),
    'is moved with its folder': ({ folder }) => renameSync(join(folder, 'in'), join(folder, 'out')),
  }
  for (const [what, act] of Object.entries(HAPPENINGS)) {
    for (const page of [0, PAGES - 1]) {
      test(`that ${what} before page ${page + 1} makes the run red`, async () => {
        const at = mirror()
        mkdirSync(join(at.folder, 'in'))
        writeFileSync(at.backup, '')
        const run = syncWhile(
          at.file,
          page,
          () => act(at),
          () => copyFileSync(at.file, at.backup),
        )
        await expect(run).rejects.toMatchObject(REPLACED)
      })
    }
  }

  const CHANGES: Readonly<Record<string, string>> = {
    'loses a table': 'DROP TABLE tm_walks',
    'loses the rows of its runs': 'PRAGMA foreign_keys = OFF; DELETE FROM tm_runs',
    'loses the table of its records': 'PRAGMA foreign_keys = OFF; DROP VIEW own_things; DROP TABLE tm_r_own_things',
  }
  for (const [what, sql] of Object.entries(CHANGES)) {
    test(`that ${what} to another program fails by name, then and later`, async () => {
      const { folder } = mirror()
      const file = join(folder, 'mirror.db')
      const change = () => {
        const plain = new DatabaseSync(file)
        plain.exec(sql)
        plain.close()
      }
      expect(await told(syncWhile(file, 1, change))).toMatchObject(DAMAGED)
      const { status, code } = (await told(syncAgain(file))) as { status?: string; code?: string }
      expect(status === 'succeeded' || code).toBe(what === 'loses the rows of its runs' || DAMAGED.code)
    })
  }

  test('that is cut off makes the run red', async () => {
    const { folder } = mirror()
    const file = join(folder, 'mirror.db')
    const run = syncWhile(
      file,
      PAGES - 1,
      () => truncateSync(file, 8_192),
      () => vacuumed(file),
    )
    await expect(run).rejects.toMatchObject(REPLACED)
  })

  test('whose log was emptied has what it had before, and the next run reads the rest', async () => {
    const { folder } = mirror()
    const file = join(folder, 'mirror.db')
    const checkpoint = () => vacuumed(file)
    await expect(syncWhile(file, 1, () => truncateSync(`${file}-wal`), checkpoint)).rejects.toMatchObject(REPLACED)
    expect(await syncAgain(file)).toMatchObject({ status: 'succeeded' })
  })

  test('that is in memory is nowhere else', async () => {
    expect(await syncWhile(':memory:', 1, () => {})).toMatchObject({ status: 'succeeded' })
  })

  test('that stays in its place succeeds, also where a person vacuums it', async () => {
    for (let page = 0; page < PAGES; page++) {
      const { folder } = mirror()
      const file = join(folder, 'mirror.db')
      expect(await syncWhile(file, page, () => vacuumed(file))).toMatchObject({ status: 'succeeded' })
    }
  })

  test('gives the command line exit code 1', async () => {
    const here = place()
    const file = join(here.folder, 'mirror.db')
    const baseUrl = await source((page) => (page === 1 ? rmSync(file) : undefined))
    writeFileSync(
      join(here.folder, 'tidemark.config.ts'),
      `import { defineConfig, defineConnector, fullPass, rows, stream, z } from 'tidemark'
const things = stream({
  schema: z.object({ id: z.string() }),
  key: (row) => row.id,
  passes: [fullPass({ pageSize: 50, paging: 'keyset', read: async ({ http, page }) => {
    const { body } = await http.get('/items', { query: { page } })
    return { records: rows(body.items, 'items'), next: body.next }
  } })],
})
const own = defineConnector({ name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: '${baseUrl}' }) }, { things })
export default defineConfig({ connectors: [own], connections: { mine: { connector: 'own', options: { baseUrl: '${baseUrl}', allowPrivateNetwork: true } } } })
`,
    )
    const { code, stderr } = await here.run(['sync', 'mine', '--database', file])
    expect([code, stderr]).toEqual([1, expect.stringContaining('database_replaced')])
  })
})

withPostgres('a schema on PostgreSQL', () => {
  const HAPPENINGS: Readonly<Record<string, (database: PostgresDatabase) => Promise<unknown>>> = {
    'is dropped': (database) => database.query('DROP SCHEMA mirror CASCADE'),
    'is made anew': async (database) => {
      await database.query('DROP SCHEMA mirror CASCADE')
      await database.connect(undefined, '?schema=mirror')
    },
    'has other tables with the same rows': (database) =>
      database.query(`ALTER TABLE mirror.tm_schema RENAME TO was; CREATE TABLE mirror.tm_schema (version int);
        INSERT INTO mirror.tm_schema SELECT * FROM mirror.was`),
    'loses a table of its own': (database) => database.query('DROP TABLE mirror.tm_walks CASCADE'),
    'loses a column': (database) => database.query('ALTER TABLE mirror.tm_walks RENAME COLUMN position TO elsewhere'),
    'loses the table of the records': (database) => database.query('DROP TABLE mirror.tm_r_own_things CASCADE'),
  }
  for (const [what, act] of Object.entries(HAPPENINGS)) {
    test(`that ${what} makes the run red`, async () => {
      const database = await PostgresDatabase.empty()
      onTestFinished(() => database.destroy())
      const run = syncWhile(database.url('?schema=mirror'), PAGES - 1, async () => void (await act(database)))
      // Where the table of the runs is still there, the run is stored as failed.
      const error = await told(run)
      expect(error).toMatchObject(REPLACED)
      expect(error).not.toMatchObject({ status: 'succeeded' })
    })
  }

  test('that loses the rows of its runs fails by name', async () => {
    const database = await PostgresDatabase.empty()
    onTestFinished(() => database.destroy())
    const run = syncWhile(database.url('?schema=mirror'), 1, async () => {
      await database.query('TRUNCATE mirror.tm_runs CASCADE')
    })
    expect(await told(run)).toMatchObject(DAMAGED)
  })
})
