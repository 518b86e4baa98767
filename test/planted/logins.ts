// Owns the planted faults of logins, secrets, limits and retries.

import { edit, type PlantedFault, scenario } from './fault.ts'

const CLIENT = 'src/http/client.ts'
const CONNECTION = 'src/engine/runs/connection.ts'
const GIVEN_MEANWHILE = { tests: ['test/promises/a-login-given-meanwhile.test.ts'] }

export const LOGINS: readonly PlantedFault[] = [
  {
    id: 'one-handshake',
    mode: 'FM-66',
    what: 'a box that opens its own session while ours is opened pauses the connection until a person acts',
    edits: [edit('src/connectors/stalker/session.ts', 'const HANDSHAKES_MAX = 5', 'const HANDSHAKES_MAX = 1')],
    caughtBy: { tests: ['test/connectors/stalker-session.test.ts'], only: 'while ours is opened' },
  },
  {
    id: 'limits-named-by-secrets',
    mode: 'FM-67',
    what: 'a limit whose key has a secret in it is stored and shown as it is',
    edits: [edit('src/http/declared-limits.ts', 'finder.replace(limit.key, fingerprint)', 'limit.key')],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'], only: 'when a limit is named by it' },
  },
  {
    id: 'notes-of-walks-as-they-are',
    mode: 'FM-67',
    what: 'the note of a walk is stored with the secret that a key repeats',
    edits: [edit('src/engine/passes/stream-run.ts', 'shown(walk.note, scrub, MESSAGE_MAX)', 'walk.note')],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'], only: 'of a walk that broke off' },
  },
  {
    id: 'old-limits-keep-their-names',
    mode: 'FM-67',
    what: 'a limit that an earlier release stored under a key with a secret keeps that key',
    edits: [
      edit(
        'src/engine/runs/secret-texts.ts',
        'if (named !== limit.key) await store.limits.rename(named, limit.key)',
        '',
      ),
    ],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'], only: 'when a limit is named by it' },
  },
  {
    id: 'positions-in-clear-text',
    mode: 'FM-67',
    what: 'a page token is stored with the secret that it repeats',
    edits: [edit('src/engine/passes/stream-run.ts', 'placeholders.conceal(walk.position)', 'walk.position')],
    caughtBy: { tests: ['test/promises/no-secret-in-positions.test.ts'], only: 'SQLite' },
  },
  {
    id: 'positions-without-their-secrets',
    mode: 'FM-67',
    what: 'a run goes on at a page token from which the secret was taken',
    edits: [edit('src/engine/passes/stream-run.ts', 'revealed(init.state, placeholders)', 'init.state')],
    caughtBy: { tests: ['test/promises/no-secret-in-positions.test.ts'], only: 'SQLite' },
  },
  {
    id: 'account-as-it-came',
    mode: 'FM-67',
    what: 'what a connector calls an account is shown with the secret that it repeats',
    edits: [edit('src/engine/runs/check.ts', 'shown(account, scrub, ACCOUNT_CHARS_MAX)', 'account')],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'], only: 'when a limit is named by it' },
  },
  {
    id: 'renewal-stored-unseen',
    mode: 'FM-67',
    what: 'what a renewal gave is stored before anybody looks whether the connection opens with it',
    edits: [
      edit(
        'src/connector/returned-shape.ts',
        'if (strange !== undefined) {',
        'if (names.length === 0 && strange !== undefined) {',
      ),
      edit(
        'src/engine/runs/connection.ts',
        '  settle(connector, row, { ...before, ...(renewal.secrets as Secrets) })\n',
        '',
      ),
    ],
    caughtBy: { tests: ['test/promises/connector-slips.test.ts'], only: 'an option that there is not' },
  },
  {
    id: 'unused-key-is-missed',
    mode: 'FM-67',
    what: 'a data key that no secret needs locks out whoever lacks its key',
    edits: [edit('src/secrets/vault.ts', 'if (needed.includes(one.id)) throw error', 'if (needed) throw error')],
    caughtBy: { tests: ['test/secrets/vault.test.ts'], only: 'that are lost lock nobody out' },
  },
  {
    id: 'retry-after-ignored',
    mode: 'FM-61',
    what: 'Retry-After is not read',
    edits: [
      edit('src/http/rate-headers.ts', "largest(valuesOf(headers['retry-after'] ?? ", 'largest(valuesOf(undefined ?? '),
    ],
    caughtBy: scenario('running', 'a rate limit that is waited for'),
  },
  {
    id: 'limit-costs-a-try',
    mode: 'FM-62',
    what: 'waiting for a rate limit uses up the tries of the request',
    edits: [
      edit(
        CLIENT,
        '        await this.#wait(failure, prepared, waited)',
        '        if (++attempt > this.#limits.attempts) throw this.#failed(tried, attempt, 0)\n        await this.#wait(failure, prepared, waited)',
      ),
    ],
    caughtBy: { tests: ['test/http/client-waits.test.ts'] },
  },
  {
    id: 'once-is-retried',
    mode: 'FM-63',
    what: 'a request that must be made once is made again',
    edits: [edit(CLIENT, ' && mayRepeat(asked, failed)) {', ') {')],
    caughtBy: { tests: ['test/http/client-waits.test.ts'] },
  },
  {
    id: 'retries-without-end',
    mode: 'FM-62',
    what: 'a request is tried ten times as often',
    edits: [edit('src/http/request-limits.ts', '  attempts: 5,', '  attempts: 50,')],
    caughtBy: { tests: ['test/http/client-waits.test.ts'] },
  },
  {
    id: 'token-renewed-twice',
    mode: 'FM-66',
    what: 'credentials that somebody else has renewed meanwhile are renewed again',
    edits: [
      edit(
        CONNECTION,
        '    if (await adoptNewer(ports, opened)) return opened.settings\n    const { secrets',
        '    const { secrets',
      ),
    ],
    caughtBy: { tests: ['test/promises/credentials-once.test.ts'] },
  },
  {
    id: 'version-begins-again',
    mode: 'FM-66',
    what: 'the versions of secrets begin again after a disconnect, so that a renewal takes another login for its own',
    edits: [edit('src/operations/connect.ts', '(existing?.loginVersion ?? 0) + 1', '1')],
    caughtBy: GIVEN_MEANWHILE,
  },
  {
    id: 'newer-login-not-looked-for',
    mode: 'FM-66',
    what: 'a run whose login is refused does not look whether another was given since',
    edits: [edit(CLIENT, "failure.verdict === 'pause' && !renewed &&", "failure.verdict === 'pause' && renewed &&")],
    caughtBy: GIVEN_MEANWHILE,
  },
  {
    id: 'new-login-paused',
    mode: 'FM-66',
    what: 'a run whose login was refused pauses the connection, whatever login it has by then',
    edits: [edit('src/store/system/runs.ts', 'pausing.reason, true, pausing.loginVersion', 'pausing.reason, true')],
    caughtBy: GIVEN_MEANWHILE,
  },
  {
    id: 'renewed-lost-to-an-option',
    mode: 'FM-67',
    what: 'a renewed token is dropped because another option was given at the same moment',
    edits: [
      edit(
        CONNECTION,
        'if (await store.secrets.save(row.no, sealed, expect)) return',
        'if (await store.secrets.save(row.no, sealed, expect) || sealed) return',
      ),
    ],
    caughtBy: GIVEN_MEANWHILE,
  },
  {
    id: 'token-used-before-durable',
    mode: 'FM-67',
    what: 'a rotated token is used first and stored at the end of the run',
    edits: [
      edit(
        CONNECTION,
        '    await keepRenewed(ports, opened, secrets as Secrets, expiresAt)\n    await adoptNewer(ports, opened)',
        '    void ports.clock.sleep(500).then(() => keepRenewed(ports, opened, secrets as Secrets, expiresAt)).catch(() => {})\n    const before = await secretsOf(ports.vault, row, await ports.store.secrets.list(row.no))\n    Object.assign(opened, settle(connector, row, { ...before, ...(secrets as Secrets) }))',
      ),
    ],
    caughtBy: scenario('running', 'a token that ends in the middle, at a source that forgets the old one'),
  },
  {
    id: 'secret-in-log',
    mode: 'I13',
    what: 'what the source says of a request is logged with the secrets in it',
    edits: [
      edit('src/http/statuses.ts', 'shown(said, scrub, 8', 'shown(said, (text) => text, 8'),
      edit(CLIENT, 'message: told(message, MESSAGE_MAX) }', 'message }'),
      edit('src/engine/runs/run.ts', 'scrubbedEvent(values, scrub)', '(scrubbedEvent, values)'),
    ],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'] },
  },
  {
    id: 'secret-to-strangers',
    mode: 'I13',
    what: 'credentials go along when an answer points to another origin',
    edits: [edit(CLIENT, '    if (!hop.trusted) {', '    if (hop.trusted && !hop.trusted) {')],
    caughtBy: { tests: ['test/http/client-redirects.test.ts'] },
  },
  {
    id: 'body-to-strangers',
    mode: 'I13',
    what: 'the form of a token request goes along when an answer points to another origin',
    edits: [edit('src/http/redirects.ts', 'same && hop.body !== undefined', 'same && hop.body === null')],
    caughtBy: { tests: ['test/http/client-redirects.test.ts'] },
  },
  {
    id: 'budget-of-anything',
    mode: 'FM-63',
    what: 'a budget takes what is a number only after it was converted',
    edits: [
      edit(
        'src/operations/budgets.ts',
        'max: z.int(whole).positive(whole)',
        'max: z.coerce.number(whole).int(whole).positive(whole)',
      ),
    ],
    caughtBy: { tests: ['test/library/arguments.test.ts'] },
  },
  {
    id: 'every-request-renews',
    mode: 'FM-66',
    what: 'requests that run at the same time renew the credentials once each',
    edits: [edit(CLIENT, 'this.#renewing ??= this.#renewNow()', 'this.#renewing = this.#renewNow()')],
    caughtBy: { tests: ['test/http/client-credentials.test.ts'] },
  },
  {
    id: 'limit-is-a-prohibition',
    mode: 'FM-68',
    what: 'a 403 that says that the limit is spent is taken for a lack of rights',
    edits: [
      edit(
        'src/http/statuses.ts',
        '(rate.remaining !== undefined && rate.remaining < 1) ||',
        '(rate.remaining !== undefined && rate.remaining < 0) ||',
      ),
    ],
    caughtBy: { tests: ['test/http/client-waits.test.ts'] },
  },
  {
    id: 'limit-of-one-process',
    mode: 'FM-61',
    what: 'other processes are not told that a limit is spent',
    edits: [
      edit(
        'src/http/limiter.ts',
        '      await store.limits.block({ key, until: Math.ceil(now + ms), now })\n',
        '      void [store, now]\n',
      ),
    ],
    caughtBy: { tests: ['test/http/limiter.test.ts'] },
  },
  {
    id: 'any-address',
    mode: 'FM-75',
    what: 'addresses of private networks are open to everybody',
    edits: [
      edit(
        'src/http/addresses.ts',
        "kind === 'private' && !allowPrivateNetwork ? word",
        "kind === 'private' && !allowPrivateNetwork && word === '' ? word",
      ),
    ],
    caughtBy: { tests: ['test/http/addresses.test.ts'] },
  },
  {
    id: 'every-token-error-is-a-refusal',
    mode: 'FM-68',
    what: 'an OAuth error that refuses no login pauses the connection',
    edits: [
      edit(
        'src/connector/token-errors.ts',
        'if (REFUSALS.includes(error)) return',
        "if (typeof error === 'string') return",
      ),
    ],
    caughtBy: { tests: ['test/connectors/reddit-login.test.ts'], only: 'does not refuse' },
  },
  {
    id: 'unknown-token-answer-is-a-refusal',
    mode: 'FM-68',
    what: 'whatever the token host refuses, for no known reason, pauses the connection',
    edits: [
      edit(
        'src/connectors/tiktok-shop.ts',
        "error instanceof TidemarkError && error.verdict === 'pause'",
        "error instanceof TidemarkError && (error.verdict === 'pause' || error.code === 'request_refused')",
      ),
    ],
    caughtBy: { tests: ['test/connectors/tiktok-shop-login.test.ts'], only: 'refuses no login' },
  },
]
