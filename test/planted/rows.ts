// Owns the planted faults of single rows: their keys, what they are set aside for, and the same key more than once.

import { edit, type PlantedFault } from './fault.ts'

const KEY = 'src/engine/passes/rows/row-key.ts'
const SHAPE = 'src/engine/passes/rows/shape.ts'
const PAGE = 'src/engine/passes/rows/page.ts'
const PARTS = 'src/engine/passes/rows/page-parts.ts'
const UPSERT = 'src/engine/passes/rows/upsert.ts'
const KEPT = { tests: ['test/promises/quarantine-keeps-what-was-shown.test.ts'], only: '^a content that could not' }
const KEYLESS = { tests: ['test/promises/quarantine-without-a-key.test.ts'] }
const ALONE = { tests: ['test/promises/each-row-stands-alone.test.ts'], only: 'SQLite' }

const FILL = 'src/engine/passes/fill-columns.ts'
const ordered = (only: string) => ({ tests: ['test/promises/ordered-anew.test.ts'], only: `^${only}` })

export const ROWS: readonly PlantedFault[] = [
  {
    id: 'null-row-stays',
    mode: 'FM-33',
    what: 'a row that was null keeps its stream incomplete for ever, though its source shows none any more',
    edits: [edit('src/engine/passes/removals/reconcile.ts', '    forgetEmpty: walk.openedAt,\n', '')],
    caughtBy: { tests: ['test/promises/empty-rows-leave.test.ts'], only: 'until one has met none' },
  },
  {
    id: 'null-row-is-forgotten-at-once',
    mode: 'FM-33',
    what: 'a row that is null is forgotten by the very listing that shows it, which proves that others are gone',
    edits: [
      edit(
        'src/store/system/set-aside.ts',
        'AND identity = ANY($2::text[]) AND at < $3',
        'AND identity = ANY($2::text[]) AND $3::bigint > 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/empty-rows-leave.test.ts'], only: 'until one has met none' },
  },
  {
    id: 'rows-without-a-turn',
    mode: 'FM-45',
    what: 'a page of many rows is parsed in one go, and no heartbeat prolongs the lease meanwhile',
    edits: [edit('src/engine/passes/rows/parse.ts', '        await clock.sleep(0)\n', '')],
    caughtBy: { tests: ['test/promises/large-pages-let-others-run.test.ts'], only: 'unreadable rows' },
  },
  {
    id: 'quarantine-in-one-go',
    mode: 'FM-45',
    what: 'all rows of a page that can not be read are written in one transaction',
    edits: [
      edit(
        'src/engine/passes/rows/page.ts',
        'chunks(quarantine, RECORDS_PER_CHECKPOINT_MAX).slice(0, -1)',
        'chunks(quarantine, RECORDS_PER_CHECKPOINT_MAX).slice(0, 0)',
      ),
    ],
    caughtBy: { tests: ['test/promises/large-pages-let-others-run.test.ts'], only: 'nameless rows' },
  },
  {
    id: 'any-order-is-a-place',
    mode: 'FM-08',
    what: 'a record whose order is no number moves the cursor of a window',
    edits: [
      edit('src/engine/passes/rows/place.ts', 'if (Number.isFinite(place)) return\n', 'if (place !== 1n) return\n'),
    ],
    caughtBy: { tests: ['test/promises/what-is-declared-is-honoured.test.ts'], only: 'a window whose order is always' },
  },
  {
    id: 'promises-reject-unheard',
    mode: 'FM-08',
    what: 'a promise that a function of the connector returns by mistake rejects later, and ends the process',
    edits: [edit('src/connector/check-connector.ts', '  void heard(Promise.resolve(found))\n', '')],
    caughtBy: { tests: ['test/promises/connector-slips.test.ts'], only: 'a promise that rejects' },
  },
  {
    id: 'key-of-anything',
    mode: 'FM-57',
    what: 'whatever a key function returns becomes text, so that all objects are one record',
    edits: [
      edit(
        KEY,
        "return typeof given === 'bigint' || Number.isSafeInteger(given) ? String(given) : undefined",
        'return given == null ? undefined : String(given)',
      ),
    ],
    caughtBy: ALONE,
  },
  {
    id: 'key-of-nothing',
    mode: 'FM-57',
    what: 'a template makes a key of a field that is not there',
    edits: [edit(KEY, '  if (spellsNothing(text, key, record)) return NO_KEY\n', '')],
    caughtBy: { tests: ['test/engine/row-key.test.ts'] },
  },
  {
    id: 'key-without-end',
    mode: 'FM-48',
    what: 'a key may have any length, also one that an index of PostgreSQL refuses',
    edits: [edit(KEY, 'if (bytes > KEY_BYTES_MAX)', 'if (bytes > KEY_BYTES_MAX * 1e9)')],
    caughtBy: ALONE,
  },
  {
    id: 'key-before-the-schema',
    mode: 'FM-57',
    what: 'the key of a row that the schema refuses is made of the row as it came',
    edits: [edit(KEY, 'certainly(schema, (record) => keyOf(key, record), given, exact)', 'keyOf(key, given)')],
    caughtBy: { tests: ['test/promises/unread-rows-prove-nothing.test.ts'] },
  },
  {
    id: 'unread-rows-prove',
    mode: 'FM-33',
    what: 'rows without a key do not keep a listing from proving that records are absent',
    edits: [edit('src/engine/passes/listing/proof.ts', '  if (unreadable > 0) return undefined\n', '')],
    caughtBy: { style: 'unread-keyset', seeds: 100 },
  },
  {
    id: 'unread-rows-forgotten',
    mode: 'FM-33',
    what: 'a walk that goes on in another run forgets the rows without a key that it has read',
    edits: [
      edit(
        'src/engine/passes/listing/position.ts',
        'return { ...TOP, ...stored, totals',
        'return { ...TOP, ...stored, unreadable: 0, totals',
      ),
    ],
    caughtBy: { tests: ['test/promises/unread-rows-prove-nothing.test.ts'] },
  },
  {
    id: 'unread-rows-counted-twice',
    mode: 'FM-01',
    what: 'a row without a key that pages show twice makes up for one that was never shown',
    edits: [
      edit(
        'src/engine/passes/listing/unread-rows.ts',
        'filter((name) => !known.has(name))',
        "filter((name) => name !== '')",
      ),
    ],
    caughtBy: { tests: ['test/promises/unread-rows-prove-nothing.test.ts'] },
  },
  {
    id: 'witness-unguarded',
    mode: 'FM-35',
    what: 'any number of removals is believed of a witness where the listing proves nothing',
    edits: [
      edit(
        'src/engine/passes/removals/reconcile.ts',
        'if ((proof !== undefined && !isBeyond) || gone.length === 0) return undefined',
        'if (gone.length >= 0) return undefined',
      ),
    ],
    caughtBy: { tests: ['test/promises/unread-rows-prove-nothing.test.ts'] },
  },
  {
    id: 'inherited-fields',
    mode: 'FM-48',
    what: 'a field that a row lacks is read from the prototype',
    edits: [edit(SHAPE, 'return inherits ? ownFields(given) : given', 'return given')],
    caughtBy: ALONE,
  },
  {
    id: 'order-ends-the-page',
    mode: 'FM-48',
    what: 'a record whose place cannot be told ends its page',
    edits: [edit(PAGE, '      examine?.(result.record)\n', '')],
    caughtBy: ALONE,
  },
  {
    id: 'refused-value-ends-the-page',
    mode: 'FM-48',
    what: 'a record that the store refuses ends its page',
    edits: [edit(PARTS, '!isRefusedValue(error) || part.length === 0', 'isRefusedValue(error) || part.length === 0')],
    caughtBy: ALONE,
  },
  {
    id: 'quarantine-cut',
    mode: 'FM-49',
    what: 'only the beginning of a long row is kept in quarantine',
    edits: [
      edit(
        SHAPE,
        'return { quarantined: { key, index, raw, code, message } }',
        'return { quarantined: { key, index, raw: raw.slice(0, 1_000_000), code, message } }',
      ),
    ],
    caughtBy: ALONE,
  },
  {
    id: 'duplicates-take-turns',
    mode: 'FM-59',
    what: 'a key that a listing shows twice gets two new versions in every run',
    edits: [edit(UPSERT, '!stays && context.past?.get(key)?.has(incoming.hash)', '!stays && context.past === null')],
    caughtBy: ALONE,
  },
  {
    id: 'older-content-releases',
    mode: 'FM-57',
    what: 'any content that can be read supersedes the texts of its record in quarantine, also an older one',
    edits: [
      edit(
        'src/store/unread.ts',
        '  if (version === null) return isLater && read.settles\n',
        '  if (isLater) return true\n',
      ),
    ],
    caughtBy: KEPT,
  },
  {
    id: 'unread-version-is-lost',
    mode: 'FM-57',
    what: 'a text in quarantine goes when a newer content of its record came',
    edits: [
      edit(
        'src/store/system/set-aside.ts',
        'UPDATE tm_quarantine SET superseded_at = $3 WHERE',
        'DELETE FROM tm_quarantine WHERE $3 IS NOT NULL AND',
      ),
    ],
    caughtBy: KEPT,
  },
  {
    id: 'texts-share-a-row',
    mode: 'FM-57',
    what: 'a record has one row in quarantine, which its next text overwrites',
    edits: [
      edit(
        'src/store/unread.ts',
        "`key:${key}#${hash('sha256', content, 'hex').slice(0, 24)}`",
        '`key:${key}${content.slice(0, 0)}`',
      ),
    ],
    caughtBy: KEPT,
  },
  {
    id: 'keyless-text-never-leaves',
    mode: 'FM-57',
    what: 'a text that came without a key stays in quarantine when it is read itself',
    edits: [edit('src/store/system/set-aside.ts', 'let freed = yield* forgetKeyless(streamNo, read)', 'let freed = 0')],
    caughtBy: KEYLESS,
  },
  {
    id: 'keyless-text-is-newer',
    mode: 'FM-57',
    what: 'a text that came without a key is written over a record that may be newer',
    edits: [
      edit(
        'src/engine/review/retry-quarantine.ts',
        'if (!version && isUnordered(row, one, known, volatile)) {',
        "if (row.key === 'not a key' && isUnordered(row, one, known, volatile)) {",
      ),
    ],
    caughtBy: KEYLESS,
  },
  {
    id: 'unreadable-keeps-its-order',
    mode: 'FM-57',
    what: 'a stored content whose version can not be read is newer than all that have one',
    edits: [edit(FILL, '(waits ? null : BELOW_VERSIONS)', '(waits ? null : Number.MAX_VALUE)')],
    caughtBy: ordered('what (has no|gives no usable) version is older'),
  },
  {
    id: 'certain-version-is-not-taken',
    mode: 'FM-57',
    what: 'a stored content that the schema refuses is older than all that have a version',
    edits: [edit(FILL, "(read && 'quarantined' in read ? read.quarantined.version : undefined)", 'undefined')],
    caughtBy: ordered('what the schema refuses keeps the version'),
  },
  {
    id: 'unreadable-keeps-its-version',
    mode: 'FM-57',
    what: 'a stored content that can not be read keeps the version that its stream has no longer',
    edits: [edit(FILL, 'order: waits ? null : BEFORE_NOW }', '}')],
    caughtBy: ordered('what the schema refuses is older than what is read'),
  },
  {
    id: 'retry-compares-other-orders',
    mode: 'FM-57',
    what: 'a retry compares versions with times',
    edits: [
      edit(
        'src/engine/review/retry-quarantine.ts',
        'fillColumns(store, null, await store.streams.define(connection.no, parser.shape), parser)',
        'store.streams.define(connection.no, parser.shape)',
      ),
    ],
    caughtBy: ordered('what waited for a mended schema'),
  },
  {
    id: 'waiting-text-keeps-its-version',
    mode: 'FM-57',
    what: 'a text in quarantine keeps the version that it had in another unit',
    edits: [edit('src/store/system/fills.ts', 'unfilled.includes(ORDER.name) ? most : 0', '0')],
    caughtBy: ordered('what waits gets the version'),
  },
  {
    id: 'older-text-spoils-the-run',
    mode: 'FM-57',
    what: 'a text that is older than the mirror keeps a run from being complete, and nothing says why',
    edits: [edit('src/engine/runs/outcome.ts', ' && counted(row.no)[fact] > 0', '')],
    caughtBy: ordered('an older text that can’t be read'),
  },
  {
    id: 'cancelled-run-ends-its-page',
    mode: 'FM-39',
    what: 'a run that is cancelled comes to the end of a large page first',
    edits: [
      edit('src/engine/passes/rows/parse.ts', 'RECORDS_PER_CHECKPOINT_MAX) lookForEnd()', 'rows.length) lookForEnd()'),
    ],
    caughtBy: { tests: ['test/promises/large-pages-let-others-run.test.ts'], only: 'cancelled while it is parsed' },
  },
  {
    id: 'cancelled-run-drops-a-paid-page',
    mode: 'FM-64',
    what: 'a run that is cancelled throws away what it has paid for',
    edits: [
      edit(
        'src/engine/passes/rows/page-parts.ts',
        '|| stream.passes.some((pass) => pass.kind === kind && pass.paid)) return',
        '|| (stream.passes.length === 0 && kind)) return',
      ),
    ],
    caughtBy: { tests: ['test/promises/large-pages-let-others-run.test.ts'], only: 'cancelled' },
  },
  {
    id: 'older-release-leaves-no-shape',
    mode: 'FM-60',
    what: 'what an older release writes beside a newer one keeps the cells of the text before',
    edits: [edit('src/store/system/page.ts', 'isWritten && stored !== shape', 'isWritten && stored === null')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'without the columns has written since' },
  },
  {
    id: 'newer-release-hides-older-writing',
    mode: 'FM-60',
    what: 'what a newer release writes hides that an older one has written without its columns',
    edits: [
      edit(
        'src/store/system/page.ts',
        'yield* reshape(streamNo, JSON.parse(shape))',
        "yield* run('UPDATE tm_streams SET shape = $1 WHERE no = $2', [shape, streamNo])",
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'when the newer one has written since' },
  },
  {
    id: 'older-release-moves-in-silence',
    mode: 'FM-60',
    what: 'what an older release removes or restores beside a newer one loses the columns that it does not know',
    edits: [
      edit(
        'src/store/system/page.ts',
        '(batch.superseded?.length ?? 0) + moved > 0',
        '(batch.superseded?.length ?? 0) > 0',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'has removed or restored since' },
  },
  {
    id: 'unreadable-stays-without-columns',
    mode: 'FM-54',
    what: 'what could not be read when a column was filled never gets it',
    edits: [
      edit(
        'src/store/system/set-aside.ts',
        'if (freed + (batch.released ?? []).length > 0) yield*',
        'if (false) yield*',
      ),
    ],
    caughtBy: { tests: ['test/promises/columns-of-what-was-unreadable.test.ts'] },
  },
  {
    id: 'waits-in-vain',
    mode: 'FM-62',
    what: 'records wait for a second witness that no pass of the stream is any more',
    edits: [edit('src/engine/passes/stream-run.ts', 'waitsInVain: isGivenUp &&', 'waitsInVain: false && isGivenUp &&')],
    caughtBy: { tests: ['test/promises/what-is-read-changes.test.ts'], only: 'no second witness' },
  },
  {
    id: 'missing-section-is-empty',
    mode: 'FM-73',
    what: 'an export without the list is taken for one whose list is empty',
    edits: [
      edit(
        'src/connectors/tiktok-export/file.ts',
        '  if (!isFound) throw sectionMissing(place)',
        '  if (!isFound) return',
      ),
    ],
    caughtBy: { tests: ['test/connectors/tiktok-export-file.test.ts'] },
  },
  {
    id: 'file-takes-the-mark',
    mode: 'FM-73',
    what: 'a file that shows a video says that its source returns it by key, so that it is asked for again',
    edits: [edit('src/engine/passes/rows/page-parts.ts', "isOfFile: this.#entry.kind === 'upload'", 'isOfFile: false')],
    caughtBy: { tests: ['test/connectors/tiktok-export.test.ts'], only: 'marks a video' },
  },
  {
    id: 'lacking-is-asked-for-ever',
    mode: 'FM-73',
    what: 'what was not returned by key is asked for again by every upload',
    edits: [
      edit(
        'src/engine/passes/kinds/refresh.ts',
        "unavailableSince === null || mode === 'refresh'",
        "unavailableSince === null || mode !== 'auto'",
      ),
    ],
    caughtBy: { tests: ['test/connectors/tiktok-export.test.ts'], only: 'marks a video' },
  },
]
