// Owns `tidemark migrate`: moves the mirror into another database, and says what to do with the two.

import { count, plural } from '../../model/plural.ts'
import { type MigrateInput, migrate as operation } from '../../operations/migrate.ts'
import { perform } from '../../operations/perform.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) => verb(program, 'migrate', operation, { args: [] }).action(run(migrate))

/** Rows between two words about how far it has come. */
const SAID_EVERY = 100_000

async function migrate(cli: Cli, options: MigrateInput): Promise<void> {
  const rows = { copy: 0, prove: 0 }
  let said = SAID_EVERY
  const moved = await perform(operation, await cli.database(), options, {
    onPortion: (step) => {
      rows[step.doing] += step.rows
      if (rows.copy + rows.prove < said) return
      said += SAID_EVERY
      cli.note(`${plural(rows.copy, 'row')} copied, ${count(rows.prove)} proved: ${step.table}`)
    },
  })
  if (cli.options.json) await cli.json(moved)
  else {
    cli.done(`${moved.to}: ${plural(moved.rows, 'row')} in ${plural(moved.tables.length, 'table')}, the same in both`)
    cli.out.line(`    ${moved.from} is as it was. Sync from now on with one of them only: name the new one with`)
    cli.out.line('    --database or TIDEMARK_DATABASE, on a machine that has the same key.')
  }
  // The index of words is made anew. It follows runs, and is begun here, so that the first search finds something.
  const tidemark = await cli.open({ database: options.to, anyProject: true })
  tidemark.catchUp()
}
