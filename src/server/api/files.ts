// Owns what is no JSON: catalogs, as they were published, and files that people upload.

import type { ReadableStream as ByteStream } from 'node:stream/web'
import { accepts } from 'hono/accepts'
import { TidemarkError } from '../../model/errors.ts'
import { type Answerer, doFor, given, json } from './call.ts'

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
  const { file, name } = /^\s*multipart\/form-data\b/i.test(type)
    ? await partOf(context.req.raw)
    : { file: context.req.raw.body as ByteStream<Uint8Array> | null, name: undefined }
  if (!file) throw new TidemarkError('body_invalid', 'The body of an upload is the file.')
  const asked = { ...(name === undefined ? {} : { name }), ...options }
  const report = await doFor(call, 'upload', { ...args, file }, asked)
  return json(report)
}

async function partOf(request: Request): Promise<{ readonly file: Blob; readonly name: string | undefined }> {
  const form = await request.formData().catch((error: unknown) => {
    throw new TidemarkError('body_invalid', "The form of an upload can't be read.", {
      cause: error,
      hint: 'Send the whole form, with the boundary that its content-type names; or the file alone as the body.',
    })
  })
  // What is passed over in silence may be what was meant.
  const others = [...new Set(form.keys())].filter((name) => name !== 'file')
  if (others.length > 0) {
    throw new TidemarkError('body_invalid', `The form of an upload has the part file alone, and not "${others[0]}".`, {
      hint: 'What an upload may be told stands in the query: ?dryRun=true&name=…',
    })
  }
  const [file, ...more] = form.getAll('file')
  if (more.length > 0) {
    throw new TidemarkError(
      'body_invalid',
      `The form has ${more.length + 1} parts named file, and an upload is one file.`,
      {
        hint: 'Send each file in a call of its own, or what belongs together as one ZIP.',
      },
    )
  }
  if (file === undefined || typeof file === 'string') {
    throw new TidemarkError('body_invalid', 'The form of an upload has a part named file.', {
      hint: 'Send it as a file: curl -F file=@<path>',
    })
  }
  return { file, name: file.name }
}
