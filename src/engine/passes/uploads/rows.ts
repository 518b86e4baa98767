// Owns the rows of an uploaded file: read to the last one before anything is done with them, and looked at page by page,
// with what is stored of their records.

import type { Connector } from '../../../connector/connector.ts'
import type { Order } from '../../../connector/page.ts'
import type { Upload } from '../../../connector/passes.ts'
import type { UploadedFile } from '../../../connector/uploaded.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { parseExact } from '../../../model/exact-json.ts'
import type { Head, Key } from '../../../model/record.ts'
import { KeptRows } from '../../../uploads/rows.ts'
import type { Decisions } from '../decisions.ts'
import type { Looks } from '../rows/known.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { BUSY_MAX_MS } from '../rows/parse.ts'
import { type Parsed, type ReadRow, type RowParser, rowText } from '../rows/shape.ts'
import { isSameContent } from '../rows/upsert.ts'
import type { World } from '../stream-run.ts'
import { aheadOf, type Dates, NO_DATES, type UploadAge, withDate } from './judge.ts'
import { mergedText } from './merge.ts'

/** What a stream reads of a file; without dates where the pass declares no order. */
export interface UploadRows extends Dates {
  readonly rows: KeptRows
}

/** Rows that are taken from a connector at a time. */
const PULLED = 500

/** How a connector's rows are read: who waits for them, and what makes records of them. */
export interface UploadReader {
  readonly pass: Upload<unknown, unknown>
  readonly parser: RowParser
  readonly files: readonly UploadedFile[]
  readonly options: unknown
  readonly clock: Pick<World['clock'], 'sleep' | 'now' | 'mono'>
  /** Awaits the connector's code, as long as that is worth it. */
  readonly await: <T>(act: () => Promise<T>) => Promise<T>
  /** Gets the key of each row that is a record. */
  readonly onKey?: (key: Key) => void
}

/** Reads the file to its end. @throws what the connector throws: section_missing, upload_unreadable, upload_too_large */
export async function readRows({
  pass,
  parser,
  files,
  options,
  clock,
  await: wait,
  onKey,
}: UploadReader): Promise<UploadRows> {
  const rows = new KeptRows()
  const isAhead = aheadOf(pass, clock.now())
  let dates = NO_DATES
  let since = clock.mono()
  try {
    const found = pass.read({ files, options })[Symbol.asyncIterator]()
    for (let done = false; !done; ) {
      const pulled = await wait(() => pull(found))
      for (const row of pulled.rows) {
        const kept = rows.add(rowText(row) ?? 'null')
        if (kept) await kept
        if (!pass.order && !onKey) continue
        const record = parser.parse(row, 0, clock.now())
        if ('quarantined' in record) continue
        onKey?.(record.incoming.key)
        if (pass.order) dates = withDate(dates, placeOf(pass.order, record), isAhead)
      }
      ;({ done } = pulled)
      if (clock.mono() - since < BUSY_MAX_MS) continue
      // A heartbeat and a signal have their turn.
      await clock.sleep(0)
      since = clock.mono()
    }
    return { rows, ...dates }
  } catch (error) {
    await rows.close()
    throw error
  }
}

async function pull(
  found: AsyncIterator<unknown>,
): Promise<{ readonly rows: readonly unknown[]; readonly done: boolean }> {
  const rows: unknown[] = []
  while (rows.length < PULLED) {
    const { done, value } = await found.next()
    if (done) return { rows, done }
    rows.push(value)
  }
  return { rows, done: false }
}

/** Of a record that has no place, nothing is known. */
function placeOf(order: (record: never) => unknown, { record }: Parsed): Order | undefined {
  try {
    const place = order(record as never)
    const isPlace = typeof place === 'string' ? place !== '' : typeof place === 'number' && Number.isFinite(place)
    return isPlace ? (place as Order) : undefined
  } catch {
    return undefined
  }
}

/** Rows as they meet what is stored. */
export interface UploadPage {
  /** Those to store, merged with what is stored of their records. */
  readonly rows: readonly unknown[]
  /** What the parser has made of each of them. */
  readonly read: readonly ReadRow[]
  /** Keys for which the file itself gives metrics. */
  readonly measured: ReadonlySet<Key>
  /** Those that are only counted. */
  readonly unchanged: number
  readonly superseded: number
  /** What the mirror knows of those that could be read. */
  readonly heads: ReadonlyMap<Key, Head>
}

