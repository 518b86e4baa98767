// Owns the client with which a connection reaches its service.

import { createHttp, type HttpSetup } from '../../http/client.ts'
import type { PacedHttp } from '../../http/pace.ts'
import type { Cancellation } from '../passes/cancellation.ts'
import { newerSettings, type OpenedConnection, renewCredentials, type Vaulted } from './connection.ts'
import { secretTexts } from './secret-texts.ts'

export interface HttpPorts extends Vaulted, Pick<HttpSetup, 'transport' | 'clock' | 'chance' | 'limiter' | 'logger'> {}

/** How its requests are made, and what is noted of them. */
type Asking = Pick<HttpSetup, 'signal' | 'record' | 'beforeTry' | 'limits'>

/**
 * The client of a connection. Credentials that are refused are renewed, with a client that does not do so; a cancelled run
 * waits for a renewal that is under way.
 */
export function connectionHttp(
  ports: HttpPorts,
  opened: OpenedConnection,
  asking: Asking,
  cancellation?: Cancellation,
): PacedHttp {
  const renewing = () => createHttp(httpSetup(ports, opened, asking))
  return createHttp({
    ...httpSetup(ports, opened, asking),
    newer: () => newerSettings(ports, opened),
    renew: () => renewCredentials(ports, opened, renewing(), asking.signal, cancellation),
  })
}

function httpSetup(ports: HttpPorts, opened: OpenedConnection, asking: Asking): HttpSetup {
  const { transport, clock, chance, limiter, logger } = ports
  const { settings, options, row } = opened
  return {
    settings,
    baseUrl: options.baseUrl ?? settings.baseUrl,
    allowPrivateNetwork: options.allowPrivateNetwork,
    connection: row.id,
    who: String(row.no),
    secrets: () => secretTexts(opened),
    transport,
    clock,
    chance,
    limiter,
    logger,
    ...asking,
  }
}
