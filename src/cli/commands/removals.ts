// Owns `tidemark removals`: what runs have put on hold or removed, and a person's decision about it.

import type { Verdict } from '../../engine/review/decide-removals.ts'
import type { Removals } from '../../engine/runs/documents.ts'
import { reasonText } from '../../model/coverage.ts'
import { count, plural } from '../../model/plural.ts'
import type { ConnectionQuery } from '../../operations/quarantine.ts'
import { decideRemovals, removals, VERDICTS } from '../../operations/removals.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { type Action, verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'removals',
      run,
      summary: 'decide on removals that are held, or undo a run’s',
      examples: ['tidemark removals --json'],
    },
    {
      list: { operation: removals, args: [], omit: ['limit'], act: list },
      ...Object.fromEntries(VERDICTS.map((verdict) => [verdict, decision(verdict)])),
    },
  )

function decision(verdict: Verdict): Action {
  return {
    operation: decideRemovals,
    settles: { verdict },
    async act(cli, _options, run: string) {
      const tidemark = await cli.open()
      const decided = await tidemark.decideRemovals(verdict, run)
      if (cli.options.json) return cli.json(decided)
      for (const { connection, stream, records } of decided.streams) {
        cli.out.line(oneLine(`${connection}/${stream}: ${TOLD[verdict](plural(records, 'record'))}.`))
      }
    },
  }
}

const TOLD: Readonly<Record<Verdict, (records: string) => string>> = {
  approve: (records) => `${records} removed`,
  reject: (records) => `${records} kept; they stay until the source lists them again`,
  undo: (records) => `${records} brought back, and kept until the source lists them again`,
}

async function list(cli: Cli, { connection }: ConnectionQuery): Promise<void> {
  const tidemark = await cli.open()
  const rows = await tidemark.removals(undefined, { connection })
  const keysOf = async (row: Removals) => (row.unconfirmed > 0 ? tidemark.unconfirmed(row) : [])
  const all = await Promise.all(rows.map(async (row) => ({ ...row, unconfirmedKeys: await keysOf(row) })))
  const none = 'Nothing is held, nothing waits, and no run has removed anything.'
  if (!(await cli.list({ removals: all }, COLUMNS, all, none))) return
  for (const row of all) if (row.unconfirmed > 0) cli.out.line(waitingText(row, row.unconfirmedKeys))
  const held = rows.find((row) => row.held > 0)
  if (held) cli.note(`Decide with: tidemark removals approve ${held.run} (or reject)`)
}

/** Keys that are named in the list for people; `--json` has them all. */
const KEYS_SHOWN = 20

/** What waits for no person: a second witness decides it. */
function waitingText({ connection, stream, unconfirmed }: Removals, keys: readonly string[]): string {
  const more = unconfirmed > KEYS_SHOWN ? ` and ${count(unconfirmed - KEYS_SHOWN)} more` : ''
  const named = keys.slice(0, KEYS_SHOWN).map(oneLine).join(', ')
  return `\n${oneLine(`${connection}/${stream}`)}: ${reasonText('unconfirmed', unconfirmed)}: ${named}${more}`
}

const COLUMNS: readonly ColumnOf<Removals>[] = [
  { title: 'RUN', whole: true, of: ({ run }) => run },
  { title: 'STREAM', of: ({ connection, stream }) => `${connection}/${stream}` },
  { title: 'WHEN', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'HELD', align: 'right', of: ({ held }) => count(held) },
  { title: 'REMOVED', align: 'right', of: ({ removed }) => count(removed) },
  { title: 'KEPT', align: 'right', of: ({ kept }) => count(kept) },
  { title: 'WAITING', align: 'right', of: ({ unconfirmed }) => count(unconfirmed) },
  { title: 'WHY HELD', of: ({ reason }) => reason ?? '' },
]
