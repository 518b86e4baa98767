// Owns how texts are given to an embedder: as many at once as it takes, and shorter where it takes no more. What it refuses
// for good keeps no other text from its vector.

import type { Embedder } from '../../embedders/embedder.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Logger } from '../../model/ports.ts'

type Vector = Float32Array | null

/** A text that no embedder refuses: whoever refuses it refuses everything. */
const PLAIN = 'tide'
/** A text that is refused is cut into halves down to so many characters. */
const CHARACTERS_LEAST = 250

export class Portions {
  readonly #embedder: Embedder
  readonly #logger: Logger
  readonly #signal: AbortSignal
  #atOnce: number
  /** Texts that were refused alone. */
  #refused = 0

  constructor(embedder: Embedder, logger: Logger, signal: AbortSignal) {
    this.#embedder = embedder
    this.#logger = logger
    this.#signal = signal
    this.#atOnce = embedder.atOnce
  }

  /** How many texts are given at once, by what was refused so far. */
  get atOnce(): number {
    return this.#atOnce
  }

  /** A vector for each text, `atOnce` of them at most. Null: there is nothing to be found by in it, or it was refused alone. */
  async vectorsOf(texts: readonly string[]): Promise<readonly Vector[]> {
    const told = texts.filter((text) => text.trim() !== '')
    const vectors = told.length === 0 ? [] : await this.#portion(told)
    let next = 0
    return texts.map((text) => (text.trim() === '' ? null : (vectors[next++] ?? null)))
  }

  async #portion(texts: readonly string[]): Promise<readonly Vector[]> {
    try {
      return await this.#embedder.embed(texts, this.#signal)
    } catch (error) {
      await this.#blameTexts(error)
    }
    const [first = ''] = texts
    if (texts.length === 1) return [await this.#shorter(first)]
    const refusedBefore = this.#refused
    const half = Math.ceil(texts.length / 2)
    const vectors = [...(await this.#portion(texts.slice(0, half))), ...(await this.#portion(texts.slice(half)))]
    // No text was at fault: there were too many.
    if (this.#refused === refusedBefore) this.#atOnce = Math.min(this.#atOnce, half)
    return vectors
  }

  /** Returns where the texts are at fault. @throws what was thrown, where the service fails or takes no text at all */
  async #blameTexts(error: unknown): Promise<void> {
    if (!(error instanceof TidemarkError) || error.code !== 'request_refused') throw error
    await this.#embedder.embed([PLAIN], this.#signal)
  }

  /** A model may read less than is sent; services differ in whether they cut it themselves. */
  async #shorter(text: string): Promise<Vector> {
    this.#refused++
    for (let length = Math.floor(text.length / 2); length >= CHARACTERS_LEAST; length = Math.floor(length / 2)) {
      try {
        const [vector = null] = await this.#embedder.embed([text.slice(0, length)], this.#signal)
        return vector
      } catch (error) {
        await this.#blameTexts(error)
      }
    }
    this.#logger.event('warn', 'embedding.refused', { characters: text.length })
    return null
  }
}
