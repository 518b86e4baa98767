// Owns the planted faults of the server: who may call what, and what of other projects is seen.

import { edit, type PlantedFault } from './fault.ts'

const API = 'src/server/api/api.ts'
const CALLERS = 'src/server/api/callers.ts'
const SESSIONS = 'test/server/sessions.test.ts'
const TOOLS = 'test/server/tools.test.ts'
const ROUTES = 'test/server/api-routes.test.ts'
const ORDERS = 'test/server/orders.test.ts'
const KILLED = 'test/promises/a-server-killed-in-the-middle.test.ts'
const WHOLE = 'test/server/api.test.ts'

export const SERVING: readonly PlantedFault[] = [
  {
    id: 'budget-of-the-other',
    mode: 'FM-63',
    what: 'a budget of a connector is set for the connection that has its name',
    edits: [edit('src/operations/budgets.ts', '(asked ?? scope) === scope && known', 'known')],
    caughtBy: { tests: ['test/server/budgets.test.ts'] },
  },
  {
    id: 'batch-left-by-its-server',
    mode: 'FM-63',
    what: 'what had not begun of a batch when its server was killed is not begun by the next one',
    edits: [
      edit(
        'src/store/system/orders.ts',
        '(batch_id IS NULL OR no > $1) ORDER',
        '(batch_id IS NULL AND no > -$1) ORDER',
      ),
    ],
    caughtBy: { tests: [KILLED], only: 'batch' },
  },
  {
    id: 'batch-told-too-early',
    mode: 'FM-63',
    what: 'a batch is told of while runs of it are left',
    edits: [edit('src/store/system/batches.ts', '!names.has(project)', 'project.length > 0 || names.has(project)')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'are ready in a project' },
  },
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
        'tidemark.performFor(caller, name',
        'tidemark.performFor({ ...caller, project: tidemark.project }, name',
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
        'if (found && found.status !== null) return',
        'if (found && found.status === 0) return',
      ),
    ],
    caughtBy: { tests: [WHOLE], only: 'idempotency' },
  },
  {
    id: 'session-of-any-site',
    mode: 'FM-34',
    what: 'a page of another site changes things in the name of a person',
    edits: [edit('src/server/api/sessions.ts', "site === 'same-origin'", "site !== ''")],
    caughtBy: { tests: [SESSIONS], only: 'no page of another site' },
  },
  {
    id: 'session-outlives-its-token',
    mode: 'FM-34',
    what: 'a session goes on after its token was revoked',
    edits: [
      edit(
        'src/store/system/sessions.ts',
        '`${IN_FORCE} AND t.id = $1`',
        "`${IN_FORCE.replace('t.revoked_at IS NULL', 'true')} AND t.id = $1`",
      ),
    ],
    caughtBy: { tests: [SESSIONS], only: 'with its token' },
  },
  {
    id: 'failed-deed-is-no-deed',
    mode: 'FM-78',
    what: 'a deed that fails is not in the audit log',
    edits: [edit('src/operations/deeds.ts', 'await write(codeOf(error))', 'await undefined')],
    caughtBy: { tests: ['test/server/audit-log.test.ts'], only: 'has its code' },
  },
  {
    id: 'tools-for-everybody',
    mode: 'FM-34',
    what: 'an agent that may only look starts runs',
    edits: [
      edit('src/server/mcp/call-tool.ts', '  if (mayDo(caller, scope)) return tool\n', '  if (caller) return tool\n'),
    ],
    caughtBy: { tests: [TOOLS], only: 'no token has more' },
  },
  {
    id: 'answer-without-bound',
    mode: 'FM-74',
    what: 'an agent gets all that it asks for, however long',
    edits: [edit('src/server/mcp/bounds.ts', 'text.length <= ANSWER_CHARS_MAX', 'text.length > 0')],
    caughtBy: { tests: [TOOLS], only: 'within bounds' },
  },
  {
    id: 'page-begins-at-its-end',
    mode: 'FM-10',
    what: 'a page begins with the first row again, wherever the one before has ended',
    edits: [edit('src/server/api/paging.ts', '...(behind === undefined ? {} : { behind }), onPlace', 'onPlace')],
    caughtBy: { tests: [WHOLE], only: 'pages of records' },
  },
  {
    id: 'statement-without-asker',
    mode: 'FM-34',
    what: 'a statement goes on when the process that asked for it is dead',
    edits: [
      edit(
        'src/store/console/process.ts',
        '    new Worker(LISTENER, { eval: true }).unref()\n',
        '    void Worker\n    void LISTENER\n',
      ),
    ],
    caughtBy: { tests: ['test/processes/sql-ends.test.ts'] },
  },
  {
    id: 'stream-outlives-token',
    mode: 'FM-34',
    what: 'a stream of events goes on when its token is revoked',
    edits: [
      edit(
        'src/server/api/events.ts',
        '        if (!(await isInForce())) return close()\n',
        '        void isInForce\n',
      ),
    ],
    caughtBy: { tests: ['test/server/api-ends.test.ts'], only: 'that revoked' },
  },
  {
    id: 'switch-of-any-word',
    mode: 'FM-63',
    what: 'a switch in a query that is neither true nor false counts as false, and a trial is carried out',
    edits: [edit('src/server/api/input.ts', "text === 'false' ? false : text)", "text === 'false' ? false : false)")],
    caughtBy: { tests: ['test/server/api-input.test.ts'], only: 'only to be tried' },
  },
  {
    id: 'order-of-one-process',
    mode: 'FM-63',
    what: 'what a server has accepted and did not come to is done by nobody',
    edits: [
      edit('src/engine/schedules/scheduler.ts', 'ports.orders.carryOutAll()', 'Promise.resolve(void ports.orders)'),
    ],
    caughtBy: { tests: [ORDERS], only: 'that its server leaves' },
  },
  {
    id: 'stopped-with-its-process-is-done',
    mode: 'FM-63',
    what: 'a run that stops because its process ends counts as done',
    edits: [
      edit('src/engine/runs/orders.ts', '|| ends.aborted) && run.status', '|| ends.aborted) && false && run.status'),
    ],
    caughtBy: { tests: [ORDERS], only: 'that its server leaves' },
  },
  {
    id: 'cap-anew-for-each-run',
    mode: 'FM-63',
    what: 'a run that goes on with what was ordered may use the whole cap once more',
    edits: [edit('src/engine/runs/asked.ts', 'maxRequests - before.requests', 'maxRequests')],
    caughtBy: { tests: [ORDERS], only: 'that its server leaves' },
  },
  {
    id: 'key-of-one-server',
    mode: 'FM-63',
    what: 'two servers that get the same call at once both carry it out',
    edits: [edit('src/store/system/answers.ts', '    if (taken === 0) {', '    if (taken < 0) {')],
    caughtBy: { tests: ['test/server/idempotency.test.ts'], only: 'two servers' },
  },
  {
    id: 'answers-that-can-be-read',
    mode: 'FM-34',
    what: 'answers are kept as they were given, with the tokens in them',
    edits: [
      edit(
        'src/secrets/sent.ts',
        "return encrypt(this.#sealing, Buffer.from(answer, 'utf8'), SEALING)",
        "return Buffer.from(answer, 'utf8')",
      ),
      edit(
        'src/secrets/sent.ts',
        "decrypt(this.#sealing, Buffer.from(sealed), SEALING)?.toString('utf8')",
        "Buffer.from(sealed).toString('utf8')",
      ),
    ],
    caughtBy: { tests: ['test/server/idempotency.test.ts'], only: 'nobody reads' },
  },
  {
    id: 'cursor-of-a-position',
    mode: 'FM-63',
    what: 'the list of runs goes on as many rows further, whatever has come before them meanwhile',
    edits: [edit('src/store/system/runs.ts', '`r.no < $${values.push(before)}`', '`r.no <= $${values.push(before)}`')],
    caughtBy: { tests: ['test/server/lists.test.ts'], only: 'repeat none' },
  },
  {
    id: 'cap-for-each-project',
    mode: 'FM-63',
    what: 'a cap for all projects is one for each of them',
    edits: [
      edit(
        'src/operations/batches.ts',
        '{ mode }, { allowance }',
        '{ mode, maxRequests: allowance.left.requests }, {}',
      ),
    ],
    caughtBy: { tests: ['test/server/batches.test.ts'], only: 'all projects together' },
  },
  {
    id: 'only-runs-that-are-seen-running',
    mode: 'FM-63',
    what: 'a run that begins and ends between two looks is not told of',
    edits: [
      edit(
        'src/server/api/events.ts',
        'numbered.filter(([no]) => no > since)',
        "numbered.filter(([no, run]) => no > since && run.status === 'running')",
      ),
    ],
    caughtBy: { tests: ['test/server/events.test.ts'], only: 'quick runs' },
  },
  {
    id: 'answer-that-nobody-declares',
    mode: 'FM-63',
    what: 'the OpenAPI document knows one good status of each call',
    edits: [
      edit('src/server/api/openapi.ts', '...(special && ALSO[special]),', '...(special && ALSO[special] && {}),'),
    ],
    caughtBy: { tests: ['test/server/openapi.test.ts'], only: 'under way' },
  },
  {
    id: 'limit-of-the-operation',
    mode: 'FM-63',
    what: 'the OpenAPI document allows limits of a list that the server refuses',
    edits: [edit('src/server/api/openapi.ts', "!(isPaged && one === 'limit')", "!(isPaged && one === 'limits')")],
    caughtBy: { tests: ['test/server/openapi.test.ts'], only: 'every limit' },
  },
  {
    id: 'statements-without-end',
    mode: 'FM-34',
    what: 'as many statements run at once over HTTP as are asked for',
    edits: [edit('src/server/api/turns.ts', 'if (this.#free > 0) {', 'if (this.#free > -1_000) {')],
    caughtBy: { tests: ['test/server/statements.test.ts'] },
  },
  {
    id: 'pictures-of-any-network',
    mode: 'FM-70',
    what: 'a record leads the server to any address of a private network',
    edits: [
      edit(
        'src/operations/image.ts',
        'allowPrivateNetwork === true && origins.includes(origin)',
        'allowPrivateNetwork === true || origins.includes(origin)',
      ),
    ],
    caughtBy: { tests: ['test/server/images.test.ts'] },
  },
  {
    id: 'pictures-by-their-name',
    mode: 'FM-70',
    what: 'whatever an address gives is shown as a picture',
    edits: [edit('src/http/picture.ts', 'if (!type) throw refused', "if (type === 'image/gif') throw refused")],
    caughtBy: { tests: ['test/server/images.test.ts'] },
  },
]
