// Owns the parsers of a connection's streams as they are stored: an open stream has the columns that earlier pages told of.

import type { Connector } from '../../../connector/connector.ts'
import type { Store } from '../../../store/store.ts'
import { compileStream, type RowParser } from './shape.ts'

/** The parser of a stream of a connection. @throws TidemarkError connector_invalid (stop) */
export async function parserOf(
  store: Pick<Store, 'streams'>,
  connectionNo: number,
  connector: Connector,
  name: string,
): Promise<RowParser> {
  const known = (await store.streams.list(connectionNo)).find(({ stream }) => stream === name)
  return compileStream(connector, name, known?.shape)
}
