// Owns what is said of how complete a stream is: one word and a sentence, made of facts. Every face says it from here:
// status, JSON, the library and the audit by `coverageOf`, the SQL views by what the stores make of REASONS.

/**
 * - `unavailable`: the source refuses the stream, and only a person can change that.
 * - `gap`: something is known to be missing, or could not be proved.
 * - `unread`: nothing was read yet.
 * - `quarantined`: records that could not be read are set aside.
 * - `held`: removals wait for a person.
 * - `stale`: known records were not read again, because requests or money did not suffice, or they could not be asked for.
 * - `unproved`: records that are not listed any more stay, because nothing proves that they are gone.
 * - `capped`: the source lists its newest records only; that much is complete.
 * - `complete`: all that the source shows is here.
 *
 * In this order: where several hold, the first one is the word, and the note names all of them.
 */
export const COVERAGE_KINDS = [
  'unavailable',
  'gap',
  'unread',
  'quarantined',
  'held',
  'stale',
  'unproved',
  'capped',
  'complete',
] as const

export type CoverageKind = (typeof COVERAGE_KINDS)[number]

export interface Coverage {
  readonly kind: CoverageKind
  /** Why it is not `complete`, and what there is to know when it is; empty: nothing. */
  readonly note: string
}

/** What the last run that read the stream says of its reading; what can be counted at any time is not in it. */
export interface Reading {
  readonly kind: Exclude<CoverageKind, 'quarantined' | 'held'>
  readonly note: string
}

/** What is counted whenever somebody asks. */
export interface CoverageCounts {
  /** Walks that are not closed. */
  readonly openWalks: number
  /** Records that could not be read. */
  readonly quarantined: number
  /** Removals that wait for a person. */
  readonly held: number
  /** Records that a full pass did not list any more, and no second witness has seen gone. */
  readonly unconfirmed: number
  /** Records that a person keeps, although the source no longer lists them. */
  readonly kept: number
}

export const NOTHING_COUNTED: CoverageCounts = { openWalks: 0, quarantined: 0, held: 0, unconfirmed: 0, kept: 0 }

export interface CoverageFacts extends CoverageCounts {
  readonly reading: Reading
  /** How far the oldest open walk has come, in words. */
  readonly walkNote: string
}

/** A fact that is counted, and what follows from it. `#` in its sentence is the number. */
export interface CoverageReason {
  readonly fact: Exclude<keyof CoverageCounts, 'openWalks'>
  /** What the coverage is at best while there are any; null: it may be complete all the same. */
  readonly kind: CoverageKind | null
  readonly one: string
  readonly many: string
  /** What a person runs to act on it. */
  readonly command?: string
}

/** In the order in which they are told. One more reason is one more row here and a count in both stores. */
export const REASONS: readonly CoverageReason[] = [
  {
    fact: 'quarantined',
    kind: 'quarantined',
    one: '1 record could not be read',
    many: '# records could not be read',
    command: 'tidemark quarantine',
  },
  {
    fact: 'held',
    kind: 'held',
    one: '1 removal is held for you',
    many: '# removals are held for you',
    command: 'tidemark removals',
  },
  {
    fact: 'unconfirmed',
    kind: null,
    one: '1 not listed any more; the next run confirms',
    many: '# not listed any more; the next run confirms',
  },
  {
    fact: 'kept',
    kind: null,
    one: '1 record is kept by your decision, though the source no longer lists it',
    many: '# records are kept by your decision, though the source no longer lists them',
  },
]

/** What a gap of an open walk says that has read nothing yet. */
export const WALK_OPEN = 'a walk is unfinished'

/** The worst of what holds, and all of it in words. */
export function coverageOf(facts: CoverageFacts): Coverage {
  const { reading, openWalks } = facts
  const counted = REASONS.filter(({ fact }) => facts[fact] > 0)
  const kinds = [reading.kind, ...(openWalks > 0 ? ['gap' as const] : []), ...counted.map(({ kind }) => kind)]
  const kind = COVERAGE_KINDS.find((candidate) => kinds.includes(candidate)) ?? 'complete'
  const notes = [readingNote(facts), ...counted.map((reason) => told(reason, facts[reason.fact]))]
  return { kind, note: notes.filter((note) => note !== '').join('; ') }
}

/** Readings that say more of what is missing than the note of an open walk does. */
export const TELLING: readonly CoverageKind[] = ['unavailable', 'gap']

function readingNote({ reading, openWalks, walkNote }: CoverageFacts): string {
  return openWalks === 0 || TELLING.includes(reading.kind) ? reading.note : walkNote || WALK_OPEN
}

/** The sentences of a reason with its command, for one and for many. */
export function sentences({ one, many, command }: CoverageReason): { readonly one: string; readonly many: string } {
  const end = command === undefined ? '' : `: ${command}`
  return { one: one + end, many: many + end }
}

function told(reason: CoverageReason, n: number): string {
  const { one, many } = sentences(reason)
  return n === 1 ? one : many.replace('#', String(n))
}

/** The sentence of a reason without its command. */
export function reasonSentence({ one, many }: CoverageReason, n: number): string {
  return n === 1 ? one : many.replace('#', String(n))
}

/** What a count says, in the words of the coverage: '' for none. */
export function reasonText(fact: CoverageReason['fact'], n: number): string {
  const reason = REASONS.find((candidate) => candidate.fact === fact)
  return reason === undefined || n === 0 ? '' : told(reason, n)
}

/** Whether a stream has all that its source shows. A listing that was read to its declared cap is complete, too. */
export function isCovered({ kind }: Pick<Coverage, 'kind'>): boolean {
  return kind === 'complete' || kind === 'capped'
}
