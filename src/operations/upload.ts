// Owns uploading a file to a stream: the run that reads it, and the preview of what such a run would do.

import { z } from 'zod'
import type { Connector } from '../connector/connector.ts'
import { type DocumentOf, document } from '../engine/document.ts'
import { runDocument } from '../engine/runs/documents.ts'
import type { RunOrder } from '../engine/runs/order.ts'
import { instant } from '../engine/runs/report.ts'
import { errorReport } from '../model/errors.ts'
import { type Ended, NO_COUNTS, type RunReport, type RunStatus } from '../model/run.ts'
import type { ConnectionRow } from '../store/store.ts'
import type { OpenedUpload, UploadSource } from '../uploads/open.ts'
import { file as fileField, listener, optional, signal, text, yesOrNo } from './fields.ts'
import { connectionInput, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorOf, type Mirror, streamRow } from './mirror.ts'
import { operation } from './operation.ts'

const files = later(() => import('../uploads/open.ts'))
const rows = later(() => import('../engine/passes/uploads/rows.ts'))
const runner = later(() => import('../engine/runs/run.ts'))
const attaching = later(() => import('../engine/runs/attach.ts'))
const reporting = later(() => import('../engine/runs/report.ts'))
const previewing = later(() => import('../engine/runs/preview-upload.ts'))

export interface UploadInput {
  readonly connection: string
  readonly stream: string
  /** Its path, its `file:` address, its bytes, or a stream of them. */
  readonly file: UploadSource
  /** What the file is called, where no path tells: some services tell by the name what is in it. */
  readonly name?: string | undefined
  /** Tell what would change, and change nothing. */
  readonly dryRun?: boolean | undefined
}

export type UploadHooks = Pick<RunOrder, 'signal' | 'onProgress' | 'onAttach'>

const orderValue = z.union([z.string(), z.number()]).nullable()
const keys = z.array(z.string())

const diffDocument = document({
  /** Compared with the files before: `first`, `newer`, `same` (its greatest date is that of the last), `older`, `undated`. */
  age: z.enum(['first', 'newer', 'same', 'older', 'undated']),
  /** Rows of the stream that the file has. */
  rows: z.number(),
  /** The greatest date of the file, as the connector tells dates; null: it has none. */
  newest: orderValue,
  /** The greatest date of the newest file before. */
  previous: orderValue,
  /** Records of the file that are known already. */
  known: z.number(),
  /** Keys of records that would change, the first 1,000 of each kind. */
  inserted: keys,
  updated: keys,
  restored: keys,
  removed: keys,
  held: keys,
  /** Why removals would wait for a person. */
  heldReason: z.string().nullable(),
  /** Rows that can't be read, the first 20: they would be set aside. `raw` is how one begins. */
  unreadable: z.array(z.object({ key: z.string().nullable(), code: z.string(), message: z.string(), raw: z.string() })),
})
export type UploadDiff = DocumentOf<typeof diffDocument>

/** The report of a run; of a dry run, which is none, its id is null, its counts are those that a run would have. */
export type UploadReport = Omit<RunReport, 'id'> & {
  readonly id: string | null
  readonly dryRun: boolean
  /** What a dry run has found; null where the file was read for good, or could not be. */
  readonly diff: UploadDiff | null
}

const uploadDocument: z.ZodType<UploadReport> = runDocument.extend({
  id: z.string().nullable(),
  dryRun: z.boolean(),
  diff: diffDocument.nullable(),
})

