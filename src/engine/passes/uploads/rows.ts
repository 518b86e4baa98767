// Owns the rows of an uploaded file: read to the last one before anything is done with them, and looked at page by page,
// with what is stored of their records.

import type { Connector } from '../../../connector/connector.ts'
import type { Order } from '../../../connector/page.ts'
import type { Upload } from '../../../connector/passes.ts'
import type { UploadedFile } from '../../../connector/uploaded.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { parseExact } from '../../../model/exact-json.ts'
import type { Key } from '../../../model/record.ts'
import type { Store } from '../../../store/store.ts'
import { KeptRows } from '../../../uploads/rows.ts'
import type { Decisions } from '../decisions.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { type RowParser, rowText } from '../rows/shape.ts'
import { isSameContent } from '../rows/upsert.ts'
import type { World } from '../stream-run.ts'
import { aheadOf, type Dates, NO_DATES, type UploadAge, type UploadHead, withDate } from './judge.ts'
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
  readonly clock: Pick<World['clock'], 'sleep' | 'now'>
  /** Awaits the connector's code, as long as that is worth it. */
  readonly await: <T>(act: () => Promise<T>) => Promise<T>
}

/** Reads the file to its end. @throws what the connector throws: section_missing, upload_unreadable, upload_too_large */
export async function readRows({
  pass,
  parser,
  files,
  options,
  clock,
  await: wait,
}: UploadReader): Promise<UploadRows> {
  const rows = new KeptRows()
  const isAhead = aheadOf(pass, clock.now())
  let dates = NO_DATES
  try {
    const found = pass.read({ files, options })[Symbol.asyncIterator]()
    for (let done = false; !done; ) {
      const pulled = await wait(() => pull(found))
      for (const row of pulled.rows) {
        await rows.add(rowText(row) ?? 'null')
        if (pass.order) dates = withDate(dates, placeOf(pass.order, parser, row, clock.now()), isAhead)
      }
      ;({ done } = pulled)
      // A heartbeat and a signal have their turn.
      await clock.sleep(0)
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

/** Of a row that is no record, or has no place, nothing is known. */
function placeOf(
  order: (record: never) => unknown,
  parser: RowParser,
  row: unknown,
  askedAt: number,
): Order | undefined {
  const parsed = parser.parse(row, 0, askedAt)
  if ('quarantined' in parsed) return undefined
  try {
    const place = order(parsed.record as never)
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
  /** Keys for which the file itself gives metrics. */
  readonly measured: ReadonlySet<Key>
  /** Those that are only counted. */
  readonly unchanged: number
  readonly superseded: number
  /** Rows that could be read, by the keys of their records. */
  readonly keys: ReadonlySet<Key>
  /** What the mirror knows of these. */
  readonly heads: readonly UploadHead[]
}

export interface Meeting {
  readonly store: Pick<Store, 'records'>
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
  const measured = new Set<Key>()
  const counted = { unchanged: 0, superseded: 0 }
  for (const [place, one] of parsed.entries()) {
    if ('quarantined' in one) {
      rows.push(given[place])
      continue
    }
    const { key, raw } = one.incoming
    const content = contents.get(key)
    const merged = content === undefined ? raw : mergedText(content.raw, raw)
    const isSame = content !== undefined && isSameContent(merged, content.raw, volatile)
    const fate = decisions.uploadFate(age, heads.get(key), isSame)
    if (fate === 'store') {
      rows.push(merged === raw ? given[place] : rowOf(merged))
      if (one.metrics?.some((value) => value !== null)) measured.add(key)
    } else counted[fate]++
  }
  return { rows, measured, ...counted, keys, heads: [...heads.values()] }
}

/** Records that a file would have if they were still in its list. */
export interface Lacked {
  readonly keys: ReadonlySet<Key>
  /** How many of them were stored before the file began to be. */
  readonly before: number
}

/** Of records that a file does not have: what is dated later than all that it has came into the list after it. */
export async function lackedBy(
  store: Pick<Store, 'records'>,
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
      const place = content && placeOf(order, parser, rowOf(content.raw), firstSeenAt)
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
