// Owns `tidemark explain`: why a record, or one of its fields, is as it is.

import type { ExplainedVersion, Explanation, Witness } from '../../engine/history/explain.ts'
import { explain as operation } from '../../operations/explain.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { cut, jsonText, oneLine } from '../terminal/printable.ts'
import { describePass } from '../terminal/runs.ts'
import { ago } from '../terminal/times.ts'
import { OPS } from '../terminal/versions.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'explain', operation, { examples: ['tidemark explain me/stars 1029384 --json'] }).action(run(explain))

async function explain(cli: Cli, target: string, key: string, field: string | undefined): Promise<void> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const explanation = await connection.explain(stream, key, field)
  if (cli.options.json) return cli.json(explanation)
  const { out } = cli
  out.line(out.paint('bold', oneLine(`${target} ${key}${field === undefined ? '' : ` ${field}`}`)))
  out.line(`  ${now(explanation)}`)
  for (const [name, one] of Object.entries(explanation.blended ?? {})) {
    const { value, rule, source, key: of, column, at } = one
    const from = source === null ? '' : ` of ${source} ${of}, column ${column}`
    out.line(`  ${oneLine(`${name} = ${shown(value)}`)}  ${oneLine(`${rule}${from}`)}, since ${at}`)
  }
  for (const version of explanation.versions) tell(cli, version, field)
}

function now({ field, value, state }: Explanation): string {
  if (field === null) return state === 'live' ? 'is live' : 'is removed'
  return state === 'live' ? `is live, holds ${shown(value)}` : `is removed, last held ${shown(value)}`
}

function tell(cli: Cli, version: ExplainedVersion, field: string | undefined): void {
  const { out } = cli
  const { op, at, rule, run, page, source, requests, witness, changes } = version
  const { words, style } = OPS[op]
  out.line(`  ${out.paint(style, words)}  ${ago(at, cli.now())}  ${out.paint('dim', at)}`)
  out.line(`      ${oneLine(rule.says)}`)
  for (const change of field === undefined || op === 'remove' ? [] : changes) {
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
