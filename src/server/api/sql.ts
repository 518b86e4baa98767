// Owns the answer to a statement: its rows are sent as they come, so that a large answer takes no more memory than a small
// one, and the statement ends when nobody waits for it any more.

import type { SqlInput } from '../../operations/sql.ts'
import { type Answerer, doFor, given, jsonAnswer, jsonText } from './call.ts'
import { whileHeard } from './heard.ts'

/** So many characters are held back: a failure within them is still a problem document, and behind them cuts the answer off. */
const HELD_BACK_CHARS = 262_144

export const sql: Answerer = async (call) => {
  const { statement = '', ...options } = given(call).options as Partial<SqlInput>
  const { signal, stop } = whileHeard(call)
  const { readable, writable } = new TransformStream<string, string>()
  const writer = writable.getWriter()
  const begun = Promise.withResolvers<Response>()
  let hasBegun = false
  let text = ''
  const send = async () => {
    if (!hasBegun) {
      hasBegun = true
      const body = readable.pipeThrough(new TextEncoderStream())
      begun.resolve(new Response(body, { headers: { 'content-type': 'application/json' } }))
    }
    const part = text
    text = ''
    await writer.write(part)
  }
  const onRows = async (columns: readonly string[], rows: AsyncIterable<unknown>) => {
    text = `{"columns":${jsonText(columns)},"rows":[`
    let comma = ''
    for await (const row of rows) {
      text += comma + jsonText(row)
      comma = ','
      if (text.length >= HELD_BACK_CHARS) await send()
    }
  }
  const asked = doFor(call, 'sql', { statement }, { ...options, signal, onRows })
  const whole = async () => {
    const { truncated } = await asked
    text += `],"truncated":${truncated}}\n`
    if (!hasBegun) return begun.resolve(jsonAnswer(text))
    await send()
    await writer.close()
  }
  whole()
    .catch((error: unknown) => {
      begun.reject(error)
      return writer.abort(error)
    })
    .finally(stop)
    .catch(() => {})
  return begun.promise
}
