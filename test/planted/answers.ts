// Owns the planted faults of answers: which of them are a page, how much their failures concern, and how long is waited.

import { edit, type PlantedFault } from './fault.ts'

const STATUSES = 'src/http/statuses.ts'
const ONE_KEY = { tests: ['test/promises/one-key-is-not-the-login.test.ts'] }
const HALF = { tests: ['test/http/half-a-secret.test.ts'] }
const PAID = { tests: ['test/promises/paid-pages-once.test.ts'] }
const WAITING = { tests: ['test/http/client-waits.test.ts'], only: 'waiting' }

export const ANSWERS: readonly PlantedFault[] = [
  {
    id: 'code-outranks-the-site',
    mode: 'FM-68',
    what: 'the hint of the code is shown where the place that throws has a better one',
    edits: [
      edit(
        'src/model/errors.ts',
        'details.hint ?? meaningOfCode(code).hint',
        'meaningOfCode(code).hint ?? details.hint',
      ),
    ],
    caughtBy: { tests: ['test/model/errors.test.ts'] },
  },
  {
    id: 'login-is-a-failure',
    mode: 'FM-68',
    what: 'a login that must be renewed exits as any other failure',
    edits: [
      edit('src/cli/exit-codes.ts', "verdict === 'pause' ? 4 : meaningOfCode(code).exit", 'meaningOfCode(code).exit'),
    ],
    caughtBy: { tests: ['test/cli/exit-codes.test.ts'] },
  },
  {
    id: 'part-is-a-page',
    mode: 'FM-69',
    what: 'a 206 that nobody asked for is a complete page',
    edits: [edit(STATUSES, 'new Set([200, 203])', 'new Set([200, 203, 206])')],
    caughtBy: { tests: ['test/promises/only-what-was-asked.test.ts'] },
  },
  {
    id: 'promise-is-a-page',
    mode: 'FM-69',
    what: 'a 202, whose answer is still being made, is a page',
    edits: [edit(STATUSES, 'new Set([200, 203])', 'new Set([200, 202, 203])')],
    caughtBy: { tests: ['test/promises/only-what-was-asked.test.ts'] },
  },
  {
    id: 'key-is-the-stream',
    mode: 'FM-68',
    what: 'what the source says of one key ends the asking for all of them',
    edits: [edit('src/engine/passes/ask-by-key.ts', 'if (!isLogin && !isPageFault(error)) throw error', 'throw error')],
    caughtBy: ONE_KEY,
  },
  {
    id: 'refused-key-is-a-lost-login',
    mode: 'FM-68',
    what: 'a login that is refused for one key counts as lost',
    edits: [
      edit(
        'src/engine/passes/ask-by-key.ts',
        'if (refusedLogin === undefined || loginHolds || answers.length > 0) return',
        'if (refusedLogin !== undefined) throw refusedLogin',
      ),
    ],
    caughtBy: ONE_KEY,
  },
  {
    id: 'forbidden-pauses',
    mode: 'FM-68',
    what: 'a lack of rights, or a firewall, pauses the connection',
    edits: [
      edit(
        STATUSES,
        'if (status === 401 || (status === 403 && refusesCredentials(headers, said)))',
        'if (status === 401 || status === 403)',
      ),
    ],
    caughtBy: ONE_KEY,
  },
  {
    id: 'name-is-the-record',
    mode: 'FM-16',
    what: 'a repository that has taken the name of another one testifies for it',
    edits: [
      edit(
        'src/connectors/github.ts',
        "isObject(body) && String(body['id']) === key ? 'present' : 'unknown'",
        "isObject(body) ? 'present' : 'unknown'",
      ),
    ],
    caughtBy: ONE_KEY,
  },
  {
    id: 'wait-of-zero',
    mode: 'FM-61',
    what: 'a source that says "wait 0 seconds" is asked again at once',
    edits: [edit('src/http/backoff.ts', 'return Math.max(askedMs ?? 0, floor)', 'return askedMs ?? floor')],
    // Where the clock of a test jumps, it would be asked again for ever.
    caughtBy: { tests: ['test/http/backoff.test.ts'] },
  },
  {
    id: 'waits-without-end',
    mode: 'FM-62',
    what: 'the waits of one request are not added up',
    edits: [edit('src/http/client.ts', 'if (waited.asked) waited.ms += ms', 'if (waited.asked) waited.ms = 0')],
    caughtBy: WAITING,
  },
  {
    id: 'lists-unread',
    mode: 'FM-61',
    what: 'of a header that came twice nothing is read',
    edits: [
      edit('src/http/rate-headers.ts', "for (const part of header.split(',')) {", 'for (const part of [header]) {'),
    ],
    caughtBy: { tests: ['test/http/rate-headers.test.ts'] },
  },
  {
    id: 'tries-at-once',
    mode: 'FM-62',
    what: 'the first pauses between tries may be nothing',
    edits: [
      edit(
        'src/http/backoff.ts',
        'return Math.floor(ceiling / 2 + (chance.next() * ceiling) / 2)',
        'return Math.floor(chance.next() * ceiling)',
      ),
    ],
    caughtBy: { tests: ['test/http/backoff.test.ts'] },
  },
  {
    id: 'one-round-of-escapes',
    mode: 'I13',
    what: 'a secret that was escaped twice is left in messages',
    edits: [edit('src/http/secret-finder.ts', 'const ESCAPES_MAX = 3', 'const ESCAPES_MAX = 1')],
    caughtBy: { tests: ['test/promises/secrets-unseen.test.ts'] },
  },
  {
    id: 'password-in-an-address',
    mode: 'I13',
    what: 'an address with a login in it is an option like any other, stored and shown as it is',
    edits: [
      edit(
        'src/model/bare-address.ts',
        "return username !== '' || password !== ''",
        "return username === '?' && password === '?'",
      ),
    ],
    caughtBy: { tests: ['test/promises/no-secret-in-addresses.test.ts'] },
  },
  {
    id: 'cut-before-scrubbed',
    mode: 'I13',
    what: 'a text is shortened first, and half a secret is no secret any more',
    edits: [
      edit(
        'src/model/shown.ts',
        'return shortened(scrub(text.slice(0, LOOKED_AT_MAX + max)), max)',
        'return scrub(shortened(text, max))',
      ),
    ],
    caughtBy: HALF,
  },
  {
    id: 'beginning-of-a-secret-left',
    mode: 'I13',
    what: 'the beginning of a secret stays where somebody else has cut the text',
    edits: [
      edit(
        'src/http/scrub.ts',
        "return finder.replace(text, () => '…', true)",
        "return finder.replace(text, () => '…')",
      ),
    ],
    caughtBy: HALF,
  },
  {
    id: 'part-of-a-token-left',
    mode: 'I13',
    what: 'a part of a token, cut out of its middle, stays',
    edits: [edit('src/http/scrub.ts', 'finder.add(secret, true)', 'finder.add(secret)')],
    caughtBy: HALF,
  },
  {
    id: 'classifier-cuts-a-secret',
    mode: 'I13',
    what: 'a classifier makes its message of an answer with secrets in it',
    edits: [edit('src/http/judge.ts', 'clean(body), setup)', 'body, setup)')],
    caughtBy: { tests: ['test/promises/half-a-secret.test.ts'], only: 'a classifier cuts' },
  },
  {
    id: 'retry-repeats-secrets',
    mode: 'I13',
    what: 'what is in quarantine is read again, and the reasons are told as they come',
    edits: [
      edit(
        'src/engine/review/retry-quarantine.ts',
        'message: (await scrub())(wrong.message)',
        'message: wrong.message',
      ),
    ],
    caughtBy: { tests: ['test/promises/half-a-secret.test.ts'], only: 'in quarantine is read again' },
  },
  {
    id: 'errors-without-end',
    mode: 'I13',
    what: 'an error is stored and shown at any length',
    edits: [edit('src/model/shown.ts', 'MESSAGE_MAX = 2_000', 'MESSAGE_MAX = 2_000_000')],
    caughtBy: { tests: ['test/promises/half-a-secret.test.ts'], only: 'of a megabyte' },
  },
  {
    id: 'paid-get-is-repeated',
    mode: 'FM-63',
    what: 'a request of a paid page is sent again when its outcome is unknown',
    edits: [edit('src/engine/passes/paid-http.ts', 'init?.once ?? true', 'init?.once ?? false')],
    caughtBy: PAID,
  },
  {
    id: 'paid-page-waits-for-a-503',
    mode: 'FM-63',
    what: 'a paid request is sent again after a 5xx that asks to wait',
    edits: [edit(STATUSES, ' && !(setup.once && status >= 500)', '')],
    caughtBy: PAID,
  },
  {
    id: 'resumed-full-pass-pays-twice',
    mode: 'FM-63',
    what: 'a paid full pass that is resumed lists everything again in the same run',
    edits: [edit('src/engine/passes/kinds/full-pass.ts', '!isWhole && !paid && run.scope', '!isWhole && run.scope')],
    caughtBy: PAID,
  },
  {
    id: 'unknown-cost-unsaid',
    mode: 'I9',
    what: 'a page that was lost before any price is known passes for one that cost nothing',
    edits: [edit('src/engine/passes/ask-page.ts', 'if (aside.counted === 0)', 'if (aside.counted < 0)')],
    caughtBy: { ...PAID, only: 'before any price is known' },
  },
  {
    id: 'runs-outlive-the-mirror',
    mode: 'I9',
    what: 'a mirror is closed over a page that is being paid for, which is lost',
    edits: [edit('src/tidemark.ts', '    await Promise.allSettled(this.#life.underWay)\n', '')],
    caughtBy: { ...PAID, only: 'mirror is closed' },
  },
  {
    id: 'paid-page-is-cut-off',
    mode: 'FM-63',
    what: 'a sync that is stopped drops the page that is being paid for',
    edits: [
      edit('src/engine/passes/ask-page.ts', 'finishing(() => http.mayHaveCharged, ask)', 'finishing(() => false, ask)'),
    ],
    caughtBy: PAID,
  },
  {
    id: 'refused-page-keeps-a-stopped-run',
    mode: 'FM-63',
    what: 'a refused request counts as one that may have been charged until its call ends',
    edits: [edit('src/http/client.ts', 'if (isRefusal(failed)) asked.onRefused?.()', '')],
    caughtBy: PAID,
  },
  {
    id: 'unbilled-page-is-free',
    mode: 'FM-63',
    what: 'a paid page that does not say what was billed counts as free',
    edits: [
      edit('src/engine/passes/ask-page.ts', 'http.mayHaveCharged ? checkBilled(page) : page.billed', 'page.billed'),
    ],
    caughtBy: PAID,
  },
  {
    id: 'any-bill-is-believed',
    mode: 'FM-63',
    what: 'what a page says was billed is not looked at',
    edits: [
      edit('src/connector/page-shape.ts', 'if (billed !== undefined && billed !== null) checkAmounts(billed)', ''),
    ],
    caughtBy: PAID,
  },
  {
    id: 'renewal-is-cut-off',
    mode: 'FM-66',
    what: 'a sync that is stopped drops a renewal that is under way',
    edits: [edit('src/engine/runs/connection.ts', 'finishing(mustEnd, ask)', 'finishing(() => false, ask)')],
    caughtBy: { tests: ['test/promises/renewals-once.test.ts'] },
  },
  {
    id: 'renewal-is-posted-again',
    mode: 'FM-66',
    what: 'the POST of a renewal is sent again when its answer was lost',
    edits: [edit('src/engine/runs/connection.ts', '{ once: true, ...init }', 'init')],
    caughtBy: { tests: ['test/promises/renewals-once.test.ts'] },
  },
  {
    id: 'killed-page-is-free',
    mode: 'FM-63',
    what: 'what a page may cost is not written before it is asked for',
    edits: [edit('src/engine/passes/ask-page.ts', 'if (entry && aside.counted > 0) await write(run, entry, {})', '')],
    caughtBy: PAID,
  },
  {
    id: 'lost-page-is-free',
    mode: 'FM-63',
    what: 'a paid page whose outcome is unknown is missing in the cost of its run',
    edits: [edit('src/engine/passes/budget.ts', 'this.#count(counted)', 'this.#count(0 * counted)')],
    caughtBy: PAID,
  },
  {
    id: 'blocked-for-a-week-by-success',
    mode: 'FM-61',
    what: 'a damaged header of an answer that refuses nothing is believed as if it refused',
    edits: [edit('src/http/limiter.ts', 'believed(rate.resetMs ?? 0, status)', 'believed(rate.resetMs ?? 0, 400)')],
    caughtBy: { tests: ['test/http/limiter.test.ts'] },
  },
]
