// Owns the change feed over HTTP: JSON lines, and a wait for those who have read all of it.

import { TidemarkError } from '../../model/errors.ts'
import { type Answerer, type Call, doFor, given, jsonText } from './call.ts'
import { whileHeard } from './heard.ts'
import { takeText } from './input.ts'

/** Changes of one answer, unless the call says how many; and at most. */
const LINES = 1_000
const LINES_MAX = 10_000
/** The longest wait for a change, in seconds. */
const WAIT_MAX_SECONDS = 60

type Asked = { readonly after?: string | number; readonly limit: number }

export const changes: Answerer = async (call) => {
  const { query } = call
  const wait = wholeNumber(takeText(query, 'wait') ?? '0', { name: 'wait', most: WAIT_MAX_SECONDS })
  const limit = wholeNumber(takeText(query, 'limit') ?? String(LINES), { name: 'limit', most: LINES_MAX })
  const { options } = given(call)
  const after = /^\d{1,15}$/.test(String(options['after'])) ? Number(options['after']) : options['after']
  const asked = { ...options, ...(after === undefined ? {} : { after }), limit } as Asked
  const lines = await read(call, asked)
  if (lines.length > 0 || wait === 0) return ndjson(lines)
  const heard = whileHeard(call)
  const signal = AbortSignal.any([heard.signal, AbortSignal.timeout(wait * 1_000)])
  try {
    const feed = await doFor(call, 'changes', {}, { ...asked, follow: true, limit: 1, signal })
    for await (const _ of feed) break
  } finally {
    heard.stop()
  }
  if (!(await call.isInForce())) throw new TidemarkError('token_refused', 'The token is not in force any more.')
  return ndjson(await read(call, asked))
}

async function read(call: Call, asked: Asked): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const change of await doFor(call, 'changes', {}, asked)) lines.push(`${jsonText(change)}\n`)
  return lines
}

function ndjson(lines: readonly string[]): Response {
  return new Response(lines.join(''), { headers: { 'content-type': 'application/x-ndjson' } })
}

/** @throws TidemarkError option_invalid */
function wholeNumber(text: string, { name, most }: { readonly name: string; readonly most: number }): number {
  const n = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (n <= most) return n
  throw new TidemarkError('option_invalid', `In changes: ${name} is a whole number from 0 to ${most}, not "${text}".`)
}
