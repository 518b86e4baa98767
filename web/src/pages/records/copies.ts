// Owns records as text for other places: JSON, CSV, a call of the API, a statement of SQL.

import { toast } from '../../parts/toast.tsx'
import { addressOf, type Place } from './asked.ts'

export type Copy = 'json' | 'csv' | 'curl' | 'sql'

export const COPIES: readonly (readonly [Copy, string])[] = [
  ['json', 'Copy as JSON'],
  ['csv', 'Copy as CSV'],
  ['curl', 'Copy as curl'],
  ['sql', 'Copy as SQL'],
]

/** The text of some records, whole as the server has them; written by the server where it is a file's. */
export async function textOf(
  copy: Copy,
  place: Place,
  {
    keys,
    columns,
    table,
  }: { readonly keys: readonly string[]; readonly columns: readonly string[]; readonly table: string },
): Promise<string> {
  if (copy === 'sql') {
    const named = columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')
    const listed = keys.map((key) => `'${key.replaceAll("'", "''")}'`).join(', ')
    return `SELECT ${named} FROM "${table}"\nWHERE _connection = '${place.id.replaceAll("'", "''")}' AND _key IN (${listed});`
  }
  if (copy === 'curl') {
    const calls = keys.map(
      (key) =>
        `curl -H "Authorization: Bearer $TOKEN" '${location.origin}${addressOf(place, `records/${encodeURIComponent(key)}`, {}).replaceAll("'", "'\\''")}'`,
    )
    return calls.join('\n')
  }
  const texts = await Promise.all(keys.map((key) => fileOf(place, copy, columns, key)))
  if (copy === 'json') {
    const rows = texts.flatMap((text) => JSON.parse(text) as unknown[])
    return JSON.stringify(rows.length === 1 ? rows[0] : rows, undefined, 2)
  }
  const [head = ''] = texts[0]?.split('\n', 1) ?? []
  return [head, ...texts.map((text) => text.slice(head.length + 1).trimEnd())].join('\n')
}

async function fileOf(place: Place, format: Copy, columns: readonly string[], key: string): Promise<string> {
  const query = { format, where: [`_key=${key}`], columns }
  for (const removed of [false, true]) {
    const answer = await fetch(addressOf(place, 'export', removed ? { ...query, removed } : query))
    if (!answer.ok) throw new Error(`The server answered with ${answer.status}.`)
    const text = await answer.text()
    if (removed || text.trim().split('\n').length > 1) return text
  }
  return ''
}

export async function copyText(text: Promise<string> | string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(await text)
    toast({ text: `${what} copied.`, kind: 'good' })
  } catch (error) {
    toast({ text: `It could not be copied: ${error instanceof Error ? error.message : String(error)}`, kind: 'bad' })
  }
}

/** What a stream is called in SQL. */
export function tableOf(connector: string, { id, stream }: Place): string {
  return (connector === 'blend' ? `blend_${id}` : `${connector}_${stream}`).replaceAll('-', '_')
}
