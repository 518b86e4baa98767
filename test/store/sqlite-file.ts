// Owns a SQLite file of a test's own, and a plain connection to it: what any other program sees.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore, type SqliteOptions } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import type { TestDatabase } from '../conformance/world.ts'

export class SqliteFile implements TestDatabase {
  readonly folder = mkdtempSync(join(tmpdir(), 'tidemark-store-'))
  readonly path = join(this.folder, 'tidemark.db')
  readonly #stores: Store[] = []
  readonly #options: Partial<SqliteOptions>

  constructor(options: Partial<SqliteOptions> = {}) {
    this.#options = options
  }

  async connect(options: Partial<SqliteOptions> = {}): Promise<Store> {
    const store = await openSqliteStore({ path: this.path, clock: fixedClock(), ...this.#options, ...options })
    this.#stores.push(store)
    return store
  }

  /** Rows as objects, by a connection that knows nothing of Tidemark. */
  query(sql: string): Record<string, unknown>[] {
    const plain = new DatabaseSync(this.path, { readOnly: true })
    try {
      return plain
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }))
    } finally {
      plain.close()
    }
  }

  async drop(): Promise<void> {
    for (const store of this.#stores) await store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
