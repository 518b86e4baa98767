// Owns the databases of the simulation: migrated and connected once, then cloned for every seed.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '../../src/assemble.ts'
import type { Connector } from '../../src/connector/connector.ts'
import type { z } from '../../src/connector/options.ts'
import type { Clock } from '../../src/model/ports.ts'
import { loadParts } from '../../src/operations/later.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

export const KEY: Uint8Array = new Uint8Array(32).fill(7)

export interface Clone {
  readonly path: string
  readonly store: Store
  /** The same file as another program sees it. Closed with the rest. */
  readonly another?: () => Promise<Store>
  readonly close: () => Promise<void>
}

const templates = new Map<string, Promise<Buffer>>()
let folder: string | undefined
let clones = 0

function folderOf(): string {
  if (folder === undefined) {
    // In memory where the system offers it: these files live for milliseconds. Under vitest, a folder that ends with it.
    const scratch = process.env['TIDEMARK_TEST_SCRATCH'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
    const made = mkdtempSync(join(scratch, 'tidemark-simulation-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    folder = made
  }
  return folder
}

/** A fresh database with the connection "c" of this connector. Streams with metrics have other tables than those without. */
export async function cloneOf(connector: Connector, metrics: boolean, clock: Clock): Promise<Clone> {
  await loadParts()
  const { schema, version } = connector.streams['items']!
  const { shape: fields = {} } = schema as Partial<z.ZodObject>
  const shape = [...Object.keys(connector.streams), metrics, version !== undefined, ...Object.keys(fields)].join(' ')
  if (!templates.has(shape)) templates.set(shape, template(connector, clock))
  const path = join(folderOf(), `${++clones}.db`)
  writeFileSync(path, await templates.get(shape)!, { mode: 0o600 })
  const stores: Store[] = []
  const another = async () => {
    const store = await openSqliteStore({ path, clock })
    stores.push(store)
    return store
  }
  const store = await another()
  const close = async () => {
    for (const one of stores) await one.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
  }
  return { path, store, another, close }
}

async function template(connector: Connector, clock: Clock): Promise<Buffer> {
  const path = join(folderOf(), `template-${++clones}.db`)
  const store = await openSqliteStore({ path, clock })
  const tidemark = await assemble({ store, clock, key: KEY, connectors: [connector] })
  await tidemark.connect(connector, { id: 'c', options: { token: 'access-0', refresh: 'refresh-0' } })
  await tidemark.close()
  await store.close()
  return readFileSync(path)
}
