// Owns which streams of a project declare their text, which their connectors alone know: as far as those are here.

import type { Connector, Stream } from '../../connector/connector.ts'
import { BLEND } from '../../model/blend-connector.ts'
import { WORDS_RULES } from '../../model/words.ts'
import type { Store, StreamCount } from '../../store/store.ts'

export type FindConnector = (name: string) => Promise<Connector | undefined>
export type Declared = NonNullable<Stream['text']>

export interface TextStream extends StreamCount {
  readonly connection: string
  readonly connector: string
  /** Null: it declares none, and is not searched. Undefined: its connector is not here, and nobody knows. */
  readonly text: Declared | null | undefined
}

export async function declaredTexts(
  store: Pick<Store, 'connections' | 'streams'>,
  project: string,
  find: FindConnector,
): Promise<readonly TextStream[]> {
  const rows = await store.connections.list(project)
  const connections = new Map(rows.map((row) => [row.no, row]))
  const connectors = new Map<string, Connector | undefined>()
  for (const { connector: name } of rows) if (!connectors.has(name)) connectors.set(name, await find(name))
  return (await store.streams.counts(project)).flatMap((stream) => {
    const { id: connection, connector } = connections.get(stream.connectionNo) ?? {}
    // It came or went meanwhile.
    if (connection === undefined || connector === undefined) return []
    return [{ ...stream, connection, connector, text: textOf(stream.stream, connector, connectors.get(connector)) }]
  })
}

function textOf(stream: string, name: string, connector: Connector | undefined): TextStream['text'] {
  if (name === BLEND) return null
  return connector ? (connector.streams[stream]?.text ?? null) : undefined
}

/** By what the words of a text are found, as the index of words notes it. */
export function declaredWords(text: Declared): string {
  return JSON.stringify([WORDS_RULES, text])
}
