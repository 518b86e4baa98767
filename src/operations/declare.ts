// Owns the connections that a configuration declares: each is made where it is missing and changed where it differs, and
// one that is as declared is not touched.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { isConnected, saveConnection } from './connect.ts'
import { object } from './fields.ts'
import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import { operation } from './operation.ts'

const scheduling = later(() => import('../engine/schedules/set-schedule.ts'))

const declaration = document({
  id: z.string(),
  /** Its name. */
  connector: z.string(),
  options: z.record(z.string(), z.unknown()).optional(),
  /** As `schedule` takes it; absent: the schedule stays as it is. */
  schedule: z.string().optional(),
})
export type DeclaredInput = DocumentOf<typeof declaration>

const declaredDocument = document({
  connection: z.string(),
  connector: z.string(),
  outcome: z.enum(['connected', 'changed', 'unchanged']),
})
export type Declared = DocumentOf<typeof declaredDocument>

export const declare = operation<{ readonly connections: readonly DeclaredInput[] }, Promise<readonly Declared[]>>({
  name: 'declare',
  does: 'Bring connections to what a configuration declares.',
  details:
    'A connection that is missing is made, one that differs is changed. An option that is not declared stays as it is; so does a connection that is not.',
  scope: 'admin',
  isSecretive: true,
  input: { connections: object(z.array(declaration, 'is a list of connections'), 'the declared connections') },
  positional: ['connections'],
  list: 'connections',
  output: declaredDocument,
  examples: [{ connections: [{ id: 'me', connector: 'github', options: { user: 'ada' }, schedule: 'every 15m' }] }],
  async run(mirror, { connections }) {
    const declared: Declared[] = []
    for (const one of connections) declared.push(await apply(mirror, one))
    return declared
  },
})

async function apply(mirror: Mirror, { id, connector, options = {}, schedule }: DeclaredInput): Promise<Declared> {
  const known = await mirror.connectors.get(connector)
  const existing = await mirror.store.connections.find(mirror.project, id)
  const isSame = existing !== undefined && (await isConnected(mirror, known, { id, options }))
  const row = isSame ? existing : await saveConnection(mirror, known, { id, options })
  if (schedule !== undefined) await keepSchedule(mirror, row, schedule)
  return {
    connection: id,
    connector,
    outcome: isSame ? 'unchanged' : existing?.no === row.no ? 'changed' : 'connected',
  }
}

async function keepSchedule(
  mirror: Mirror,
  row: Awaited<ReturnType<typeof saveConnection>>,
  schedule: string,
): Promise<void> {
  const rows = await mirror.store.schedules.list(mirror.project, row.no)
  const now = rows.find(({ stream }) => stream === '')
  const spec = schedule.trim().replaceAll(/\s+/g, ' ')
  // Set anew it would begin anew: a schedule that is in step stays in step.
  if ((now?.spec ?? 'off') === spec) return
  const { setSchedule } = await scheduling()
  await setSchedule(mirror, row, { spec }, mirror.everyMinMs)
}
