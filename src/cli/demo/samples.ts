// Owns the services that `tidemark serve` emulates on request: each as the demo has it, in this process, on this machine alone.
// They end with the server; the next one begins those anew that are connected still, at their new addresses.

import { isObject } from '../../model/json.ts'
import type { Sample, Samples } from '../../server/api/samples.ts'
import { emulatorNames, findEmulator } from '../../testing/emulators/find.ts'
import type { DemoPart } from '../../testing/emulators/kit/part.ts'
import type { Tidemark } from '../../tidemark.ts'

/** The same world each time. */
const SEED = 1

export class LocalSamples implements Samples {
  readonly connectors = emulatorNames()
  readonly #up = new Map<string, Promise<DemoPart>>()

  async start(connector: string): Promise<Sample> {
    const { options, emulator } = await this.#part(connector)
    const all = { baseUrl: emulator.url, allowPrivateNetwork: true, ...options }
    return { id: idOf(connector), options: all }
  }

  /** Begins those anew that a server before this one has connected. */
  async resume(tidemark: Tidemark): Promise<void> {
    const { store } = tidemark
    for (const { id: project } of await store.projects.list()) {
      for (const row of await store.connections.list(project)) {
        const { connector } = row
        if (row.id !== idOf(connector) || !this.connectors.includes(connector) || row.paused.length > 0) continue
        if (!isObject(row.options) || !isOfThisMachine(row.options['baseUrl'])) continue
        const { id, options } = await this.start(connector)
        await tidemark.performFor(project, 'connect', { connector, id }, { options })
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#up.values()].map(async (part) => (await part).emulator.close()))
  }

  #part(connector: string): Promise<DemoPart> {
    const known = this.#up.get(connector)
    if (known) return known
    const starting = findEmulator(connector).then((found) => found.demo({ seed: SEED }))
    this.#up.set(connector, starting)
    // One that did not start is tried again.
    starting.catch(() => this.#up.delete(connector))
    return starting
  }
}

const idOf = (connector: string) => `${connector}-sample`

function isOfThisMachine(address: unknown): boolean {
  return typeof address === 'string' && URL.parse(address)?.hostname === '127.0.0.1'
}
