// Owns the planted faults of the server: who may call what, and what of other projects is seen.

import { edit, type PlantedFault } from './fault.ts'

const API = 'src/server/api/api.ts'
const CALLERS = 'src/server/api/callers.ts'
const ROUTES = 'test/server/api-routes.test.ts'
const WHOLE = 'test/server/api.test.ts'

export const SERVING: readonly PlantedFault[] = [
  {
    id: 'any-scope-will-do',
    mode: 'FM-34',
    what: 'a token may do whatever it asks for',
    edits: [edit(API, '        checkScope(caller, operation.scope)\n', '')],
    caughtBy: { tests: [ROUTES], only: 'nobody comes in' },
  },
  {
    id: 'project-of-the-server',
    mode: 'FM-34',
    what: 'every caller sees the project that the server was started with',
    edits: [
      edit(
        'src/server/api/call.ts',
        'tidemark.performFor(caller.project, name',
        'tidemark.performFor(tidemark.project, name',
      ),
    ],
    caughtBy: { tests: [ROUTES], only: 'another project' },
  },
  {
    id: 'guessing-without-end',
    mode: 'FM-34',
    what: 'wrong tokens may be tried for ever',
    edits: [edit(CALLERS, 'failed.count >= FAILURES_MAX', 'failed.count < 0')],
    caughtBy: { tests: [ROUTES], only: 'guesses' },
  },
  {
    id: 'expired-token-is-in-force',
    mode: 'FM-34',
    what: 'a token that ran out goes on',
    edits: [edit('src/operations/tokens.ts', 'expiresAt === null || expiresAt > now', 'true')],
    caughtBy: { tests: [ROUTES], only: 'ran out' },
  },
  {
    id: 'answer-is-done-again',
    mode: 'FM-63',
    what: 'a call that comes again with its Idempotency-Key is done again',
    edits: [
      edit(
        'src/server/api/idempotency.ts',
        'performance.now() - kept.at < KEPT_MS ? kept',
        'performance.now() < 0 ? kept',
      ),
    ],
    caughtBy: { tests: [WHOLE], only: 'idempotency' },
  },
  {
    id: 'page-begins-at-its-end',
    mode: 'FM-10',
    what: 'a page of records goes on by number, however many have come in front',
    edits: [edit('src/server/api/records.ts', 'from.key === undefined ? {}', 'from.key !== "" ? {}')],
    caughtBy: { tests: [WHOLE], only: 'pages of records' },
  },
]
