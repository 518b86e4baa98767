// Owns which records a walk counts as known before it began: those whose ids had been given out when it was first
// written, or first written after it had begun again at the top (`opened_at` is another one then). Ids only grow, and no clock has a say in it: a date that a wrong clock wrote may lie in the future.

/** The highest such id, as SQL. Of a walk that is not written yet: any. Of one that an older Tidemark opened: none. */
export function knownTo(stream: string, walk: string): string {
  return `coalesce((SELECT coalesce(w.known_to, 0) FROM tm_walks w WHERE w.stream_no = ${stream} AND w.walk = ${walk}),
          9223372036854775807)`
}
