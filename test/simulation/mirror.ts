// Owns reading the mirror as anybody may: through its SQL views, on a connection of its own.

import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { contentOf } from './api.ts'

export interface Version {
  readonly ordinal: number
  readonly op: string
  readonly content: string
}

export interface Change {
  readonly seq: number
  readonly stream: string
  readonly key: string
  readonly op: string
  readonly ordinal: number
}

/** All that is mirrored of the source, at one moment. */
export interface Mirror {
  /** Contents of live records by key. */
  readonly live: ReadonlyMap<string, string>
  /** The stream in which each record stands, live or removed. */
  readonly streams: ReadonlyMap<string, string>
  readonly removed: ReadonlySet<string>
  /** Live records that were asked for by key and not returned. */
  readonly unavailable: ReadonlySet<string>
  /** Every content that a record has had, oldest first. */
  readonly versions: ReadonlyMap<string, readonly Version[]>
  readonly changes: readonly Change[]
  /** Contents that were set aside, by the key that they show. */
  readonly quarantined: ReadonlyMap<string, readonly string[]>
  readonly held: ReadonlySet<string>
  /** What stays because a person says so. */
  readonly kept: ReadonlySet<string>
  readonly coverage: string
  /** Snapshots of one record in one run, beyond the first. */
  readonly doubleSnapshots: number
}

/** All records of the source, whichever stream of the mirror they stand in. */
const queriesFor = (streams: readonly string[]) => ({
  all: union(
    streams,
    (name) => `SELECT '${name}' AS stream, _key, _raw, _removed_at, _unavailable_since FROM sim_${name}_all`,
  ),
  versions: `${union(streams, (name) => `SELECT _key, _ordinal, _op, _raw FROM sim_${name}_versions`)} ORDER BY _key, _ordinal`,
  changes: 'SELECT seq, stream, key, op, ordinal FROM changes ORDER BY seq',
  quarantined: 'SELECT _raw FROM quarantine',
  held: 'SELECT key FROM held_removals',
  kept: 'SELECT key FROM kept_records',
  coverage: `SELECT coverage FROM streams WHERE stream IN (${streams.map((name) => `'${name}'`).join(', ')})
    ORDER BY coverage IN ('gap', 'unread', 'unavailable', 'stale') DESC`,
  snapshots: union(streams, (name) => `SELECT count(*) - count(DISTINCT _key || _run) AS n FROM sim_${name}_snapshots`),
})

function union(streams: readonly string[], query: (name: string) => string): string {
  return streams.map(query).join(' UNION ALL ')
}

type Queries = ReturnType<typeof queriesFor>
type Statements = Readonly<Record<keyof Queries, StatementSync>>

/** What people are shown of removals, at one moment. */
export interface Decidable {
  /** Runs by the key that they have put on hold. */
  readonly held: ReadonlyMap<string, string>
  /** Runs by the key that a person keeps of them. */
  readonly kept: ReadonlyMap<string, string>
  /** Runs by the key of a tombstone that they have set and that still stands. */
  readonly removedBy: ReadonlyMap<string, string>
}

/** A catalog that was published. */
export interface Published {
  readonly n: number
  /** The run that has published it, and how that ended. */
  readonly run: string
  readonly status: string
}

export interface Document {
  readonly streams: {
    readonly items: readonly { readonly _key: string; readonly rev: number; readonly title: string }[]
  }
  readonly byCategory: { readonly items: Readonly<Record<string, readonly string[]>> }
  readonly stats: { readonly totals: { readonly items: number }; readonly newItemsAdded: number }
}

export interface Intent {
  readonly id: string
  readonly state: string
}

/** One content as its columns tell it, with the text that they come from. */
export interface Cells {
  readonly key: string
  readonly raw: string
  readonly cells: Readonly<Record<string, unknown>>
}

export class Mirrors {
  readonly #db: DatabaseSync
  readonly #statements: Statements

