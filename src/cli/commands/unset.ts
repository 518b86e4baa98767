// Owns `tidemark unset`: takes back what a person has set of a blend's record.

import { Argument } from 'commander'
import { unsetValues } from '../../operations/blends.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { blendTarget, tellValues } from '../terminal/blends.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'unset', unsetValues, {
    summary: 'let the rules of a blend decide again',
    does: unsetValues.does,
    written: [
      new Argument('<stream>', 'which blend: <blend>/records'),
      new Argument('<key>', 'the key of a record: its identity, in any spelling'),
      new Argument('[fields...]', 'only these fields'),
    ],
    omit: ['blend', 'key', 'fields'],
    examples: ['tidemark unset accounts/records https://youtube.com/@ada followers'],
  }).action(run(unset))

async function unset(cli: Cli, target: string, key: string, fields: readonly string[]): Promise<void> {
  const tidemark = await cli.open()
  const named = fields.length > 0 ? fields : undefined
  return tellValues(cli, await tidemark.blends.unset(blendTarget(target), key, named), named)
}
