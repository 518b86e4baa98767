// Owns `tidemark set`: values of a blend's record that a person sets, above every rule.

import { Argument } from 'commander'
import { setValues } from '../../operations/blends.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { blendTarget, tellValues } from '../terminal/blends.ts'
import { parsePairs } from '../values.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'set', setValues, {
    summary: "set fields of a blend's record by hand",
    does: setValues.does,
    written: [
      new Argument('<stream>', 'which blend: <blend>/records'),
      new Argument('<key>', 'the key of a record: its identity, in any spelling'),
      new Argument('<field=value...>', 'values by field'),
    ],
    omit: ['blend', 'key', 'values'],
    examples: ['tidemark set accounts/records https://youtube.com/@ada followers=1200'],
  }).action(run(set))

async function set(cli: Cli, target: string, key: string, given: readonly string[]): Promise<void> {
  const tidemark = await cli.open()
  const values = Object.fromEntries(parsePairs('field=value', given))
  return tellValues(cli, await tidemark.blends.set(blendTarget(target), key, values), Object.keys(values))
}
