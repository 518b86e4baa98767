// Owns the port of embedders: what makes a vector of a text, so that texts of one meaning have vectors of one direction.

export interface Embedder {
  /** Names the model and how it is used. Vectors compare only with those of the same name. */
  readonly id: string
  /** Texts that are given to it at once, at most. */
  readonly atOnce: number
  /**
   * A vector for each text, in their order, of any length but zero; null: it knows no word of that text. `signal` ends it
   * early; without it a person waits, and what fails is not tried again.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly (Float32Array | null)[]>
}
