// Owns the run of an upload on its stream: the file is read to its end, its rows are written page by page, and what a newer
// file lacks is removed, or held for a person. An upload that breaks off is a gap until a file is uploaded again.

import type { Stream } from '../../../connector/connector.ts'
import { findsRecords, type Pass, type Upload } from '../../../connector/passes.ts'
import type { UploadedFile } from '../../../connector/uploaded.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { plural } from '../../../model/plural.ts'
import { addCounts, isComplete } from '../../../model/run.ts'
import type { StreamRow, StreamState, UnseenRecord, WalkRow } from '../../../store/store.ts'
import { openedRow } from '../listing/walk-row.ts'
import { holdAll, remove } from '../removals/reconcile.ts'
import { storePage } from '../rows/page.ts'
import { RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import type { Kept } from '../state.ts'
import { askedNow, beginPass, type PassEntry, type StreamRun, write } from '../stream-run.ts'
import { WatchedHttp } from '../watched-http.ts'
import {
  addOverlap,
  aheadOf,
  isProof,
  NO_OVERLAP,
  type Overlap,
  REASON_NOT_IN_UPLOAD,
  type UploadAge,
  uploadHeld,
} from './judge.ts'
import { lackedBy, meet, readRows, type UploadRows, uploadPass } from './rows.ts'

/** The file that a run reads. */
export interface UploadOrder {
  readonly name: string
  readonly files: readonly UploadedFile[]
}

/** Whether nothing but files tells what is new of a stream. */
function isFedByFiles({ passes }: Stream): boolean {
  return passes.filter(findsRecords).every(({ kind }) => kind === 'upload')
}

/** Whether a sync has nothing to do, nor to say, of a stream. */
export function waitsForFiles(
  { passes }: Stream,
  { counts, totalRecords }: Pick<StreamRow, 'counts' | 'totalRecords'>,
  state: StreamState,
): boolean {
  const isIdle = passes.every((pass) => pass.kind === 'upload' || (isCompletion(pass) && totalRecords === 0))
  return isIdle && state.openWalks.length === 0 && counts.held === 0
}

/** What is said of a stream that has nothing but files to read, and was given none yet. */
export function waitingNote(connection: string, stream: string): string {
  return `${stream}: nothing is read before you upload a file: tidemark upload ${connection}/${stream} <file>`
}

/** Whether a pass reads by key what the rows of a file lack. */
export function isCompletion(pass: Pass<never, never>): boolean {
  return pass.kind === 'refresh' && pass.needs !== undefined
}

/** Whether a file was read to its end, and is all that there is of its stream: what completes its rows may have failed. */
export function isWholeFile({ upload }: { readonly upload?: UploadOrder }, streams: readonly StreamRun[]): boolean {
  const isRead = ({ passes }: StreamRun) => passes.some(({ kind, ended }) => kind === 'upload' && isComplete(ended))
  return upload !== undefined && streams.every((run) => isFedByFiles(run.stream) && isRead(run))
}

/** @throws TidemarkError section_missing, upload_unreadable, upload_too_large, before anything is written; cancelled */
export async function readUpload(run: StreamRun, file: UploadOrder): Promise<void> {
  const { scope, stream, parser, name } = run
  const { clock } = scope.world
  const pass = uploadPass(name, { streams: { [name]: stream } })
  const entry = beginPass(run, pass.kind)
  const http = () => new WatchedHttp(scope.http, clock)
  const read = await readRows({
    pass,
    parser,
    files: file.files,
    options: scope.options,
    clock,
    await: (act) => scope.patience.await('read', http(), act),
  })
  try {
    await storeRows(run, entry, { ...read, pass, file: file.name })
  } finally {
    await read.rows.close()
  }
}

interface Reading extends UploadRows {
  /** Without an order, files of this stream do not tell how old they are. */
  readonly pass: Upload<unknown, unknown>
  readonly file: string
}

/** A file, and what it is beside those before. */
interface Judged {
  readonly reading: Reading
  readonly age: UploadAge
  readonly now: number
  /** When the file, or those that it goes on with, began to be stored. */
  readonly since: number
}

/** What was found while the rows were written. */
interface Stored {
  readonly sinceThen: Overlap
  readonly sinceNow: Overlap
  /** Rows of which not even the key could be read. */
  readonly nameless: number
}

async function storeRows(run: StreamRun, entry: PassEntry, reading: Reading): Promise<void> {
  const { rows, newest, ahead, past, pass } = reading
  const { clock, decisions } = run.scope.world
  const now = clock.now()
  const age = decisions.uploadAge(newest, run.kept.upload, aheadOf(pass, now))
  const judged = { reading, age, now, since: run.kept.upload?.since ?? now }
  run.expected = rows.count
  if (age === 'older') run.asides.push(`${run.name}: ${OLDER}`)
  if (ahead > 0 && past > 0) run.asides.push(`${run.name}: ${aheadNote(ahead)}`)
  const isEmpty = rows.count === 0
  const walk = age === 'older' || isEmpty ? undefined : await openWalk(run, entry, judged)
  const stored = await writeRows(run, entry, { ...judged, walk })
  if (isEmpty && pass.order) await holdEverything(run, entry)
  else if (isProof(age) && walk) return reconcile(run, entry, { ...judged, walk, stored })
  entry.ended = 'exhausted'
  run.fullDone = age === 'first'
  await write(run, entry, walk ? closing(run, walk, reading) : {})
}

const OLDER =
  'the file is older than one that was uploaded before, so it changes nothing: nothing is added, removed or restored'

function aheadNote(ahead: number): string {
  return `${plural(ahead, 'row is', 'rows are')} dated ahead of today, which does not count for the age of the file`
}

/** Opens the walk of the upload, or the one that broke off again: what that one has seen is forgotten. */
async function openWalk(
  run: StreamRun,
  entry: PassEntry,
  { reading: { newest, file }, age, since }: Judged,
): Promise<WalkRow> {
  const left = run.openWalks.find(({ pass }) => pass === 'upload')
  const at = run.scope.world.clock.now()
  const opened = openedRow(left, { walk: run.nextWalk, pass: 'upload', at, fromTop: true })
  const walk = { ...opened, position: null, pages: 0, records: 0, note: `of ${file}, which has to be uploaded again` }
  await write(run, entry, {
    walks: [walk],
    ...(left ? { forgetSeen: left.walk } : {}),
    // The file that it is as new as was read to its end.
    ...(newest === undefined || age === 'same' ? {} : { kept: { ...run.kept, upload: { newest, since } } }),
  })
  return walk
}

async function writeRows(
  run: StreamRun,
  entry: PassEntry,
  { reading, age, now, since, walk }: Judged & { readonly walk: WalkRow | undefined },
): Promise<Stored> {
  const { scope, row, parser, stream } = run
  const { store, decisions } = scope.world
  let sinceThen = NO_OVERLAP
  let sinceNow = NO_OVERLAP
  let nameless = 0
  let saved = walk
  for await (const texts of reading.rows.chunks(RECORDS_PER_CHECKPOINT_MAX)) {
    if (scope.signal.aborted) throw new TidemarkError('cancelled', 'The run was cancelled.', { scope: 'run' })
    const askedAt = askedNow(run)
    const volatile = stream.volatile ?? []
    const page = await meet(texts, { store, decisions, streamNo: row.no, parser, volatile, askedAt, age })
    const { unchanged, superseded } = page
    const heads = [...page.heads.values()]
    entry.pending = addCounts(entry.pending, { fetched: unchanged + superseded, unchanged, superseded })
    sinceThen = addOverlap(sinceThen, heads, since)
    sinceNow = addOverlap(sinceNow, heads, now)
    if (saved) saved = { ...saved, pages: saved.pages + 1, records: saved.records + texts.length }
    const walks = saved ? [saved] : []
    const origin = { askedAt, walk: walk?.walk ?? null, keepSeen: walk !== undefined, anchors: false }
    const work = { ...origin, rows: page.rows, read: page.read, measured: page.measured }
    const { unread } = await storePage(run, entry, work, () => ({ save: { walks }, decided: undefined }))
    nameless += unread.filter(({ key }) => key === null).length
  }
  return { sinceThen, sinceNow, nameless }
}

/** A file that is newer, and overlaps what is stored, is the proof itself; what it lacks is gone, unless that is too much. */
async function reconcile(
  run: StreamRun,
  entry: PassEntry,
  { reading, since, walk, stored }: Judged & { readonly walk: WalkRow; readonly stored: Stored },
): Promise<void> {
  const { store, decisions } = run.scope.world
  const absent = await unseen(run, walk.walk)
  const file = { streamNo: run.row.no, parser: run.parser, since, ...reading }
  const absentKeys = absent.map(({ key }) => key)
  const { keys, before } = await lackedBy(store, file, absentKeys)
  const lacking = absent.filter(({ key }) => keys.has(key))
  const missing = lacking.length
  const { nameless } = stored
  const reason = uploadHeld({ missing, before, ...stored }, decisions.heldReason)
  const ended = closing(run, walk, reading, reason === undefined ? undefined : since)
  const { unproved: _before, unread: _too, ...kept } = ended.kept
  const unproved = nameless > 0 && missing > 0 ? { unproved: missing, unread: nameless } : {}
  if (nameless === 0 && reason !== undefined) await holdAll(run, entry, lacking, reason)
  else if (nameless === 0) await remove(run, entry, lacking, REASON_NOT_IN_UPLOAD)
  entry.ended = 'exhausted'
  run.fullDone = true
  await write(run, entry, {
    ...ended,
    kept: { ...kept, ...unproved },
    ...(reason === undefined && nameless === 0 ? { hold: { reason: '', keys: [], replace: true } } : {}),
  })
}

/** Live records that the file lacks, but for those that a person keeps. */
async function unseen(run: StreamRun, walk: number): Promise<readonly UnseenRecord[]> {
  const { store } = run.scope.world
  const found: UnseenRecord[] = []
  for (let after: string | null = null; ; ) {
    const query = { streamNo: run.row.no, walk, after, limit: RECORDS_PER_CHECKPOINT_MAX }
    const part: readonly UnseenRecord[] = await store.walks.unseen(query)
    const last = part.at(-1)
    if (!last) return found
    after = last.key
    const kept = await store.review.kept(
      run.row.no,
      part.map(({ key }) => key),
    )
    found.push(...part.filter(({ key }) => !kept.has(key)))
  }
}

export const EMPTY = 'the file lists nothing, while records are stored'

/** A file in which the list is empty may be right; a person knows. */
async function holdEverything(run: StreamRun, entry: PassEntry): Promise<void> {
  const all = await unseen(run, run.nextWalk)
  if (all.length === 0) return
  await holdAll(run, entry, all, EMPTY)
}

function closing(
  run: StreamRun,
  walk: WalkRow,
  { newest }: Reading,
  since?: number,
): { readonly walks: readonly WalkRow[]; readonly forgetSeen: number; readonly kept: Kept } {
  const closed = { closedAt: run.scope.world.clock.now(), ended: 'exhausted' as const, note: '' }
  return {
    walks: [{ ...walk, ...closed }],
    forgetSeen: walk.walk,
    kept: {
      ...run.kept,
      ...(newest === undefined ? {} : { upload: { newest, done: true, ...(since === undefined ? {} : { since }) } }),
    },
  }
}
