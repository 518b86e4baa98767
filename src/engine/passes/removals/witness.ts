// Owns the second witness of a full pass: the connector's, asked by key, or an earlier full pass that lacked the record too.

import type { Testimony } from '../../../connector/page.ts'
import type { FullPass } from '../../../connector/passes.ts'
import { checkTestimony } from '../../../connector/returned-shape.ts'
import { errorReport } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import type { Content, UnseenRecord } from '../../../store/store.ts'
import { askByKey } from '../ask-by-key.ts'
import { askPage } from '../ask-page.ts'
import { namingKeys } from '../naming-http.ts'
import { chunks } from '../rows/page-parts.ts'
import type { StreamRun } from '../stream-run.ts'

/** Keys that a witness is asked about at a time, unless its pass says how many. */
export const WITNESS_KEYS_MAX = 100

/** What the second witness says of the records that a listing lacked. */
export interface Heard {
  readonly gone: readonly UnseenRecord[]
  /** The connector has no word on them, and an earlier full pass lacked them too. */
  readonly confirmed: readonly UnseenRecord[]
  readonly doubtful: readonly UnseenRecord[]
  readonly present: number
  /** The source gave no answer for the part of the listing in which they stood: their absence says nothing. */
  readonly unanswered: number
  /** Records that the connector's witness could not be asked about, and why not; undefined: none. */
  readonly unheard: { readonly count: number; readonly why: string } | undefined
}

/** Hears the second witness: the connector's, by key, or an earlier full pass that missed the record too. */
export async function hear(
  run: StreamRun,
  pass: FullPass<unknown, unknown>,
  candidates: readonly UnseenRecord[],
  walk: number,
): Promise<Heard> {
  // Two passes of one run, moments apart, are one witness.
  const another = !run.fullDone
  const gone: UnseenRecord[] = []
  const confirmed: UnseenRecord[] = []
  const doubtful: UnseenRecord[] = []
  let present = 0
  let unanswered = 0
  let unheard: Heard['unheard']
  for (const part of chunks(candidates, WITNESS_KEYS_MAX)) {
    const { testimony, failed } = await askWitness(run, pass, part)
    for (const why of failed.values()) unheard = { count: (unheard?.count ?? 0) + 1, why }
    for (const absent of part) {
      const says = testimony.get(absent.key) ?? 'unknown'
      if (says === 'present') present++
      else if (says === 'unanswered') unanswered++
      else if (says === 'gone') gone.push(absent)
      else if (absent.missedBy !== null && absent.missedBy !== walk && another) confirmed.push(absent)
      else doubtful.push(absent)
    }
  }
  return { gone, confirmed, doubtful, present, unanswered, unheard }
}

/** What the connector's witness says, and of which keys it could not be asked: of them nothing is known. */
async function askWitness(
  run: StreamRun,
  pass: FullPass<unknown, unknown>,
  absent: readonly UnseenRecord[],
): Promise<{ readonly testimony: ReadonlyMap<Key, Testimony>; readonly failed: ReadonlyMap<Key, string> }> {
  const { witness, witnessBatch } = pass
  if (!witness) return { testimony: new Map(), failed: new Map() }
  const { http, options, world, runId } = run.scope
  const keys = absent.map(({ key }) => key)
  const contents = await world.store.records.contents(run.row.no, keys)
  const { answers, failed } = await askByKey({
    keys,
    batch: witnessBatch ?? WITNESS_KEYS_MAX,
    ask: async (some) => {
      const stored = new Map(some.flatMap((key) => [...columnsOf(key, contents)]))
      return checkTestimony(await witness({ http: namingKeys(http, some), options, keys: some, stored }))
    },
    tryLogin: () => askPage(run, pass, {}).page,
  })
  const said = new Map<Key, string>()
  for (const [key, error] of failed) {
    const { code, message } = errorReport(error, run.scope.scrub)
    said.set(key, message)
    world.logger.event('warn', 'witness.failed', { run: runId, stream: run.name, key, code, message })
  }
  return { testimony: new Map(answers.flatMap(({ answer }) => [...answer])), failed: said }
}

function columnsOf(key: Key, contents: ReadonlyMap<Key, Content>): readonly (readonly [Key, Content['columns']])[] {
  const content = contents.get(key)
  return content ? [[key, content.columns]] : []
}