  constructor(path: string, streams: readonly string[] = ['items']) {
    this.#db = new DatabaseSync(path, { readOnly: true })
    const prepared = Object.entries(queriesFor(streams)).map(([name, sql]) => [name, this.#db.prepare(sql)])
    this.#statements = Object.fromEntries(prepared) as Statements
  }

  read(): Mirror {
    const live = new Map<string, string>()
    const streams = new Map<string, string>()
    const removed = new Set<string>()
    const unavailable = new Set<string>()
    for (const row of this.#all('all')) {
      streams.set(String(row['_key']), String(row['stream']))
      if (row['_removed_at'] === null) live.set(String(row['_key']), contentOf(String(row['_raw'])))
      else removed.add(String(row['_key']))
      if (row['_removed_at'] === null && row['_unavailable_since'] !== null) unavailable.add(String(row['_key']))
    }
    const versions = new Map<string, Version[]>()
    for (const row of this.#all('versions')) {
      const key = String(row['_key'])
      const known = versions.get(key) ?? []
      known.push({ ordinal: Number(row['_ordinal']), op: String(row['_op']), content: contentOf(String(row['_raw'])) })
      versions.set(key, known)
    }
    return {
      live,
      streams,
      removed,
      unavailable,
      versions,
      changes: this.#all('changes') as unknown as Change[],
      quarantined: Map.groupBy(
        this.#all('quarantined').map((row) => contentOf(String(row['_raw']))),
        (content) => /"(?:id|was)":(\d+)/.exec(content)?.[1] ?? '',
      ),
      held: new Set(this.#all('held').map((row) => String(row['key']))),
      kept: new Set(this.#all('kept').map((row) => String(row['key']))),
      coverage: String(this.#all('coverage')[0]?.['coverage']),
      doubleSnapshots: this.#all('snapshots').reduce((sum, { n }) => sum + Number(n), 0),
    }
  }

  decidable(): Decidable {
    const rows = (sql: string) =>
      this.#db
        .prepare(sql)
        .all()
        .map((row) => [String(row['key']), String(row['run'])] as const)
    const removed = `SELECT key, run FROM (SELECT key, run, op, max(seq) FROM changes GROUP BY key) WHERE op = 'remove'`
    return {
      held: new Map(rows('SELECT key, run FROM held_removals')),
      kept: new Map(rows('SELECT key, run FROM kept_records')),
      removedBy: new Map(rows(removed)),
    }
  }

  /** Upstream runs as they were written before they were started. */
  intents(): readonly Intent[] {
    return this.#db.prepare('SELECT id, state FROM tm_intents').all() as unknown as Intent[]
  }

  /** What all runs were billed. */
  billed(): { readonly items: number; readonly cost: number } {
    const sql = 'SELECT coalesce(sum(billed_items), 0) AS items, coalesce(sum(cost), 0) AS cost FROM runs'
    return this.#db.prepare(sql).get() as { items: number; cost: number }
  }

  /** The one record that is made of all others; undefined: there is none yet. */
  summary(): Readonly<Record<'count' | 'score', number | null>> | undefined {
    const sql = 'SELECT count, score FROM sim_about'
    return this.#db.prepare(sql).get() as { count: number | null; score: number | null } | undefined
  }

  /** Catalogs as anybody may list them, the newest last. */
  published(): readonly Published[] {
    const sql = `SELECT c.n, r.id AS run, r.status FROM tm_catalogs c JOIN tm_runs r ON r.no = c.run_no
      WHERE c.stats IS NOT NULL ORDER BY c.n`
    return this.#db.prepare(sql).all() as unknown as Published[]
  }

  document(n: number): Document {
    const parts = this.#db.prepare('SELECT bytes FROM tm_catalog_parts WHERE n = ? ORDER BY part').all(n)
    return JSON.parse(String(gunzipSync(Buffer.concat(parts.map(({ bytes }) => bytes as Uint8Array))))) as Document
  }

  /** The oldest change that is still kept; undefined: none is. */
  oldestChange(): number | undefined {
    const seq = this.#db.prepare('SELECT min(seq) AS seq FROM changes').get()?.['seq']
    return typeof seq === 'number' ? seq : undefined
  }

  /** Every content of the stream, as it is and as it was, by these columns. */
  cells(columns: readonly string[]): readonly Cells[] {
    const rows = ['sim_items_all', 'sim_items_versions'].flatMap((view) =>
      this.#db.prepare(`SELECT _key, _raw, ${columns.join(', ')} FROM ${view}`).all(),
    )
    return rows.map(({ _key, _raw, ...cells }) => ({ key: String(_key), raw: String(_raw), cells }))
  }

  close(): void {
    this.#db.close()
  }

  #all(name: keyof Queries): Record<string, unknown>[] {
    return this.#statements[name].all()
  }
}
