// Owns the demo's world: every service that has an emulator, each with one account, and what happens there, in words.

import { emulatorNames, findEmulator } from '../../testing/emulators/find.ts'
import type { DemoPart } from '../../testing/emulators/kit/part.ts'

/** What `connect` needs to know of an account. */
export interface Account {
  readonly connector: string
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
}

export class DemoWorld {
  readonly #parts: readonly DemoPart[]

  private constructor(parts: readonly DemoPart[]) {
    this.#parts = parts
  }

  static async start(seed: number): Promise<DemoWorld> {
    return new DemoWorld(
      await Promise.all(emulatorNames().map(async (name) => (await findEmulator(name)).demo({ seed }))),
    )
  }

  /** What is running where, in the order of `accounts`. */
  get places(): readonly { readonly id: string; readonly url: string; readonly has: string }[] {
    return this.#parts.map(({ id, has, emulator: { url } }) => ({ id, url, has }))
  }

  get accounts(): readonly Account[] {
    return this.#parts.map(({ id, options, emulator: { name, url } }) => {
      return { connector: name, id, options: { baseUrl: url, allowPrivateNetwork: true, ...options } }
    })
  }

  /** What is new everywhere. */
  news(round: number): string {
    return this.#parts.map((part) => part.news(round)).join('; ')
  }

  /** What leaves, and the connections that lose it. */
  removal(): { readonly says: string; readonly ids: readonly string[] } {
    const losing = this.#parts.filter((part) => part.removal)
    return { says: losing.flatMap((part) => part.removal?.() ?? []).join('; '), ids: losing.map(({ id }) => id) }
  }

  /** A little of everything. */
  live(): void {
    for (const part of this.#parts) part.live()
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map(({ emulator }) => emulator.close()))
  }
}
