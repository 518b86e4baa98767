// Owns the form of an upload: its one file is handed on as it comes, however large it is, and whatever else there is in the
// form is refused. Source of its grammar: RFC 7578, and RFC 2046, 5.1.1.

import { TidemarkError } from '../../model/errors.ts'

/** The longest head of a part, in bytes. */
const HEAD_MAX = 16_384

export interface FormFile {
  /** To be read once. It throws what is wrong with the form, also with what stands behind the file. */
  readonly file: ReadableStream<Uint8Array>
  readonly name: string
}

export function isForm(type: string): boolean {
  return /^\s*multipart\/form-data\b/i.test(type)
}

/** The file of a form. @throws TidemarkError body_invalid */
export async function fileOfForm({ headers, body }: Pick<Request, 'headers' | 'body'>): Promise<FormFile> {
  const [, quoted, bare] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(headers.get('content-type') ?? '') ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined || !body) throw unreadable()
  const parts = new Parts(body, boundary)
  for await (const _ of parts.content()) throw unreadable()
  const part = await parts.next()
  if (part?.name !== undefined && part.name !== FILE) throw surplus(part.name)
  if (part?.filename === undefined) {
    throw new TidemarkError('body_invalid', 'The form of an upload has a part named file.', {
      hint: 'Send it as a file: curl -F file=@<path>',
    })
  }
  return { file: ReadableStream.from(contentOf(parts)), name: part.filename }
}

const FILE = 'file'

async function* contentOf(parts: Parts): AsyncGenerator<Uint8Array> {
  try {
    yield* parts.content()
    const more = await parts.next()
    if (more) throw surplus(more.name)
  } finally {
    await parts.end()
  }
}

interface Part {
  readonly name: string
  /** Undefined: it is no file. */
  readonly filename: string | undefined
}

/** The parts of a form: the head of each, then its content. */
class Parts {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #delimiter: Buffer
  /** What has come and is not looked at yet. The first boundary has no line before it. */
  #rest: Buffer = Buffer.from('\r\n')

  constructor(body: AsyncIterable<Uint8Array>, boundary: string) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
  }

  /** The head of the part behind the boundary to which all is read; undefined behind the last one. */
  async next(): Promise<Part | undefined> {
    const mark = (await this.#take(2)).toString('latin1')
    if (mark === '--') return undefined
    if (mark !== '\r\n') throw unreadable()
    return partOf((await this.#head()).toString('utf8'))
  }

  /** What is left of the form is not read. */
  async end(): Promise<void> {
    await this.#chunks.return?.()
  }

  /** The bytes up to the next boundary. */
  async *content(): AsyncGenerator<Uint8Array> {
    const delimiter = this.#delimiter
    for (;;) {
      const end = this.#rest.indexOf(delimiter)
      // The beginning of a boundary may be all that has come of it.
      const known = end < 0 ? Math.max(0, this.#rest.length - delimiter.length + 1) : end
      if (known > 0) yield this.#rest.subarray(0, known)
      this.#rest = this.#rest.subarray(end < 0 ? known : end + delimiter.length)
      if (end >= 0) return
      await this.#more()
    }
  }

  async #head(): Promise<Buffer> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end >= 0) {
        const head = this.#rest.subarray(0, end)
        this.#rest = this.#rest.subarray(end + 4)
        return head
      }
      if (this.#rest.length > HEAD_MAX) throw unreadable()
      await this.#more()
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes) await this.#more()
    const taken = this.#rest.subarray(0, bytes)
    this.#rest = this.#rest.subarray(bytes)
    return taken
  }

  /** @throws TidemarkError body_invalid: the form ends before its end, or its caller has hung up */
  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next().catch((cause: unknown) => {
      throw unreadable(cause)
    })
    if (done) throw unreadable()
    this.#rest = this.#rest.length === 0 ? Buffer.from(value) : Buffer.concat([this.#rest, value])
  }
}

/** @throws TidemarkError body_invalid */
function partOf(head: string): Part {
  const [, line = ''] = /^content-disposition:[ \t]*form-data[ \t]*(;.*)$/im.exec(head) ?? []
  const given = Array.from(line.matchAll(PARAMETER), ([, name = '', value = '']) => [name.toLowerCase(), plain(value)])
  const { name, filename } = Object.fromEntries(given) as Partial<Part>
  if (name === undefined) throw unreadable()
  return { name, filename }
}

const PARAMETER = /[;\s](name|filename)="((?:[^"\\]|\\.){0,1024})"/gi

/** Browsers write three characters as an address would; others escape quotes by backslashes. */
function plain(value: string): string {
  return value.replaceAll(/\\(["\\])/g, '$1').replaceAll(/%(?:22|0D|0A)/gi, decodeURIComponent)
}

function unreadable(cause?: unknown): TidemarkError {
  return new TidemarkError('body_invalid', "The form of an upload can't be read.", {
    cause,
    hint: 'Send the whole form, with the boundary that its content-type names; or the file alone as the body.',
  })
}

/** What is passed over in silence may be what was meant. */
function surplus(name: string): TidemarkError {
  if (name === FILE) {
    return new TidemarkError('body_invalid', 'The form has more than one part named file, and an upload is one file.', {
      hint: 'Send each file in a call of its own, or what belongs together as one ZIP.',
    })
  }
  return new TidemarkError('body_invalid', `The form of an upload has the part file alone, and not "${name}".`, {
    hint: 'What an upload may be told stands in the query: ?dryRun=true&name=…',
  })
}
