// Owns the reading of the audit log.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { moment, optional } from './fields.ts'
import { type ByNumber, byNumber, limit, ofConnection } from './inputs.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'

const deedDocument = document({
  /** When it began. */
  at: z.string(),
  /** `cli`, `library`, `agent`, or `token` with the id of the token. */
  who: z.string(),
  /** The name of the operation. */
  operation: z.string(),
  /** Null: it concerns none, or several. */
  connection: z.string().nullable(),
  /** What was given, without secrets; of a long input the names alone. */
  given: z.record(z.string(), z.unknown()),
  /** `done`, or the code of the error that it ended with. */
  outcome: z.string(),
})
export type Deed = DocumentOf<typeof deedDocument>

export interface AuditLogQuery {
  readonly connection?: string | undefined
  readonly since?: Moment | undefined
  /** @default 100 */
  readonly limit?: number | undefined
}

const LIMIT = 100
const LIMIT_MAX = 10_000

export const auditLog = operation<AuditLogQuery, Promise<readonly Deed[]>, ByNumber>({
  name: 'auditLog',
  does: 'List who has started, changed or ended what, the newest first.',
  details:
    'Every run that somebody asked for, every change and every end has an entry, those that failed too, with the token or the face it came through. Runs of a schedule are in the list of runs.',
  scope: 'admin',
  isLook: true,
  input: {
    connection: ofConnection,
    since: optional(moment('only those since this time')),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  hooks: byNumber,
  list: 'deeds',
  output: deedDocument,
  examples: [{ connection: 'me', since: '7d' }, {}],
  async run(mirror, { connection, since: from, limit: most = LIMIT }, { behind, onPlace }) {
    const { store, project } = mirror
    const since = from === undefined ? undefined : await pastMillisecondsOf(mirror, { name: 'since', moment: from })
    const rows = await store.audit.list(project, { limit: most, connection, since, before: behind })
    for (const { no } of rows) onPlace?.(no)
    return rows.map(({ at, who, operation: name, connection: of, given, outcome }) => {
      return {
        at: instant(at),
        who,
        operation: name,
        connection: of,
        given: JSON.parse(given) as Deed['given'],
        outcome,
      }
    })
  },
})
