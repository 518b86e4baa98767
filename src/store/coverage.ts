// Owns how a stream's coverage is told: by what the last run that came to its end said of it, unless a walk is open. SQL
// that both stores understand, over `tm_streams s`. So a run whose process was killed has left a gap at once, and not
// only when the next one says so.

const OPEN_WALKS = 'FROM tm_walks w WHERE w.stream_no = s.no AND w.closed_at IS NULL'

export const COVERAGE = `CASE WHEN EXISTS (SELECT 1 ${OPEN_WALKS}) THEN 'gap' ELSE s.coverage END`

/** What the last run said of a gap says more than what is noted of the walk. */
export const COVERAGE_NOTE = `CASE WHEN s.coverage = 'gap' THEN s.coverage_note
  ELSE coalesce((SELECT w.note ${OPEN_WALKS} ORDER BY w.walk LIMIT 1), s.coverage_note) END`

/** The columns that `streamRow` reads. */
export const STREAM_ROW = `s.*, ${COVERAGE} AS coverage_now, ${COVERAGE_NOTE} AS coverage_note_now`
