// Owns which options a connection that stands still has to be given: those that its last run asked for, which may be more
// than it has now, as where a portal begins to ask for a login.

import type { Connector } from '../../connector/connector.ts'
import type { ConnectionRow, Store } from '../../store/store.ts'
import { DISCONNECTED, LOGIN_NEEDED, type LoginOption, loginIn, loginOptions } from './standing.ts'

export async function askedLogin(
  { runs }: Pick<Store, 'runs'>,
  connector: Connector | undefined,
  row: ConnectionRow,
): Promise<readonly LoginOption[]> {
  const usual = loginOptions(connector, row)
  if (!row.paused.includes(LOGIN_NEEDED) || row.paused.includes(DISCONNECTED)) return usual
  const { project, no: connectionNo } = row
  const [last] = await runs.list({ project, connectionNo, statuses: ['paused'], limit: 1 })
  const asked = loginIn(last?.error?.hint ?? null)
  return asked.length > 0 ? asked : usual
}
