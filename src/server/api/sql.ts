// Owns the answer to a statement: its rows are sent as they come, so that a large answer takes no more memory than a small
// one, and the statement ends when nobody waits for it any more.

import { TidemarkError } from '../../model/errors.ts'
import type { SqlInput } from '../../operations/sql.ts'
import { type Answerer, type Call, doFor, given, jsonAnswer, jsonText } from './call.ts'
import { type Heard, whileHeard } from './heard.ts'
import { Turns } from './turns.ts'

/** So many characters are held back: a failure within them is still a problem document, and behind them cuts the answer off. */
const HELD_BACK_CHARS = 262_144

/** Statements of one server at a time, each in a process of its own; others wait for their turn. */
export const STATEMENTS_TOGETHER = 4
/** How many wait, and for how long, in milliseconds. */
export const WAITING_MAX = 32
const WAITS_MS = 10_000

/** The statements of a server. */
export class Statements {
  readonly #turns = new Turns(STATEMENTS_TOGETHER, WAITING_MAX, busy)

  readonly answer: Answerer = async (call) => {
    const heard = whileHeard(call)
    try {
      await this.#turns.take(WAITS_MS, heard.signal)
    } catch (error) {
      heard.stop()
      throw error
    }
    return answerOf(call, {
      signal: heard.signal,
      stop: () => {
        heard.stop()
        this.#turns.giveBack()
      },
    })
  }
}

function busy(): TidemarkError {
  return new TidemarkError(
    'statements_busy',
    `${STATEMENTS_TOGETHER} statements run at a time, and others wait already.`,
  )
}

async function answerOf(call: Call, { signal, stop }: Heard): Promise<Response> {
  const { statement = '', ...options } = given(call).options as Partial<SqlInput>
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
