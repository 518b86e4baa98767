// Owns the reads of a SQLite file that may go through a million rows: which they are, and how they are done. A statement of SQLite
// holds its thread until its end; where a process serves, these are done in threads beside it (reading-threads.ts).

import { bind } from '../statements.ts'
import type { RecordsQuery, Store } from '../store.ts'
import { readableTables } from '../system/readable-tables.ts'
import { records } from '../system/records.ts'
import { snapshots } from '../system/snapshots.ts'
import { Streams } from '../system/streams.ts'
import { texts } from '../system/texts.ts'
import type { Connection } from './connection.ts'
import { SQLITE, sqliteDrive } from './dialect.ts'
import { totals } from './totals.ts'

type Part = 'records' | 'history' | 'tables' | 'texts'

/** A method of the store by its name, with what it is given. */
export interface LongRead {
  readonly part: Part
  readonly method: string
  readonly args: readonly unknown[]
}

/** Whoever asks for more records at a time reads all of them, as an export does. */
const PAGE_MAX = 250

/** By part and method, whether a call of it may take long. */
const LONG: Readonly<Record<Part, Readonly<Record<string, (...args: never[]) => boolean>>>> = {
  records: {
    orderedKeys: () => true,
    orderedPlaces: () => true,
    milestones: () => true,
    list: ({ where, asOf, limit, keys }: RecordsQuery) =>
      keys === undefined && (limit > PAGE_MAX || asOf !== undefined || (where !== undefined && !('_key' in where))),
  },
  history: { snapshots: () => true, movements: () => true },
  tables: { countRows: () => true },
  texts: { find: () => true },
}

/** Does one, over a connection of its own: as what is stored now says, whatever has been read before. */
export async function readLong(db: Connection, { part, method, args }: LongRead): Promise<unknown> {
  const drive = sqliteDrive(db)
  const streams = new Streams(SQLITE, () => undefined)
  const parts: Readonly<Record<Part, object>> = {
    records: bind(records(SQLITE, streams), drive),
    history: bind(
      snapshots(SQLITE, streams, (...order) => totals(db, ...order)),
      drive,
    ),
    tables: bind(readableTables(SQLITE), drive),
    texts: bind(texts(SQLITE), drive),
  }
  const methods = parts[part] as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>
  return methods[method]?.(...args)
}

/** The same store, whose long reads `read` does; where it gives undefined, the store itself. */
export function withLongReads(store: Store, read: (asked: LongRead) => Promise<unknown> | undefined): Store {
  const apart = Object.entries(LONG).map(([name, methods]) => {
    const part = name as Part
    const here = store[part] as unknown as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>
    const replaced = Object.entries(methods).map(([method, isLong]) => {
      const ask = (...args: readonly unknown[]) => {
        const elsewhere = (isLong as (...args: readonly unknown[]) => boolean)(...args)
        return (elsewhere ? read({ part, method, args }) : undefined) ?? here[method]?.(...args)
      }
      return [method, ask] as const
    })
    return [part, { ...here, ...Object.fromEntries(replaced) }] as const
  })
  return { ...store, ...(Object.fromEntries(apart) as Partial<Store>) }
}