export interface Meeting {
  readonly store: Pick<Looks, 'records'>
  readonly decisions: Pick<Decisions, 'uploadFate'>
  readonly streamNo: number
  readonly parser: RowParser
  readonly volatile: readonly string[]
  readonly askedAt: number
  readonly age: UploadAge
}

/** Looks up the records of a part of a file. `texts` are the rows. */
export async function meet(texts: readonly string[], meeting: Meeting): Promise<UploadPage> {
  const { store, decisions, streamNo, parser, volatile, askedAt, age } = meeting
  const given = parseExact(`[${texts.join(',')}]`) as readonly unknown[]
  const parsed = given.map((row, place) => parser.parse(row, place, askedAt))
  const keys = new Set(parsed.flatMap((one) => ('quarantined' in one ? [] : [one.incoming.key])))
  const heads = await store.records.look(streamNo, [...keys])
  const contents = await store.records.contents(streamNo, [...heads.keys()])
  const rows: unknown[] = []
  const read: ReadRow[] = []
  const measured = new Set<Key>()
  const counted = { unchanged: 0, superseded: 0 }
  for (const [place, one] of parsed.entries()) {
    if ('quarantined' in one) {
      read.push({ quarantined: { ...one.quarantined, index: rows.length } })
      rows.push(given[place])
      continue
    }
    const { key, raw } = one.incoming
    const content = contents.get(key)
    const merged = content === undefined ? raw : mergedText(content.raw, raw)
    const isSame = content !== undefined && isSameContent(merged, content.raw, volatile)
    const fate = decisions.uploadFate(age, heads.get(key), isSame)
    if (fate === 'store') {
      const row = merged === raw ? given[place] : rowOf(merged)
      read.push(merged === raw ? one : parser.parse(row, rows.length, askedAt))
      rows.push(row)
      if (one.metrics?.some((value) => value !== null)) measured.add(key)
    } else counted[fate]++
  }
  return { rows, read, measured, ...counted, heads }
}

/** Records that a file would have if they were still in its list. */
export interface Lacked {
  readonly keys: ReadonlySet<Key>
  /** How many of them were stored before the file began to be. */
  readonly before: number
}

/** Of records that a file does not have: what is dated later than all that it has came into the list after it. */
export async function lackedBy(
  store: Pick<Looks, 'records'>,
  { streamNo, pass: { order }, parser, newest, since }: FileRead,
  absent: readonly Key[],
): Promise<Lacked> {
  const keys = new Set<Key>()
  let before = 0
  for (const part of chunks(absent, RECORDS_PER_CHECKPOINT_MAX)) {
    const heads = await store.records.look(streamNo, part)
    const contents = await store.records.contents(streamNo, part)
    for (const [key, { firstSeenAt }] of heads) {
      const content = order && contents.get(key)
      const parsed = content && parser.parse(rowOf(content.raw), 0, firstSeenAt)
      const place = order && parsed && 'record' in parsed ? placeOf(order, parsed) : undefined
      const isLater =
        place !== undefined && newest !== undefined && !(typeof place === typeof newest && place <= newest)
      if (isLater) continue
      keys.add(key)
      if (firstSeenAt < since) before++
    }
  }
  return { keys, before }
}

interface FileRead extends Pick<UploadReader, 'pass' | 'parser'>, Pick<UploadRows, 'newest'> {
  readonly streamNo: number
  readonly since: number
}

/** A row that is known by its text, as those of a file are. */
function rowOf(text: string): unknown {
  return (parseExact(`[${text}]`) as readonly unknown[])[0]
}

/** @throws TidemarkError upload_unsupported (stop) */
export function uploadPass(name: string, { streams }: Pick<Connector, 'streams'>): Upload<unknown, unknown> {
  const pass = streams[name]?.passes.find(({ kind }) => kind === 'upload')
  if (pass) return pass as Upload<unknown, unknown>
  const able = Object.keys(streams).filter((one) => streams[one]?.passes.some(({ kind }) => kind === 'upload'))
  const hint = able.length > 0 ? `These streams do: ${able.join(', ')}.` : 'No stream of its connector does.'
  throw new TidemarkError('upload_unsupported', `The stream "${name}" reads no files.`, { hint })
}
