// Owns what `set` and `unset` share: how they name a blend, and what they say of its record.

import { TidemarkError } from '../../model/errors.ts'
import type { SetValues } from '../../operations/blends.ts'
import { parseTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
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

export async function tellValues(cli: Cli, set: SetValues): Promise<void> {
  if (cli.options.json) return cli.json(set)
  const { out } = cli
  out.line(out.paint('bold', oneLine(`${set.blend}/records ${set.key}`)))
  for (const [field, { value, rule, source }] of Object.entries(set.fields)) {
    out.line(
      `  ${oneLine(`${field} = ${value}`)}  ${out.paint('dim', oneLine(`${rule}${source ? ` of ${source}` : ''}`))}`,
    )
  }
}
