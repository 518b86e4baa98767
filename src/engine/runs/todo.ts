// Owns what a person has to do about a connection, the most urgent first, each with the command that does it. Pure.

import { isCovered, REASONS, reasonSentence, TELLING, WALK_OPEN } from '../../model/coverage.ts'
import type { RunReport } from '../../model/run.ts'
import type { StreamRow } from '../../store/store.ts'
import type { Standing, ToDo } from './documents.ts'

interface Situation {
  readonly id: string
  readonly standing: Standing
  readonly streams: readonly StreamRow[]
  readonly activeRun: RunReport | null
  readonly lastRun: RunReport | null
}

const OF_STANDING = { paused: 'resume', disconnected: 'connect', purging: 'purge', 'login needed': 'login' } as const

/** Empty: nothing. Of a connection that stands still, or is being run, no sync is asked for. */
export function todosOf({ id, standing, streams, activeRun, lastRun }: Situation): readonly ToDo[] {
  const found: ToDo[] = []
  const { state, why, mend } = standing
  if (state !== 'on') found.push({ what: OF_STANDING[state], stream: null, message: why ?? state, command: mend })
  const mayRun = state === 'on' && activeRun === null
  if (mayRun && lastRun?.status === 'failed') found.push(failed(lastRun))
  for (const row of streams) found.push(...(mayRun ? readingTodos(id, row) : []), ...countedTodos(row))
  return found
}

function failed({ id, error }: RunReport): ToDo {
  const message = `the last run failed${error ? `: ${error.message}` : ''}`
  return { what: 'failed', stream: null, message, command: `tidemark run ${id}` }
}

function readingTodos(id: string, { stream, reading, counts }: StreamRow): readonly ToDo[] {
  const command = `tidemark sync ${id}/${stream}`
  if (counts.openWalks > 0 && !TELLING.includes(reading.kind)) {
    return [{ what: 'incomplete', stream, message: WALK_OPEN, command }]
  }
  if (isCovered(reading) || reading.kind === 'unread') return []
  const what = reading.kind === 'unavailable' ? 'unavailable' : 'incomplete'
  return [{ what, stream, message: reading.note, command }]
}

const OF_COUNT = { held: 'removals', quarantined: 'quarantine' } as const

function countedTodos({ stream, counts }: StreamRow): readonly ToDo[] {
  return REASONS.flatMap((reason): ToDo[] => {
    const { fact, command = null } = reason
    if ((fact !== 'held' && fact !== 'quarantined') || counts[fact] === 0) return []
    return [{ what: OF_COUNT[fact], stream, message: reasonSentence(reason, counts[fact]), command }]
  })
}
