// Owns the blends of a mirror as a program sees them. Every method is an operation that the command line and the server do
// alike.

import { performNamed } from './operations/all.ts'
import type { BlendDocument, NewBlend, SetValues, ValuesInput } from './operations/blends.ts'
import type { Mirror } from './operations/mirror.ts'

/** Blends of the project: records made of several streams, by an identity and a rule for each field. */
export class Blends {
  readonly #mirror: Mirror

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  /**
   * Makes a blend. It is a connection whose one stream is `records`, and is made again after each run of its sources.
   *
   * @throws TidemarkError blend_invalid, blend_circular, connection_unknown, stream_unknown, column_unknown,
   *   connection_conflict
   */
  async create(name: string, options: Omit<NewBlend, 'name'>): Promise<BlendDocument> {
    return performNamed('createBlend', this.#mirror, { name }, options)
  }

  /** All of them, with how their sources stand. */
  async list(): Promise<readonly BlendDocument[]> {
    return performNamed('listBlends', this.#mirror, {})
  }

  /** One, with how its sources stand, and the unmatched. @throws TidemarkError blend_unknown */
  async show(name: string): Promise<BlendDocument> {
    return performNamed('showBlend', this.#mirror, { name })
  }

  /** Deletes a blend and what was set of it by hand. Gives how many rows there were. @throws TidemarkError blend_unknown */
  async drop(name: string): Promise<number> {
    return performNamed('dropBlend', this.#mirror, { name })
  }

  /**
   * Sets fields of a record by hand, above every rule; null takes a value away again. The key may be any spelling of the
   * identity.
   *
   * @throws TidemarkError blend_unknown, record_unknown, column_unknown, option_invalid
   */
  async set(blend: string, key: string, values: ValuesInput['values']): Promise<SetValues> {
    return performNamed('setValues', this.#mirror, { blend, key, values })
  }

  /** Takes back what was set by hand: of these fields, or all of it. @throws TidemarkError as `set` does */
  async unset(blend: string, key: string, fields?: readonly string[]): Promise<SetValues> {
    return performNamed('unsetValues', this.#mirror, { blend, key, ...(fields ? { fields } : {}) })
  }
}
