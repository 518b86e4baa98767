// Owns how a stream's coverage is told in SQL that both stores understand, over `tm_streams s`: what the last run said of
// its reading, and what is counted at this moment. So a run whose process was killed has left a gap at once, and what a
// person has decided is told at once. The words are those of model/coverage.ts.

import { COVERAGE_KINDS, type CoverageReason, REASONS, sentences, TELLING, WALK_OPEN } from '../model/coverage.ts'

const OPEN_WALKS = 'FROM tm_walks w WHERE w.stream_no = s.no AND w.closed_at IS NULL'
const IS_OPEN = `EXISTS (SELECT 1 ${OPEN_WALKS})`
const WALK_NOTE = `(SELECT w.note ${OPEN_WALKS} ORDER BY w.walk LIMIT 1)`

/** Where the rows stand that are counted. */
const COUNTED_IN: Readonly<Record<CoverageReason['fact'], string>> = {
  quarantined: 'tm_quarantine',
  held: 'tm_held',
  unconfirmed: 'tm_missed',
  kept: 'tm_kept',
}

/** A record of which a newer content was read waits for nothing. */
const WAITS = ' AND superseded_at IS NULL'

function rowsOf(fact: CoverageReason['fact']): string {
  return `FROM ${COUNTED_IN[fact]} WHERE stream_no = s.no${fact === 'quarantined' ? WAITS : ''}`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** How many records a fact holds for; one may have several texts that wait. */
export function countSql(fact: CoverageReason['fact']): string {
  return `(SELECT count(${fact === 'quarantined' ? 'DISTINCT coalesce(key, identity)' : '*'}) ${rowsOf(fact)})`
}

/** The word. */
export const COVERAGE = `CASE ${COVERAGE_KINDS.map((kind) => {
  const holds = [
    `s.coverage = ${literal(kind)}`,
    ...(kind === 'gap' ? [IS_OPEN] : []),
    ...REASONS.filter((reason) => reason.kind === kind).map(({ fact }) => `EXISTS (SELECT 1 ${rowsOf(fact)})`),
  ]
  return `WHEN ${holds.join(' OR ')} THEN ${literal(kind)}`
}).join(' ')} ELSE 'complete' END`

const READING_NOTE = `CASE WHEN s.coverage IN (${TELLING.map(literal).join(', ')}) OR NOT ${IS_OPEN} THEN s.coverage_note
  ELSE coalesce(nullif(${WALK_NOTE}, ''), ${literal(WALK_OPEN)}) END`

function reasonNote(reason: CoverageReason): string {
  const { one, many } = sentences(reason)
  const n = countSql(reason.fact)
  const told = `replace(${literal(`; ${many}`)}, '#', CAST(${n} AS text))`
  return `CASE ${n} WHEN 0 THEN '' WHEN 1 THEN ${literal(`; ${one}`)} ELSE ${told} END`
}

/** The words: what applies, one after the other. */
export const COVERAGE_NOTE = `ltrim(${[READING_NOTE, ...REASONS.map(reasonNote)].join(' || ')}, '; ')`

/** The columns that `streamRow` reads. */
export const STREAM_ROW = [
  's.*',
  `(SELECT count(*) ${OPEN_WALKS}) AS open_walks`,
  `${WALK_NOTE} AS walk_note`,
  ...REASONS.map(({ fact }) => `${countSql(fact)} AS ${fact}`),
].join(', ')
