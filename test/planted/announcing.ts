// Owns the planted faults of webhooks: what is let in, what is answered before it is kept, and what is believed.

import { edit, type PlantedFault } from './fault.ts'

const RECEIVE = 'src/engine/inbox/receive.ts'
const READ = 'src/engine/inbox/read-inbox.ts'
const SEND = 'src/engine/outbox/send.ts'
const SENT = 'test/promises/webhooks-sent.test.ts'
const HOOKS = 'test/server/hooks.test.ts'

const PUSHED = 'test/promises/push.test.ts'

export const ANNOUNCING: readonly PlantedFault[] = [
  {
    id: 'revoked-token-still-told',
    mode: 'FM-70',
    what: 'a browser goes on being told of everything after its token was revoked',
    edits: [edit('src/store/system/tokens.ts', "    yield* dropBrowsers('token_id = $1', [id])\n", '')],
    caughtBy: { tests: [PUSHED], only: 'ends by itself or with the token' },
  },
  {
    id: 'browser-gone-told-for-ever',
    mode: 'FM-71',
    what: 'a browser that its push service does not know any more is asked for with every run',
    edits: [
      edit(SEND, 'const GONE: readonly (number | null)[] = [404, 410]', 'const GONE: readonly (number | null)[] = []'),
    ],
    caughtBy: { tests: [PUSHED], only: 'does not know any more' },
  },
  {
    id: 'every-run-interrupts',
    mode: 'FM-71',
    what: 'a browser is told of every run, however short',
    edits: [edit('src/store/system/announce.ts', 'return isLong ? [ended] : []', 'return [ended]')],
    caughtBy: { tests: [PUSHED], only: 'told at once' },
  },
  {
    id: 'webhook-by-anybody',
    mode: 'FM-70',
    what: 'a signature that is not the one that is due is let in',
    edits: [edit(RECEIVE, "if (said('verify', isTheirs) !== true) throw refused(row.id)", "said('verify', isTheirs)")],
    caughtBy: { tests: [HOOKS], only: 'nobody comes in' },
  },
  {
    id: 'packed-without-end',
    mode: 'FM-70',
    what: 'a small webhook takes as much memory as it likes once it is unpacked',
    edits: [edit(RECEIVE, 'WEBHOOK_UNPACKED_MAX = 2 ** 20', 'WEBHOOK_UNPACKED_MAX = 2 ** 30')],
    caughtBy: { tests: [HOOKS], only: 'packed is verified' },
  },
  {
    id: 'webhook-signed-with-nothing',
    mode: 'FM-70',
    what: 'a secret that holds no key lets in whoever signs with none',
    edits: [edit('src/model/standard-webhooks.ts', "keyOf(secret).length === 0 || id === ''", "id === ''")],
    caughtBy: { tests: ['test/model/standard-webhooks.test.ts'], only: 'holds no key' },
  },
  {
    id: 'failing-service-asked-by-each-webhook',
    mode: 'FM-71',
    what: 'a service that fails is asked again for each webhook that comes',
    edits: [
      edit(
        'src/store/system/inbox.ts',
        'AND c.no NOT IN (SELECT connection_no FROM tm_inbox WHERE next_at > $1 AND tries = 1)',
        '',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'lets a connection rest' },
  },
  {
    id: 'receiver-away-asked-by-each-message',
    mode: 'FM-71',
    what: 'a receiver that is away is asked for each message that waits for it',
    edits: [
      edit(
        SEND,
        'if (outcome.nextAt !== null) await store.webhooks.defer',
        'if (outcome.nextAt === 0) await store.webhooks.defer',
      ),
    ],
    caughtBy: { tests: [SENT], only: 'asked now and then' },
  },
  {
    id: 'webhook-to-any-address',
    mode: 'FM-70',
    what: 'any secret opens the address of a connection',
    edits: [edit(RECEIVE, 'sameText(row.webhookSecret, secret))', "row.webhookSecret !== '')")],
    caughtBy: { tests: [HOOKS], only: 'nobody comes in' },
  },
  {
    id: 'webhook-acknowledged-before-it-is-kept',
    mode: 'FM-42',
    what: 'a delivery is answered before it is on the disk',
    edits: [edit(RECEIVE, '    return promise\n', '    promise.catch(() => {})\n')],
    caughtBy: { tests: [HOOKS], only: 'could not be kept' },
  },
  {
    id: 'webhook-read-twice',
    mode: 'FM-71',
    what: 'a delivery that is sent again after it was read is read again',
    edits: [edit('src/store/system/inbox.ts', 'DO NOTHING', 'DO UPDATE SET next_at = excluded.next_at')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'has each delivery once' },
  },
  {
    id: 'webhook-settled-though-it-failed',
    mode: 'FM-71',
    what: 'what could not be read is taken for read',
    edits: [edit(READ, "runs.every(({ status }) => status === 'succeeded')", 'true')],
    caughtBy: { tests: [HOOKS], only: 'asked again' },
  },
  {
    id: 'end-of-a-run-told-to-nobody',
    mode: 'FM-42',
    what: 'a run that a crash has left open is closed without a word',
    edits: [
      edit(
        'src/store/system/runs.ts',
        "    yield* announce({ runNo: count(row['no']), status: 'failed', code: RUN_INTERRUPTED.code, at })\n",
        '',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'crash has left open' },
  },
  {
    id: 'message-given-up-at-once',
    mode: 'FM-71',
    what: 'a message that is not taken is given up',
    edits: [edit(SEND, 'const pause = pauses[tries]', 'const pause = pauses[tries + 99]')],
    caughtBy: { tests: [SENT], only: 'comes again' },
  },
  {
    id: 'message-under-another-id',
    mode: 'FM-71',
    what: 'what is signed is not what is sent',
    edits: [edit(SEND, "'webhook-id': message.id,", "'webhook-id': `${message.id}x`,")],
    caughtBy: { tests: [SENT], only: 'signed' },
  },
  {
    id: 'webhook-into-the-house',
    mode: 'FM-34',
    what: 'a webhook may be sent into private networks that nobody has allowed',
    edits: [
      edit(
        'src/engine/outbox/create.ts',
        'hostRefusal(url.hostname, allowPrivateNetwork)',
        'hostRefusal(url.hostname, true)',
      ),
    ],
    caughtBy: { tests: [SENT], only: 'private networks' },
  },
  {
    id: 'old-signature-goes-on',
    mode: 'FM-70',
    what: 'a signed delivery is good for ever',
    edits: [
      edit('src/model/standard-webhooks.ts', 'Math.abs(now - timestamp * 1_000) > WEBHOOK_TOLERANCE_MS', 'false'),
    ],
    caughtBy: { tests: ['test/model/standard-webhooks.test.ts'] },
  },
]
