// Owns what a dry run foresees of the store: records of which a file has several rows are met again as the rows before
// would have left them, and nothing is written.

import type { Head, Key } from '../../../model/record.ts'
import type { Content, VersionRow } from '../../../store/store.ts'
import { KeySet } from '../key-set.ts'
import type { Known, Looks } from '../rows/known.ts'
import type { Parsed } from '../rows/shape.ts'
import type { Upserts } from '../rows/upsert.ts'

/** The keys of a file's rows. */
export class FileKeys {
  /** Those of several rows. */
  readonly repeated = new Set<Key>()
  readonly #all = new KeySet()

  add(key: Key): void {
    if (!this.#all.add(key)) this.repeated.add(key)
  }

  has(key: Key): boolean {
    return this.#all.has(key)
  }
}

type Past = Pick<VersionRow, 'raw' | 'op'> & { readonly hash: string }

interface Foreseen {
  readonly head: Head
  readonly raw: string
}

/** A store as it would be once the rows before were stored, as far as these keys are concerned. */
export class ForeseenStore implements Looks {
  readonly #store: Looks
  readonly #keys: ReadonlySet<Key>
  readonly #shown = new Set<Key>()
  readonly #records = new Map<Key, Foreseen>()
  readonly #past = new Map<Key, Past[]>()

  readonly records: Looks['records'] = {
    look: async (streamNo, keys) => {
      const heads = await this.#store.records.look(streamNo, keys)
      return this.#over(heads, keys, ({ head }) => head)
    },
    contents: async (streamNo, keys) => {
      const contents = await this.#store.records.contents(streamNo, keys)
      return this.#over(contents, keys, ({ head, raw }): Content => ({ raw, columns: {}, ordinal: head.ordinal }))
    },
    pastHashes: async (streamNo, keys) => {
      const hashes = new Map(await this.#store.records.pastHashes(streamNo, keys))
      for (const key of keys) {
        const past = this.#past.get(key)
        if (past) hashes.set(key, [...(hashes.get(key) ?? []), ...past.map(({ hash }) => hash)])
      }
      return hashes
    },
  }

  readonly history: Looks['history'] = {
    versions: async (streamNo, key) => {
      const versions = await this.#store.history.versions(streamNo, key)
      const past = (this.#past.get(key) ?? []).map(({ raw, op }): VersionRow => ({ ...VERSION, key, raw, op }))
      return [...versions, ...past]
    },
  }

  constructor(store: Looks, keys: ReadonlySet<Key>) {
    this.#store = store
    this.#keys = keys
  }

  /** Which of the keys the rows before have shown. */
  shownBefore(keys: readonly Key[]): ReadonlySet<Key> {
    return new Set(keys.filter((key) => this.#shown.has(key)))
  }

  /** Remembers what would be stored of rows that met `known`. */
  foresee(part: readonly Parsed[], { inserts, updates, superseded }: Upserts, known: Known, at: number): void {
    if (this.#keys.size === 0) return
    for (const { incoming } of part) if (this.#keys.has(incoming.key)) this.#shown.add(incoming.key)
    for (const { key, hash, raw, order } of [...inserts, ...updates]) {
      if (!this.#keys.has(key)) continue
      const before = known.heads.get(key)
      const text = known.contents.get(key)?.raw
      if (before && text !== undefined) this.#remember(key, { hash: before.hash, raw: text, op: 'update' })
      const { ordinal, ...head } = before ?? { ...NEW, firstSeenAt: at }
      this.#records.set(key, { head: { ...head, hash, order, ordinal: ordinal + 1, ...SHOWN }, raw })
    }
    for (const { key, hash, raw } of superseded) {
      if (this.#keys.has(key)) this.#remember(key, { hash, raw, op: 'superseded' })
    }
  }

  #remember(key: Key, one: Past): void {
    this.#past.set(key, [...(this.#past.get(key) ?? []), one])
  }

  #over<T>(stored: ReadonlyMap<Key, T>, keys: readonly Key[], of: (one: Foreseen) => T): ReadonlyMap<Key, T> {
    if (this.#records.size === 0) return stored
    const all = new Map(stored)
    for (const key of keys) {
      const one = this.#records.get(key)
      if (one) all.set(key, of(one))
    }
    return all
  }
}

const SHOWN = { missedBy: null, unavailableSince: null, removedAt: null } as const
const NEW = { ...SHOWN, ordinal: 0, walk: null } as const
/** What nobody asks of a version that is only foreseen. */
const VERSION = { ordinal: 0, at: 0, reason: null, run: null, page: null, columns: {} } as const