export const upload = operation<UploadInput, Promise<UploadReport>, UploadHooks>({
  name: 'upload',
  does: 'Read a file that a service has exported into a stream.',
  details:
    'The file, or the ZIP that it came in, is read to its end before anything is written. A file that is not older than the last is the whole list: what it lacks is removed, or held for a person where that is much. An older one changes nothing.',
  scope: 'sync',
  input: {
    connection: connectionInput,
    stream: streamInput,
    file: fileField('the file, or the ZIP that it came in'),
    name: optional(text('the name of the file, where it has another one here', { sign: 'name' })),
    dryRun: optional(yesOrNo('tell what would change, and change nothing')),
  },
  hooks: {
    signal: signal('stops the upload after its current page'),
    onProgress: listener('gets the progress of the run with every page'),
    onAttach: listener('is called when another run is waited for first'),
  },
  positional: ['connection', 'stream', 'file'],
  output: uploadDocument,
  examples: [
    { connection: 'tiktok', stream: 'favorites', file: 'user_data_tiktok.json', dryRun: true },
    { connection: 'me', stream: 'saved', file: 'saved_posts.csv' },
  ],
  async run(mirror, { connection, stream, file, name, dryRun = false }, hooks) {
    const row = await connectionRow(mirror, connection)
    await streamRow(mirror, row, stream)
    const connector = await connectorOf(mirror, row)
    const [{ openUpload }, { uploadPass }] = await Promise.all([files(), rows()])
    uploadPass(stream, connector)
    const opened = await openUpload(file, { name })
    try {
      const asked = { row, connector, stream, opened }
      return await (dryRun ? preview(mirror, asked, hooks.signal) : runUpload(mirror, asked, hooks))
    } finally {
      await opened.close()
    }
  },
})

interface Asked {
  readonly row: ConnectionRow
  readonly connector: Connector
  readonly stream: string
  readonly opened: OpenedUpload
}

/** @throws TidemarkError connection_paused, options_invalid, key_wrong; what is wrong with the file is in the report */
async function runUpload(
  mirror: Mirror,
  { row, connector, stream, opened }: Asked,
  hooks: Partial<UploadHooks>,
): Promise<UploadReport> {
  const [{ runConnection }, { attachOrStart }, { runReport }] = await Promise.all([runner(), attaching(), reporting()])
  const ports = { ...mirror }
  const order = {
    ...hooks,
    mode: 'upload',
    streams: [stream],
    upload: opened,
    all: Object.keys(connector.streams),
  } as const
  const run = await attachOrStart(ports, row, order, () => runConnection(ports, connector, row, order))
  return { ...runReport(run), dryRun: false, diff: null }
}

interface End {
  readonly status: RunStatus
  readonly ended: Ended
}

const FAILED: End = { status: 'failed', ended: 'failed' }
/** How a dry run ends without an answer, by the code of what ended it, as a run would. */
const ENDS: Readonly<Record<string, End>> = {
  section_missing: { status: 'incomplete', ended: 'limit' },
  cancelled: { status: 'cancelled', ended: 'cancelled' },
}

/** What is wrong with the file is in the report, as a run has it. */
async function preview(mirror: Mirror, asked: Asked, stop: AbortSignal | undefined): Promise<UploadReport> {
  const { project, clock } = mirror
  const { row, stream } = asked
  const at = instant(clock.now())
  const { previewFile } = await previewing()
  const report = {
    id: null,
    project,
    connection: row.id,
    mode: 'upload',
    startedAt: at,
    requests: 0,
    billedItems: 0,
    cost: null,
    currency: null,
    notes: [],
    progress: null,
    dryRun: true,
  } as const
  const pass = { pass: 'upload', pages: 0, requests: 0 } as const
  try {
    const { counts, ...diff } = await previewFile(mirror, asked, stop)
    const status = counts.held + counts.quarantined > 0 ? 'incomplete' : 'succeeded'
    const streams = [{ stream, passes: [{ ...pass, ended: 'exhausted' as const }], counts }]
    return { ...report, finishedAt: instant(clock.now()), status, streams, error: null, diff }
  } catch (thrown) {
    const error = errorReport(thrown)
    const { status, ended } = ENDS[error.code] ?? FAILED
    const streams = [{ stream, passes: [{ ...pass, ended }], counts: NO_COUNTS }]
    return { ...report, finishedAt: instant(clock.now()), status, streams, error, diff: null }
  }
}
