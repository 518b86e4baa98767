// Owns what an explanation is on a terminal: why a record, or one of its fields, is as it is.

import type { ExplainedVersion, Explanation, Witness } from '../../engine/history/explain.ts'
import { jsonText } from '../../model/json-text.ts'
import type { Cli } from '../cli.ts'
import { cut, oneLine } from './printable.ts'
import { describePass } from './runs.ts'
import { ago } from './times.ts'
import { OPS } from './versions.ts'

/** `asked`: what was asked for, as it was typed. */
export function tellExplanation(cli: Cli, asked: readonly string[], explanation: Explanation): void {
  const { out } = cli
  out.line(out.paint('bold', oneLine(asked.join(' '))))
  out.line(`  ${now(explanation)}`)
  for (const [name, one] of Object.entries(explanation.blended ?? {})) {
    const { value, rule, source, key: of, column, at } = one
    const from = source === null ? '' : ` of ${source} ${of}, column ${column}`
    out.line(`  ${oneLine(`${name} = ${shown(value)}`)}  ${oneLine(`${rule}${from}`)}, since ${at}`)
  }
  for (const note of explanation.notes ?? []) cli.note(oneLine(note))
  for (const version of explanation.versions) tell(cli, version, explanation.field)
}

function now({ field, value, state }: Explanation): string {
  if (field === null) return state === 'live' ? 'is live' : 'is removed'
  return state === 'live' ? `is live, holds ${shown(value)}` : `is removed, last held ${shown(value)}`
}

function tell(cli: Cli, version: ExplainedVersion, field: string | null): void {
  const { out } = cli
  const { op, at, rule, run, page, source, requests, witness, changes } = version
  const { words, style } = OPS[op]
  out.line(`  ${out.paint(style, words)}  ${ago(at, cli.now())}  ${out.paint('dim', at)}`)
  out.line(`      ${oneLine(rule.says)}`)
  for (const change of field === null || op === 'remove' ? [] : changes) {
    out.line(`      ${cut(`${shown(change.before)} → ${shown(change.after)}`, Math.max(20, out.width - 6))}`)
  }
  if (run !== null) out.line(out.paint('dim', `      run ${run}${page === null ? '' : `, page ${page}`}`))
  if (source) {
    const code = source.connectorVersion === null ? '' : ` (version ${source.connectorVersion})`
    const passes = source.passes.map((pass) => describePass(pass))
    const by = passes.length > 0 ? ` by ${passes.join(', ')}` : ''
    out.line(out.paint('dim', `      ${oneLine(source.connection)}: ${source.connector}${code}${by}`))
  }
  if (witness)
    out.line(
      out.paint(
        'dim',
        `      ${WITNESSES[witness.kind]}${witness.kind === 'earlier_listing' ? ` of run ${witness.run}` : ''}`,
      ),
    )
  for (const { method, url, status, at: asked, outcome } of requests) {
    out.line(out.paint('dim', `      ${asked}  ${method} ${oneLine(url)}  ${status} ${outcome}`))
  }
}

const WITNESSES: Readonly<Record<Witness['kind'], string>> = {
  asked: 'second witness: the source, asked for this record:',
  earlier_listing: 'second witness: the complete listing',
  not_kept: 'second witness: what it was is no longer kept',
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return oneLine(typeof value === 'string' ? value : jsonText(value))
}
