// Owns the demo's world: every service that has an emulator, each with one account, and what happens there, in words.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emulatorNames, findEmulator } from '../../testing/emulators/find.ts'
import type { DemoPart } from '../../testing/emulators/kit/part.ts'

/** What `connect` needs to know of an account. */
export interface Account {
  readonly connector: string
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
  readonly schedule: string | undefined
  /** Its first sync goes on beside the others. */
  readonly takesLong: boolean
}

/** A file that a person uploads. */
export interface DemoFile {
  /** The connection. */
  readonly id: string
  readonly stream: string
  readonly path: string
}

export class DemoWorld {
  readonly #parts: readonly DemoPart[]
  /** Where the files of the services are. */
  readonly #folder: string

  private constructor(parts: readonly DemoPart[], folder: string) {
    this.#parts = parts
    this.#folder = folder
  }

  /** `large`: services may be so large that it takes a while to read them. */
  static async start(seed: number, { large }: { readonly large: boolean }): Promise<DemoWorld> {
    const parts = await Promise.all(
      emulatorNames().map(async (name) => (await findEmulator(name)).demo({ seed, large })),
    )
    return new DemoWorld(parts, await mkdtemp(join(tmpdir(), 'tidemark-demo-files-')))
  }

  /** What is running where, in the order of `accounts`. */
  get places(): readonly { readonly id: string; readonly url: string; readonly has: string }[] {
    return this.#parts.map(({ id, has, takesLong, emulator: { url } }) => {
      return { id, url, has: takesLong ? `${has}; read when the story is told` : has }
    })
  }

  get accounts(): readonly Account[] {
    return this.#parts.map(({ id, options, schedule, takesLong = false, emulator: { name, url } }) => {
      const all = { baseUrl: url, allowPrivateNetwork: true, ...options }
      return { connector: name, id, options: all, schedule, takesLong }
    })
  }

  /** What is new everywhere that the story looks at. */
  news(round: number): string {
    return this.#parts.flatMap((part) => (part.takesLong ? [] : [part.news(round)])).join('; ')
  }

  /** What leaves, and the connections that lose it. */
  removal(): { readonly says: string; readonly ids: readonly string[] } {
    const losing = this.#parts.filter((part) => part.removal)
    return { says: losing.flatMap((part) => part.removal?.() ?? []).join('; '), ids: losing.map(({ id }) => id) }
  }

  /** The files that the services hand out now, where they have no API. */
  async files(): Promise<readonly DemoFile[]> {
    const able = this.#parts.flatMap(({ id, upload }) => (upload ? [{ id, upload }] : []))
    return Promise.all(able.map(async ({ id, upload }) => ({ id, ...(await upload(this.#folder)) })))
  }

  /** A little of everything. */
  live(): void {
    for (const part of this.#parts) part.live()
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map(({ emulator }) => emulator.close()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}
