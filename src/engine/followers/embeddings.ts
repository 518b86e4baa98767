// Owns the vectors of texts: what is made of the text of a record, and when that is made again.

import { hash } from 'node:crypto'
import type { Embedder } from '../../embedders/embedder.ts'
import { packed } from '../../model/vectors.ts'
import type { EmbeddedRecord } from '../../store/store.ts'
import { EMBEDDINGS, type Follower, type Work } from './follower.ts'
import { type FindConnector, followTexts, type TextRecord } from './texts.ts'

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
        const embedder = await embedderOf(work.project)
        return {
          declared: (text) => declaredBy(embedder.id, text),
          put: (streamNo, records) => put(work, streamNo, records, embedder),
        }
      },
    },
    find,
  )
}

const BY = ' of '

function declaredBy(embedder: string, text: object): string {
  return `${embedder}${BY}${JSON.stringify(text)}`
}

/** Whether a stream's vectors were made by this embedder. */
export function isMadeBy({ id }: Pick<Embedder, 'id'>, declared: string): boolean {
  return declared.startsWith(`${id}${BY}`)
}

async function put(
  { store, signal }: Work,
  streamNo: number,
  records: readonly TextRecord[],
  embedder: Embedder,
): Promise<void> {
  const known = await store.vectors.digests(
    streamNo,
    records.map(({ key }) => key),
  )
  for (let i = 0; i < records.length; i += embedder.atOnce) {
    const part = records.slice(i, i + embedder.atOnce).map(({ title, body, ...record }) => {
      const text = [title, ...body].join('\n').slice(0, CHARACTERS_MAX)
      return { record, text, digest: hash('sha256', text, 'base64url') }
    })
    const changed = part.filter(({ record, digest }) => known.get(record.key) !== digest)
    const vectors =
      changed.length === 0
        ? []
        : await embedder.embed(
            changed.map(({ text }) => text),
            signal,
          )
    const made = new Map(changed.map(({ record, digest }, at) => [record.key, { digest, vector: kept(vectors[at]) }]))
    await store.vectors.put(
      streamNo,
      part.map(({ record }): EmbeddedRecord => ({ ...record, made: made.get(record.key) })),
    )
  }
}

function kept(vector: Float32Array | null | undefined): Int8Array {
  return vector ? packed(vector) : new Int8Array(0)
}
