// Owns records as a file over HTTP: all that match, sent as they are read, so that a million take no more memory than a few.

import { TidemarkError } from '../../model/errors.ts'
import { LINE_FORMATS, type LineFormat, rowLines } from '../../operations/row-lines.ts'
import { type Answerer, doFor } from './call.ts'
import { whileHeard } from './heard.ts'
import { takeText } from './input.ts'
import { askedOf } from './records.ts'

const TYPES: Readonly<Record<LineFormat, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  tsv: 'text/tab-separated-values; charset=utf-8',
}

/** Characters that are sent at once. */
const CHUNK_CHARS = 65_536

export const exported: Answerer = async (call) => {
  const format = formatOf(takeText(call.query, 'format') ?? 'json')
  const { place, options } = await askedOf(call)
  const { columns: shape } = await doFor(call, 'outline', place, { where: { _key: '' } })
  const asked = options['columns']
  const columns = Array.isArray(asked) ? (asked as readonly string[]) : ['_key', ...shape.map(({ name }) => name)]
  const rows = await doFor(call, 'records', place, { ...options, columns })
  const heard = whileHeard(call)
  const lines = rowLines(rows, { format, columns })
  // What is wrong with the call is said before the file begins.
  const first = await lines.next().catch((error: unknown) => {
    heard.stop()
    throw error
  })
  let line = first
  const end = async () => {
    heard.stop()
    await lines.return(undefined)
  }
  const chunk = async () => {
    if (heard.signal.aborted) throw new TidemarkError('cancelled', 'Nobody waits for the file any more.')
    let text = ''
    for (; !line.done && text.length < CHUNK_CHARS; line = await lines.next()) text += line.value
    return text
  }
  // Its end is heard of also where not a part of it was read.
  const body = new ReadableStream<string>({
    async pull(controller) {
      try {
        controller.enqueue(await chunk())
        if (!line.done) return
        controller.close()
        heard.stop()
      } catch (error) {
        await end()
        throw error
      }
    },
    cancel: end,
  }).pipeThrough(new TextEncoderStream())
  const name = `${place.connection}-${place.stream}.${format}`.replaceAll(/[^\w.-]/g, '_')
  const headers = { 'content-type': TYPES[format], 'content-disposition': `attachment; filename="${name}"` }
  return new Response(body, { headers })
}

/** @throws TidemarkError option_invalid */
function formatOf(text: string): LineFormat {
  const found = LINE_FORMATS.find((one) => one === text)
  if (found) return found
  throw new TidemarkError('option_invalid', `The query's format is one of ${LINE_FORMATS.join(', ')}, not "${text}".`)
}
