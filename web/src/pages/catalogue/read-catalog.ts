// Owns the reading of a published catalog: its document comes line by line, a record each, of which only what a list of titles shows is
// kept, so that tens of thousands of them fit a phone.

export interface Title {
  readonly key: string
  readonly stream: string
  readonly title: string
  /** The title in small letters, as it is looked for. */
  readonly sought: string
  readonly category: string
  readonly year: number | null
  readonly rating: number | null
  /** When it came, as its source says; '' where it does not. */
  readonly added: string
  readonly hasPicture: boolean
}

export interface Catalog {
  readonly n: number
  readonly generatedAt: string
  readonly titles: readonly Title[]
  /** Names of categories by their keys. */
  readonly categories: ReadonlyMap<string, string>
  /** Streams in the order of the document, with how many titles each has. */
  readonly streams: ReadonlyMap<string, number>
}

type Line = Readonly<Record<string, unknown>>

/**
 * `categoryOf`: the column of a stream that names a title's category.
 *
 * @throws Error where it is no catalog
 */
export async function readCatalog(
  pieces: ReadableStream<Uint8Array<ArrayBuffer>>,
  categoryOf: (stream: string) => string | null,
): Promise<Catalog> {
  const titles: Title[] = []
  const categories = new Map<string, string>()
  const streams = new Map<string, number>()
  const head: { n?: number; generatedAt?: string } = {}
  let part: 'head' | 'categories' | 'streams' | 'end' = 'head'
  let stream = ''
  const take = (line: string) => {
    if (part === 'end') return
    if (line.startsWith('{"version"')) Object.assign(head, JSON.parse(`${line.replace(/,$/, '')}}`) as object)
    else if (line.startsWith('"categories":[')) part = 'categories'
    else if (line.startsWith('"streams":{')) part = 'streams'
    else if (line.startsWith('},') || line.startsWith('"byCategory"')) part = 'end'
    else if (part === 'streams' && /^,?"/.test(line) && line.endsWith(':[')) {
      stream = JSON.parse(line.replace(/^,/, '').slice(0, -2)) as string
      streams.set(stream, 0)
    } else if (/^,?\{/.test(line)) {
      const record = JSON.parse(line.replace(/^,/, '').replace(/,$/, '')) as Line
      if (part === 'categories') categories.set(textOf(record['_key']), nameOf(record))
      else {
        titles.push(titleOf(record, stream, categoryOf(stream)))
        streams.set(stream, (streams.get(stream) ?? 0) + 1)
      }
    }
  }
  let rest = ''
  const reader = pieces.pipeThrough(new TextDecoderStream()).getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
  take(rest)
  if (head.n === undefined) throw new Error('What the server gave is no catalog.')
  return { n: head.n, generatedAt: head.generatedAt ?? '', titles, categories, streams }
}

function titleOf(record: Line, stream: string, category: string | null): Title {
  const title = nameOf(record)
  return {
    key: textOf(record['_key']),
    stream,
    title,
    sought: `${title} ${textOf(record['original_name'])}`.toLocaleLowerCase(),
    category: category === null ? '' : textOf(record[category]),
    year: numberOf(record['year']),
    rating: numberOf(record['rating_imdb']) ?? numberOf(record['rating_kinopoisk']),
    added: textOf(record['added']),
    hasPicture: textOf(record['poster_url']) !== '',
  }
}

function nameOf(record: Line): string {
  for (const name of ['title', 'name', 'full_name', '_key']) {
    const text = textOf(record[name])
    if (text !== '') return text
  }
  return ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

function numberOf(value: unknown): number | null {
  const n = typeof value === 'number' ? value : typeof value === 'string' ? Number.parseFloat(value) : Number.NaN
  return Number.isFinite(n) && n > 0 ? n : null
}
