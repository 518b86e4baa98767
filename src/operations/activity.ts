// Owns what has changed lately, as a person reads it: the newest change first, with what each record is called.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { CHANGE_OPS, type ChangeOp } from '../model/record.ts'
import type { ChangeRow } from '../store/store.ts'
import { oneOf, optional, text } from './fields.ts'
import { type ByNumber, byNumber, limit, ofConnection } from './inputs.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { titleOf } from './record-titles.ts'

const activityDocument = document({
  /** Its number in the change feed. */
  seq: z.number(),
  at: z.string(),
  connection: z.string(),
  stream: z.string(),
  key: z.string(),
  /** What the record is called now; null: its stream declares no text. */
  title: z.string().nullable(),
  op: z.enum(CHANGE_OPS),
  /** The run that made it. */
  run: z.string().nullable(),
  /** The version of the record that it made. */
  ordinal: z.number(),
})
export type Activity = DocumentOf<typeof activityDocument>

export interface ActivityQuery {
  readonly connection?: string | undefined
  readonly stream?: string | undefined
  readonly op?: ChangeOp | undefined
  /** @default 100 */
  readonly limit?: number | undefined
}

const LIMIT = 100
const LIMIT_MAX = 1_001

export const activity = operation<ActivityQuery, Promise<readonly Activity[]>, ByNumber>({
  name: 'activity',
  does: 'List what has changed, the newest first.',
  details:
    'What a program follows is changes, from the oldest on and without gaps; this is for people, as far back as the change feed is kept.',
  scope: 'read',
  isLook: true,
  input: {
    connection: ofConnection,
    stream: optional(text('only those of streams of this name', { sign: 'stream' })),
    op: optional(oneOf(CHANGE_OPS, 'only what was inserted, updated, restored or removed', { sign: 'op' })),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  hooks: byNumber,
  list: 'activity',
  output: activityDocument,
  examples: [{ connection: 'me', op: 'remove' }, {}],
  async run(mirror, { connection, stream, op, limit: most = LIMIT }, { behind, onPlace }) {
    const { store, project } = mirror
    if (connection !== undefined) await connectionRow(mirror, connection)
    const rows = await store.feed.newest({ project, connection, stream, op, before: behind, limit: most })
    for (const { seq } of rows) onPlace?.(seq)
    const titles = await titlesOf(mirror, rows)
    return rows.map((row, i) => {
      const { seq, at, connection: of, stream: name, key, op: kind, run, ordinal } = row
      return {
        seq,
        at: instant(at),
        connection: of,
        stream: name,
        key,
        title: titles[i] ?? null,
        op: kind,
        run,
        ordinal,
      }
    })
  },
})

/** What the record of each change is called, in their order; a stream's records are read together. */
async function titlesOf({ store, project, connectors }: Mirror, rows: readonly ChangeRow[]) {
  const titles = new Array<string | null>(rows.length).fill(null)
  for (const { no, id, connector: name } of await store.connections.list(project)) {
    if (!rows.some(({ connection }) => connection === id)) continue
    const connector = await connectors.find(name)
    for (const { no: streamNo, stream } of await store.streams.list(no)) {
      const declared = connector?.streams[stream]?.text
      const those = rows.flatMap((row, i) =>
        row.connection === id && row.stream === stream ? [{ key: row.key, i }] : [],
      )
      if (!declared || those.length === 0) continue
      const contents = await store.records.contents(
        streamNo,
        those.map(({ key }) => key),
      )
      for (const { key, i } of those) titles[i] = titleOf(contents.get(key)?.columns, declared)
    }
  }
  return titles
}
