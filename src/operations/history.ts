// Owns the contents that a record has had.

import { z } from 'zod'
import { instant } from '../engine/runs/report.ts'
import { typedColumns } from '../model/typed-columns.ts'
import { recordUnknown } from '../model/unknown-name.ts'
import type { VersionRow } from '../store/store.ts'
import { connectionInput, keyInput, streamInput } from './inputs.ts'
import { streamOf } from './mirror.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

export interface OneRecord {
  readonly connection: string
  readonly stream: string
  readonly key: string
}

/** One past content of a record. */
export type VersionOf<Columns> = Omit<VersionRow, 'at' | 'columns'> & {
  /** ISO 8601, in UTC. */
  readonly at: string
  readonly columns: Columns
}

type Version = VersionOf<Readonly<Record<string, unknown>>>

export const history = operation<OneRecord, Promise<readonly Version[]>>({
  name: 'history',
  does: 'Show every version of a record, oldest first.',
  details: 'Content that came when a newer one was stored is among them, as superseded.',
  scope: 'read',
  input: { connection: connectionInput, stream: streamInput, key: keyInput },
  positional: ['connection', 'stream', 'key'],
  list: 'versions',
  listedBy: ['at', 'ordinal'],
  output: z.looseObject({
    ordinal: z.number(),
    op: z.string(),
    at: z.string(),
    reason: z.string().nullable(),
    run: z.string().nullable(),
    page: z.number().nullable(),
    columns: z.record(z.string(), z.unknown()),
  }),
  examples: [{ connection: 'me', stream: 'stars', key: '1029384' }],
  async run(mirror, { key, ...of }) {
    const { stream } = await streamOf(mirror, of)
    const { no, shape } = stream
    const versions = await mirror.store.history.versions(no, await namedKey(mirror.store, stream, key))
    if (versions.length === 0) throw recordUnknown(`${of.connection}/${stream.stream}`, key)
    return versions.map((version) => ({
      ...version,
      at: instant(version.at),
      columns: typedColumns(shape, version.columns),
    }))
  },
})
