// Owns what is said of the connections that a configuration declares.

import type { Tidemark } from '../tidemark.ts'
import type { Cli } from './cli.ts'

/**
 * Brings the connections to what the configuration says.
 *
 * @throws TidemarkError connector_unknown, options_unknown, options_invalid, connection_conflict, schedule_invalid, and
 *   what opening a secret may throw
 */
export async function applyDeclared(cli: Cli, tidemark: Tidemark): Promise<void> {
  for (const { connection, connector, outcome } of await tidemark.declare(cli.config?.connections ?? [])) {
    if (outcome === 'unchanged') continue
    cli.note(
      `${outcome === 'changed' ? 'Changed' : 'Connected'} ${connection} (${connector}), as ${cli.config?.file} declares`,
    )
  }
}
