// Owns what an upload would do, without doing it: the same decisions over the same rows, and nothing is written.

import type { Order } from '../../../connector/page.ts'
import type { Upload } from '../../../connector/passes.ts'
import type { Key } from '../../../model/record.ts'
import { addCounts, type Counts, NO_COUNTS } from '../../../model/run.ts'
import type { Store } from '../../../store/store.ts'
import type { Decisions } from '../decisions.ts'
import { KeySet } from '../key-set.ts'
import { lookUp, partsOf } from '../rows/known.ts'
import { RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import type { RowParser } from '../rows/shape.ts'
import { recordOf } from '../stream-run.ts'
import { type FileKeys, ForeseenStore } from './foreseen.ts'
import { addOverlap, aheadOf, isProof, type LastUpload, NO_OVERLAP, type UploadAge, uploadHeld } from './judge.ts'
import { lackedBy, meet, type UploadRows } from './rows.ts'
import { EMPTY } from './upload.ts'

/** Keys that each list of a preview names, at most. */
export const PREVIEW_KEYS_MAX = 1_000

/** Rows that can't be read of which a preview shows the text, at most; and how much of each, in characters. */
export const PREVIEW_UNREADABLE_MAX = 20
export const PREVIEW_RAW_CHARS_MAX = 500

/** A row that can't be read. */
export interface UnreadableRow {
  /** Null: it does not even tell its key. */
  readonly key: Key | null
  readonly code: string
  readonly message: string
  /** How it begins. */
  readonly raw: string
}

export interface UploadPreview {
  readonly age: UploadAge
  readonly rows: number
  /** The greatest order value of the file, and of the newest that was uploaded. */
  readonly newest: Order | null
  readonly previous: Order | null
  /** How many of its records are known. */
  readonly known: number
  /** Keys, the first PREVIEW_KEYS_MAX of each kind. */
  readonly inserted: readonly Key[]
  readonly updated: readonly Key[]
  readonly restored: readonly Key[]
  readonly removed: readonly Key[]
  readonly held: readonly Key[]
  /** Why removals would be held for a person. */
  readonly heldReason: string | null
  /** The first PREVIEW_UNREADABLE_MAX rows that would be set aside. */
  readonly unreadable: readonly UnreadableRow[]
  readonly counts: Counts
}

export interface Previewed {
  readonly store: Pick<Store, 'records' | 'history' | 'review'>
  readonly decisions: Decisions
  readonly streamNo: number
  readonly parser: RowParser
  readonly volatile: readonly string[]
  /** Without an order, files of the stream do not tell how old they are. */
  readonly pass: Upload<unknown, unknown>
  readonly last: LastUpload | undefined
  readonly askedAt: number
  readonly read: UploadRows
  /** Those of its rows. */
  readonly keys: FileKeys
  /** Called between parts of the file: others have their turn. What it throws ends the dry run. */
  readonly turn: () => Promise<void>
}

type Lists = Record<'inserted' | 'updated' | 'restored' | 'removed' | 'held', Key[]>

export async function previewUpload(given: Previewed): Promise<UploadPreview> {
  const { store, decisions, streamNo, parser, volatile, pass, last, askedAt, read, keys, turn } = given
  const age = decisions.uploadAge(read.newest, last, aheadOf(pass, askedAt))
  const since = last?.since ?? askedAt
  const lists: Lists = { inserted: [], updated: [], restored: [], removed: [], held: [] }
  const foreseen = new ForeseenStore(store, keys.repeated)
  const setAside = new KeySet()
  const unreadable: UnreadableRow[] = []
  let counts = NO_COUNTS
  let sinceThen = NO_OVERLAP
  let sinceNow = NO_OVERLAP
  let nameless = 0
  for await (const texts of read.rows.chunks(RECORDS_PER_CHECKPOINT_MAX)) {
    await turn()
    const page = await meet(texts, { store: foreseen, decisions, streamNo, parser, volatile, askedAt, age })
    const heads = [...page.heads.values()]
    sinceThen = addOverlap(sinceThen, heads, since)
    sinceNow = addOverlap(sinceNow, heads, askedAt)
    const quarantined = page.read.flatMap((one) => ('quarantined' in one ? [one.quarantined] : []))
    nameless += quarantined.filter(({ key }) => key === null).length
    for (const { key } of quarantined) if (key !== null) keys.add(key)
    const { unchanged, superseded } = page
    const apart = quarantined.filter((one) => setAside.add(recordOf(one)))
    for (const { key, code, message, raw } of apart.slice(0, PREVIEW_UNREADABLE_MAX - unreadable.length))
      unreadable.push({ key, code, message, raw: raw.slice(0, PREVIEW_RAW_CHARS_MAX) })
    counts = addCounts(counts, { fetched: texts.length, unchanged, superseded, quarantined: apart.length })
    const found = page.read.filter((one) => 'incoming' in one)
    const shownBefore = async (some: readonly Key[]) => foreseen.shownBefore(some)
    const looked = { streamNo, askedAt, volatile, shownBefore }
    const meetPage = () => lookUp(foreseen, found, { ...looked, heads: page.heads })
    for (const [i, part] of (await partsOf(found, volatile, meetPage)).entries()) {
      const known = await lookUp(foreseen, part, { ...looked, heads: i === 0 ? page.heads : undefined })
      const context = { ...known, volatile, walk: null, openWalks: new Set<number>(), askedAt, isOfFile: true }
      const upserts = decisions.decideUpserts(part, context)
      foreseen.foresee(part, upserts, known, askedAt)
      add(lists.inserted, upserts.inserts)
      for (const op of ['update', 'restore'] as const) {
        const into = op === 'update' ? lists.updated : lists.restored
        add(
          into,
          upserts.updates.filter((one) => one.op === op),
        )
      }
      counts = addCounts(counts, upserts.counts)
    }
  }
  const isEmpty = read.rows.count === 0 && pass.order !== undefined
  let heldReason: string | null = null
  if ((isEmpty || isProof(age)) && nameless === 0) {
    const { lacking, before } = await lackingOf(given, keys, since)
    const beside = { missing: lacking.length, before, sinceThen, sinceNow }
    const reason = isEmpty ? EMPTY : uploadHeld(beside, decisions.heldReason)
    heldReason = lacking.length > 0 ? (reason ?? null) : null
    const into = heldReason === null ? 'removed' : 'held'
    add(
      lists[into],
      lacking.map((key) => ({ key })),
    )
    counts = addCounts(counts, { [into]: lacking.length })
  }
  const previous = last?.newest ?? null
  const { known } = sinceThen
  return {
    age,
    rows: read.rows.count,
    newest: read.newest ?? null,
    previous,
    known,
    ...lists,
    heldReason,
    unreadable,
    counts,
  }
}

function add(list: Key[], records: readonly { readonly key: Key }[]): void {
  list.push(...records.slice(0, Math.max(0, PREVIEW_KEYS_MAX - list.length)).map(({ key }) => key))
}

/** Live records that the file lacks, but for those that came after it, and those that a person keeps. */
async function lackingOf(
  { store, streamNo, pass, parser, read: { newest } }: Previewed,
  keys: FileKeys,
  since: number,
): Promise<{ readonly lacking: readonly Key[]; readonly before: number }> {
  const lacking: Key[] = []
  let before = 0
  for (let after: Key | undefined; ; ) {
    const query = {
      streamNo,
      columns: [],
      limit: RECORDS_PER_CHECKPOINT_MAX,
      ...(after === undefined ? {} : { after }),
    }
    const rows = await store.records.list(query)
    const last = rows.at(-1)
    if (!last) return { lacking, before }
    after = last._key
    const absent = rows.map(({ _key }) => _key).filter((key) => !keys.has(key))
    const kept = await store.review.kept(streamNo, absent)
    const asked = absent.filter((key) => !kept.has(key))
    const lacked = await lackedBy(store, { streamNo, pass, parser, newest, since }, asked)
    lacking.push(...lacked.keys)
    before += lacked.before
  }
}
