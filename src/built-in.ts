// Owns the list of the connectors that come with Tidemark, and what a person's own ones may be beside them.

import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Connector } from './connector/connector.ts'
import { checkDeclaration } from './engine/passes/rows/shape.ts'
import { BLEND } from './model/blend-connector.ts'
import { TidemarkError } from './model/errors.ts'
import { ownFile, ownUrl } from './program-files.ts'

/** The folder is the list: every file in connectors/ is a connector of that name. */
export async function builtInNames(): Promise<readonly string[]> {
  return readdirSync(dirname(ownFile('connectors/any')))
    .flatMap((file) => /^([a-z0-9-]+)\.(?:ts|js)$/.exec(file)?.[1] ?? [])
    .sort()
}

export async function builtIn(name: string): Promise<Connector> {
  const module = (await import(ownUrl(`connectors/${name}`))) as { default: Connector }
  return module.default
}

/**
 * Connectors of one's own: each declared as it must be, and each with a name of its own.
 *
 * @throws TidemarkError connector_invalid, name_taken
 */
export async function checkOwn(connectors: readonly Connector[]): Promise<void> {
  const names = await builtInNames()
  for (const [place, connector] of connectors.entries()) {
    checkDeclaration(connector)
    const { name, options } = connector.service
    const twin = connectors.slice(0, place).find((other) => other.service.name === name)
    if (twin && twin !== connector) throw nameTaken(name, 'two connectors of your own')
    if (name === BLEND) throw nameTaken(name, 'a connector of your own and the one of all blends')
    // One that was made of the built-in, with its options, is the built-in.
    if (names.includes(name) && (await builtIn(name)).service.options !== options) {
      throw nameTaken(name, 'a connector of your own and one that comes with Tidemark')
    }
  }
}

function nameTaken(name: string, who: string): TidemarkError {
  return new TidemarkError('name_taken', `Both ${who} are called "${name}".`, {
    hint: 'Give yours another name: defineConnector({ name, … }). Its tables are named by it, too.',
  })
}
