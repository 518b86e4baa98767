// Owns what is no JSON: catalogs, as they were published, and files that people upload.

import { accepts } from 'hono/accepts'
import { TidemarkError } from '../../model/errors.ts'
import { type Answerer, doFor, given, json } from './call.ts'
import { fileOfForm, isForm } from './form.ts'

/** A catalog is served as it is kept, compressed; never made on request. */
export const catalog: Answerer = async (call) => {
  const { context } = call
  const { args, options } = given(call)
  const found = await doFor(call, 'catalog', args as never, options)
  const etag = `"${found.run}-${found.n}"`
  const headers = {
    etag,
    'cache-control': 'private, no-cache',
    vary: 'accept-encoding',
    'content-type': 'application/json',
  }
  const known = (context.req.header('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers })
  const encoding = accepts(context, { header: 'Accept-Encoding', supports: ['gzip'], default: 'identity' })
  if (encoding === 'gzip') {
    const compressed = { ...headers, 'content-encoding': 'gzip', 'content-length': String(found.bytes) }
    return new Response(ReadableStream.from(found.gzip()), { headers: compressed })
  }
  const text = ReadableStream.from(found.text()).pipeThrough(new TextEncoderStream())
  return new Response(text, { headers })
}

/** The file is the body, or the part `file` of a form. It is read as it comes. */
export const upload: Answerer = async (call) => {
  const { context } = call
  const { args, options } = given(call)
  const type = context.req.header('content-type') ?? ''
  const { body } = context.req.raw
  const { file, name } = isForm(type) ? await fileOfForm(context.req.raw) : { file: body, name: undefined }
  if (!file) throw new TidemarkError('body_invalid', 'The body of an upload is the file.')
  const asked = { ...(name === undefined ? {} : { name }), ...options }
  const report = await doFor(call, 'upload', { ...args, file }, asked)
  return json(report)
}
