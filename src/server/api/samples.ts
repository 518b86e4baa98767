// Owns the services that a server emulates for whoever has no account at hand: which there are, and connecting one. They are
// connections like any other, at an address of this machine.

import { TidemarkError } from '../../model/errors.ts'
import { type Answerer, doFor, json } from './call.ts'

/** A service that is up. */
export interface Sample {
  /** What its connection is called. */
  readonly id: string
  /** What it is connected with. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a server that has them brings along. */
export interface Samples {
  /** The connectors whose services it emulates. */
  readonly connectors: readonly string[]
  /** Starts the service of a connector; one that is up goes on. */
  readonly start: (connector: string) => Promise<Sample>
}

export const NO_SAMPLES: Samples = {
  connectors: [],
  start: () => Promise.reject(new Error('There is no sample.')),
}

/** The connectors that have one. */
export function listSamples({ connectors }: Samples): Answerer {
  return () => json({ samples: connectors.map((connector) => ({ connector })) })
}

/** Connects one; whoever has it already gets it again. */
export function connectSample(samples: Samples): Answerer {
  return async (call) => {
    const { connectors } = samples
    const { connector = '' } = call.params
    if (!connectors.includes(connector)) {
      throw new TidemarkError('connector_unknown', `This server has no sample of "${connector}".`, {
        hint: connectors.length > 0 ? `It has some of: ${connectors.join(', ')}` : 'See: tidemark demo',
      })
    }
    const { id, options } = await samples.start(connector)
    return json(await doFor(call, 'connect', { connector, id }, { options }), 201)
  }
}
