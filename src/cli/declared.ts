// Owns the connections that a configuration declares: each is made where it is missing and changed where it differs, and
// one that is as declared is not touched.

import type { Tidemark } from '../open.ts'
import type { Cli } from './cli.ts'

/**
 * Brings the connections to what the configuration says. An option that the file doesn't name stays as it is; so does a
 * connection that it doesn't name.
 *
 * @throws TidemarkError connector_unknown, options_unknown, options_invalid, connection_conflict, schedule_invalid, and
 *   what opening a secret may throw
 */
export async function applyDeclared(cli: Cli, tidemark: Tidemark): Promise<void> {
  for (const { id, connector: name, options = {}, schedule } of cli.config?.connections ?? []) {
    const connector = await tidemark.connector(name)
    const existing = await tidemark.store.connection(tidemark.project, id)
    if (!existing || !(await tidemark.care.isConnected(connector, id, options))) {
      await tidemark.connect(connector, { id, options })
      cli.note(`${existing ? 'Changed' : 'Connected'} ${id} (${name}), as ${cli.config?.file} declares`)
    }
    if (schedule !== undefined) await keepSchedule(tidemark, id, schedule)
  }
}

async function keepSchedule(tidemark: Tidemark, id: string, schedule: string): Promise<void> {
  const connection = await tidemark.connection(id)
  const rows = await tidemark.store.schedules(tidemark.project)
  const now = rows.find(({ connection: owner, stream }) => owner === id && stream === '')
  const wanted = schedule.trim().replaceAll(/\s+/g, ' ')
  // Set anew it would begin anew: a schedule that is in step stays in step.
  if ((now?.spec ?? 'off') !== wanted) await connection.schedule({ spec: wanted })
}
