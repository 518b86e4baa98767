// Owns the vectors of texts: what is made of the text of a record, and when that is made again.

import { hash } from 'node:crypto'
import type { Embedder } from '../../embedders/embedder.ts'
import { TidemarkError } from '../../model/errors.ts'
import { packed } from '../../model/vectors.ts'
import type { EmbeddedRecord } from '../../store/store.ts'
import type { Declared, FindConnector } from './declared-texts.ts'
import { EMBEDDINGS, type Follower, type Work } from './follower.ts'
import { Portions } from './portions.ts'
import { followTexts, type TextRecord, type TextWriter } from './texts.ts'

/** Characters of a text that is embedded, at most: what stands behind them is found by its words only. */
const CHARACTERS_MAX = 8_000

/** The embedder of a project. */
export type FindEmbedder = (project: string) => Promise<Embedder>

export function embeddings(find: FindConnector, embedderOf: FindEmbedder): Follower {
  return followTexts(
    {
      name: EMBEDDINGS,
      progress: (store) => store.vectors,
      // A text that is still the same keeps its vector, which may have cost something.
      forgets: false,
      begin: async (work) => {
        return new VectorWriter(work, await embedderOf(work.project))
      },
    },
    find,
  )
}

const BY = ' of '

function declaredBy(embedder: string, text: object): string {
  return `${embedder}${BY}${JSON.stringify(text)}`
}

/** Whether a stream's vectors were made by this embedder of this text, or of whatever text where that is not known. */
export function areOf(embedder: Pick<Embedder, 'id'>, declared: string, text: Declared | undefined): boolean {
  return text ? declared === declaredBy(embedder.id, text) : isMadeBy(embedder, declared)
}

/** Whether a stream's vectors were made by this embedder. */
export function isMadeBy({ id }: Pick<Embedder, 'id'>, declared: string): boolean {
  return declared.startsWith(`${id}${BY}`)
}

class VectorWriter implements TextWriter {
  readonly #store: Work['store']
  readonly #embedder: Embedder
  readonly #portions: Portions
  /** Streams whose vectors are made anew, since the embedder gives others than before. */
  readonly #anew = new Set<number>()

  constructor({ store, logger, signal }: Work, embedder: Embedder) {
    this.#store = store
    this.#embedder = embedder
    this.#portions = new Portions(embedder, logger, signal)
  }

  declared(text: object): string {
    return declaredBy(this.#embedder.id, text)
  }

  async put(streamNo: number, records: readonly TextRecord[]): Promise<'written' | 'anew'> {
    const { vectors } = this.#store
    const known = await vectors.digests(
      streamNo,
      records.map(({ key }) => key),
    )
    let length = await vectors.length(streamNo)
    for (let i = 0, size = 0; i < records.length; i += size) {
      size = this.#portions.atOnce
      const part = records.slice(i, i + size).map(embeddedText)
      const changed = part.filter(({ record, digest }) => known.get(record.key) !== digest)
      const made = await this.#portions.vectorsOf(changed.map(({ text }) => text))
      const other = made.findIndex((vector) => vector && vector.length !== (length ??= vector.length))
      if (other >= 0) return this.#beginAnew(streamNo, changed[other]?.text ?? '', length)
      const madeOf = new Map(changed.map(({ record, digest }, at) => [record.key, { digest, vector: kept(made[at]) }]))
      await vectors.put(
        streamNo,
        part.map(({ record }): EmbeddedRecord => ({ ...record, made: madeOf.get(record.key) })),
      )
    }
    return 'written'
  }

  /**
   * Vectors of another length compare with none that is kept: the model behind its name is another one. Making all of them
   * anew may cost something, so that it takes a second answer, and is done once.
   */
  async #beginAnew(streamNo: number, text: string, length: number | undefined): Promise<'anew'> {
    const [again = null] = this.#anew.has(streamNo) ? [] : await this.#portions.vectorsOf([text])
    if (!again || again.length === length) {
      throw new TidemarkError('unexpected_shape', 'The service gives vectors of different lengths.', { scope: 'page' })
    }
    this.#anew.add(streamNo)
    return 'anew'
  }
}

function embeddedText({ title, body, ...record }: TextRecord) {
  const text = [title, ...body].join('\n').slice(0, CHARACTERS_MAX)
  return { record, text, digest: hash('sha256', text, 'base64url') }
}

function kept(vector: Float32Array | null | undefined): Int8Array {
  return vector ? packed(vector) : new Int8Array(0)
}
