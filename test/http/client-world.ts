// Owns a client over real sockets for tests, with a clock that nobody waits for and everything that it records.

import type { HttpSettings } from '../../src/connector/connector.ts'
import type { Http } from '../../src/connector/page.ts'
import { createHttp, type HttpSetup } from '../../src/http/client.ts'
import { createLimiter } from '../../src/http/limiter.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import type { RequestRow } from '../../src/store/store.ts'
import { type Buckets, openBuckets } from './buckets.ts'
import { ManualClock } from './manual-clock.ts'
import { type Answerer, type Scripted, serve } from './scripted-server.ts'

export interface ClientWorld extends AsyncDisposable {
  readonly http: Http
  readonly server: Scripted
  readonly clock: ManualClock
  readonly store: Buckets
  readonly rows: RequestRow[]
  readonly events: { readonly name: string; readonly values: Readonly<Record<string, unknown>> }[]
  /** The world's setup with changes, for a second client. */
  client(changes?: Partial<HttpSetup>): Http
}

export interface WorldOptions {
  readonly settings?: Partial<HttpSettings>
  readonly setup?: Partial<HttpSetup>
  /** Behind the server's origin. */
  readonly basePath?: string
}

/** A client whose service is a scripted server. Chance always says one half. */
export async function clientWorld(answerers: readonly Answerer[], options: WorldOptions = {}): Promise<ClientWorld> {
  const server = await serve(...answerers)
  const clock = new ManualClock()
  const store = await openBuckets(clock)
  const transport = nodeTransport()
  const rows: RequestRow[] = []
  const events: ClientWorld['events'] = []
  const setup: HttpSetup = {
    settings: { baseUrl: 'https://service.example', ...options.settings },
    baseUrl: server.url + (options.basePath ?? ''),
    allowPrivateNetwork: true,
    transport,
    clock,
    chance: { next: () => 0.5, id: () => 'id' },
    limiter: createLimiter({ store, clock }),
    logger: { event: (_level, name, values) => void events.push({ name, values }) },
    signal: new AbortController().signal,
    record: (row) => void rows.push(row),
    ...options.setup,
  }
  return {
    http: createHttp(setup),
    client: (changes) => createHttp({ ...setup, ...changes }),
    server,
    clock,
    store,
    rows,
    events,
    async [Symbol.asyncDispose]() {
      await transport.close()
      await store.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** What a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<TidemarkError> {
  try {
    await promise
  } catch (error) {
    return error as TidemarkError
  }
  throw new Error('it did not fail')
}
