// Owns the chapter of the demo's story about a blend: what a sheet that people edit and the platforms say of each profile,
// in one record, with a value that is set by hand.

import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { tellBlend } from '../commands/blend.ts'
import { quoted } from '../own-command.ts'
import { tellValues } from '../terminal/blends.ts'
import { tellExplanation } from '../terminal/explanation.ts'

const NAME = 'creators'
const RECORDS = `${NAME}/records`
const FROM = ['team/rows', 'youtube:*/channel', 'instagram:*/account', 'tiktok:*/account', 'x:*/account'] as const
const RULE = { followers: 'max' } as const
const MAP = { followers: 'youtube:*/channel.subscriber_count' } as const
const FIELD = 'followers'
/** One that the sheet and a platform know, and one that is corrected. */
const SHEETS_WORD = 'https://instagram.com/ada'
const BY_HAND = { key: 'https://x.com/ada', values: { note: 'asked on the phone', followers: '20K' } } as const

/** What is asked of the blend's table. */
export const BLENDED_QUESTION = `tidemark sql "select _key, followers, name, note from blend_${NAME} order by followers desc limit 5"`

/** Makes it, and tells of it; `show` writes a command before it is carried out. Without `show` nothing is told. */
export async function blendOnce(
  cli: Cli,
  tidemark: Tidemark,
  show: ((line: string) => void) | undefined,
): Promise<void> {
  const options = [
    ...FROM.map((source) => `--from ${quoted(source)}`),
    ...Object.entries(RULE).map(([field, rule]) => `--rule ${field}=${rule}`),
    ...Object.entries(MAP).map(([field, column]) => `--map ${quoted(`${field}=${column}`)}`),
  ]
  show?.(`tidemark blend create ${NAME} ${options.join(' ')}`)
  const made = await tidemark.blends.create(NAME, { from: FROM, rule: RULE, map: MAP })
  if (show) await tellBlend(cli, made)
  const { key, values } = BY_HAND
  show?.(
    `tidemark set ${RECORDS} ${key} ${Object.entries(values)
      .map((pair) => quoted(pair.join('=')))
      .join(' ')}`,
  )
  const set = await tidemark.blends.set(NAME, key, values)
  if (!show) return
  await tellValues(cli, set)
  const blend = await tidemark.connection(NAME)
  for (const one of [SHEETS_WORD, key]) {
    show(`tidemark explain ${RECORDS} ${one} ${FIELD}`)
    tellExplanation(cli, [RECORDS, one, FIELD], await blend.explain('records', one, FIELD))
  }
}
