// Owns the input of a sync: what a run is asked to do, and the refusal of what cannot go together.

import { z } from 'zod'
import type { Connector, Stream } from '../connector/connector.ts'
import { expandWhere, type Range, type WhereValues } from '../engine/passes/read-part.ts'
import { TidemarkError } from '../model/errors.ts'
import { SYNC_MODES, type SyncMode } from '../model/run.ts'
import { streamUnknown } from '../model/unknown-name.ts'
import { amount, count, moment as momentField, oneOf, optional, pairs, texts } from './fields.ts'
import type { Mirror } from './mirror.ts'
import { type Moment, millisecondsOf, pastMillisecondsOf } from './moments.ts'

/** How a sync reads, whatever it concerns. */
export interface ReadingInput {
  readonly mode?: SyncMode | undefined
  /** Read only what matches at the source; moves no cursor and removes nothing. */
  readonly where?: WhereValues | undefined
  /** Read again from this moment on; the state of the stream stays as it is. */
  readonly since?: Moment | undefined
  /** Read again up to this moment. */
  readonly until?: Moment | undefined
  /** Requests that may be made; when they are spent, what was read is kept and the rest is a gap. */
  readonly maxRequests?: number | undefined
  /** The same for money, in the vendors' currency. */
  readonly maxCost?: number | undefined
}

const listsOfTexts = z.array(z.string())

export const readingFields = {
  mode: optional(
    oneOf(
      SYNC_MODES,
      'auto: what is due; full: everything is listed, and a full pass notices removals; refresh: only known records, by key',
      {
        sign: 'mode',
        otherwise: 'auto',
      },
    ),
  ),
  where: optional(
    pairs(
      "has a list of texts for every field, such as { status: ['open'] }",
      listsOfTexts,
      'only what matches at the source (value,value for any of them; may be repeated); removes nothing',
      { sign: 'field=value' },
    ),
  ),
  since: optional(momentField('read again from this time on')),
  until: optional(momentField('read again up to this time (neither moves the cursor)')),
  maxRequests: optional(
    count('the most requests that all connections together may make; the rest is left to the next sync'),
  ),
  maxCost: optional(amount('the most that all connections together may cost; the rest is left to the next sync')),
}

export const streamsField = optional(texts('names of streams (default: all)', { sign: 'streams' }))

/** What is read: all that is due, or one part. */
export interface Part {
  readonly mode: SyncMode
  readonly where: WhereValues | undefined
  readonly range: Range | undefined
}

/** @throws TidemarkError moment_invalid, option_invalid, option_conflict */
export async function partOf(mirror: Mirror, { mode, where, since, until }: ReadingInput): Promise<Part> {
  // A range may end in the future, for sources whose records are dated ahead; what begins there has nothing to read.
  const at = async (name: 'since' | 'until', given: Moment | undefined) => {
    if (given === undefined) return undefined
    return (name === 'since' ? pastMillisecondsOf : millisecondsOf)(mirror, { name, moment: given })
  }
  const range =
    since === undefined && until === undefined
      ? undefined
      : { since: await at('since', since), until: await at('until', until) }
  if (range?.since !== undefined && range.until !== undefined && range.since >= range.until) {
    throw new TidemarkError(
      'option_invalid',
      `The option since (${shown(since)}) is not before until (${shown(until)}).`,
    )
  }
  if (where && range) throw conflict('where', 'since and until')
  if ((where || range) && mode !== undefined && mode !== 'auto') {
    throw conflict(where ? 'where' : 'since and until', `mode ${mode}`)
  }
  return { mode: mode ?? 'auto', where, range }
}

function shown(moment: Moment | undefined): string {
  return typeof moment === 'string' ? moment : new Date(Number(moment)).toISOString()
}

function conflict(a: string, b: string): TidemarkError {
  return new TidemarkError('option_conflict', `The option ${a} can't be combined with ${b}.`, {
    hint: 'Each of them says which part is read. Sync once for each.',
  })
}

/**
 * The streams to read: those that were named, which must all be able to be read so; without names, those that can.
 *
 * @throws TidemarkError stream_unknown, where_unknown, range_unsupported, refresh_unsupported
 */
export function streamsToRead(
  connection: string,
  connector: Connector,
  named: readonly string[],
  { mode, where, range }: Part,
): readonly string[] {
  const all = Object.keys(connector.streams)
  for (const name of named) {
    if (all.includes(name)) continue
    throw streamUnknown(`Connection "${connection}"`, name, all)
  }
  if (!where && !range && mode !== 'refresh') return named
  const fitting: string[] = []
  let misfit: unknown
  for (const name of named.length > 0 ? named : all) {
    try {
      const stream = connector.streams[name] as Stream
      if (where) expandWhere({ name, stream }, where)
      if (range) checkRange(name, stream)
      if (mode === 'refresh') checkRefresh(name, stream)
      fitting.push(name)
    } catch (error) {
      if (named.length > 0) throw error
      misfit ??= error
    }
  }
  if (fitting.length === 0) throw misfit
  return fitting
}

function checkRefresh(name: string, stream: Stream): void {
  if (stream.passes.some(({ kind }) => kind === 'refresh')) return
  throw new TidemarkError('refresh_unsupported', `Stream "${name}" has no pass that reads known records again.`)
}

function checkRange(name: string, stream: Stream): void {
  if (stream.passes.some(({ kind }) => kind === 'byCursor')) return
  throw new TidemarkError('range_unsupported', `Stream "${name}" can't be read by time.`)
}
