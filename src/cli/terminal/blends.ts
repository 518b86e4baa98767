// Owns what `set` and `unset` share: how they name a blend, and what they say of its record.

import { TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import type { SetValues } from '../../operations/blends.ts'
import { parseTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import { quoted } from '../own-command.ts'
import { oneLine } from './printable.ts'

/** `<blend>/records`, or the blend alone. @throws TidemarkError argument_invalid */
export function blendTarget(text: string): string {
  if (!text.includes('/')) return text
  const { connection, stream } = parseTarget(text)
  if (stream === 'records') return connection
  throw new TidemarkError('argument_invalid', `A blend has one stream, records, and no "${stream}".`, {
    hint: `Write: ${connection}/records. The records of other streams are as their source shows them.`,
  })
}

/** The fields that were named, or all; of the others, how many there are. */
export async function tellValues(cli: Cli, set: SetValues, names?: readonly string[]): Promise<void> {
  if (cli.options.json) return cli.json(set)
  const { out } = cli
  out.line(out.paint('bold', oneLine(`${set.blend}/records ${set.key}`)))
  const all = Object.keys(set.fields)
  for (const field of names ?? all) {
    const chosen = set.fields[field]
    const why = chosen ? `${chosen.rule}${chosen.source ? ` of ${chosen.source}` : ''}` : 'no source has one'
    out.line(`  ${oneLine(`${field} = ${chosen?.value ?? '-'}`)}  ${out.paint('dim', oneLine(why))}`)
  }
  const others = names ? all.filter((field) => !names.includes(field)).length : 0
  if (others > 0) {
    cli.note(`${plural(others, 'other field')}: tidemark explain ${set.blend}/records ${quoted(set.key)}`)
  }
}
