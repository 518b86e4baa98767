// Owns `tidemark explain`: why a record, or one of its fields, is as it is.

import { explain as operation } from '../../operations/explain.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { tellExplanation } from '../terminal/explanation.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'explain', operation, { examples: ['tidemark explain me/stars 1029384 --json'] }).action(run(explain))

async function explain(cli: Cli, target: string, key: string, field: string | undefined): Promise<void> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const explanation = await connection.explain(stream, key, field)
  if (cli.options.json) return cli.json(explanation)
  tellExplanation(cli, [target, key, ...(field === undefined ? [] : [field])], explanation)
}
