// Owns the planted faults of writing: records, versions, snapshots, the feed.

import { edit, type PlantedFault, scenario } from './fault.ts'

const UPSERT = 'src/engine/passes/rows/upsert.ts'
const IN_PLACE = 'src/store/sqlite/in-place.ts'
const CUT = { tests: ['test/promises/a-kill-cuts-nothing-in-two.test.ts'], only: '^what is killed >' }

export const WRITING: readonly PlantedFault[] = [
  {
    id: 'parsed-ahead-by-old-columns',
    mode: 'FM-54',
    what: 'a page that was parsed ahead is stored by the columns of before the page above it told of more',
    edits: [
      edit(
        'src/engine/passes/rows/parse.ts',
        'early?.parser === parser ? early.read : undefined',
        'parser && early?.read',
      ),
    ],
    caughtBy: { tests: ['test/promises/open-streams.test.ts'], only: 'read ahead' },
  },
  {
    id: 'thread-by-old-shape',
    mode: 'FM-54',
    what: 'the thread that writes pages goes by the shape that a stream had at its first page',
    edits: [
      edit(
        'src/store/sqlite/page-thread-main.ts',
        'known?.shapeText === shapeText && known.base === base',
        'known?.base === base',
      ),
    ],
    caughtBy: { tests: ['test/store/page-thread.test.ts'], only: 'columns' },
  },
  {
    id: 'thread-left-while-closing',
    mode: 'FM-40',
    what: 'closing a store ends the thread that writes pages before it has written them',
    edits: [
      edit('src/store/sqlite/page-thread.ts', "this.#worker.postMessage('close')", 'void this.#worker.terminate()'),
    ],
    caughtBy: { tests: ['test/store/page-thread.test.ts'], only: 'closing waits' },
  },
  {
    id: 'records-are-counted-twice',
    mode: 'FM-48',
    what: 'a record that could not be read twice in a run counts twice',
    edits: [
      edit(
        'src/engine/passes/stream-run.ts',
        'for (const record of quarantined) run.counted.quarantined.add(record)',
        '',
      ),
    ],
    caughtBy: { tests: ['test/promises/counted-once.test.ts'], only: 'in the list and by its key' },
  },
  {
    id: 'purge-leaves-no-mark',
    mode: 'FM-40',
    what: 'nothing tells a purge that broke off from a connection that is whole',
    edits: [
      edit('src/engine/health/purge.ts', 'setPaused(row.no, PURGING, true)', "setPaused(row.no, 'purged', true)"),
    ],
    caughtBy: { tests: ['test/promises/a-purge-is-finished.test.ts'], only: 'is finished by connecting again' },
  },
  {
    id: 'purge-keeps-positions',
    mode: 'FM-40',
    what: 'a purge deletes records before it forgets how far their stream was read',
    edits: [
      edit('src/store/system/purge.ts', '    ...POSITIONS.map((own) => some(...own)),\n', ''),
      edit('src/store/system/purge.ts', '...OWN.map((own)', '...[...POSITIONS, ...OWN].map((own)'),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'how far a stream was read before' },
  },
  {
    id: 'log-may-be-emptied',
    mode: 'FM-42',
    what: 'a write-ahead log that somebody else emptied is written on',
    edits: [edit(IN_PLACE, 'log?.size === 0n && !isLogWhole()', 'false')],
    caughtBy: { tests: ['test/promises/a-database-in-its-place.test.ts'], only: 'has its log emptied' },
  },
  {
    id: 'log-may-be-cut-off',
    mode: 'FM-42',
    what: 'a write-ahead log of which somebody else cut off the end is written on',
    edits: [edit(IN_PLACE, 'found.size < known.size && found.salts === known.salts', 'false')],
    caughtBy: { tests: ['test/promises/a-database-in-its-place.test.ts'], only: 'has its log cut off' },
  },
  {
    id: 'older-overwrites',
    mode: 'FM-71',
    what: 'an older version of a record is written over a newer one',
    edits: [edit(UPSERT, 'head.removedAt === null ? order < head.order :', 'head.removedAt === null ? order < 0 :')],
    caughtBy: { tests: ['test/engine/upsert.test.ts'] },
  },
  {
    id: 'older-is-nowhere',
    mode: 'FM-71',
    what: 'a content that is older than the stored one is kept nowhere',
    edits: [edit(UPSERT, "if (reason !== 'same' && reason !== 'known') superseded", "if (reason === '') superseded")],
    caughtBy: { style: 'lagging', seeds: 100 },
  },
  {
    id: 'retried-is-nowhere',
    mode: 'FM-71',
    what: 'what comes out of quarantine, and is older by then, is kept nowhere',
    edits: [edit('src/engine/review/retry-quarantine.ts', '    superseded,\n    touches,', '    touches,')],
    caughtBy: { tests: ['test/promises/nothing-shown-is-nowhere.test.ts'], only: 'out of quarantine' },
  },
  {
    id: 'older-is-pruned-away',
    mode: 'FM-71',
    what: 'pruning removes the only superseded content of a record, whose number is then given again',
    edits: [
      edit(
        'src/store/system/prune.ts',
        "_ordinal < 0 AND _ordinal > (SELECT min(n._ordinal) FROM ${versions} n WHERE ${same('n')})",
        '_ordinal < 0',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'superseded' },
  },
  {
    id: 'older-kept-again',
    mode: 'FM-71',
    what: 'a content that is older than the stored one is kept anew in every run that shows it',
    edits: [
      edit(UPSERT, '  if (past?.get(key)?.has(hash)) return', '  if (past?.get(key)?.has(raw)) return'),
      edit('src/store/sqlite/writer.ts', 'AND _hash = ?8 AND _op = ${OPS.superseded})', 'AND _hash = ?8 AND 1 = 0)'),
    ],
    caughtBy: { tests: ['test/promises/nothing-shown-is-nowhere.test.ts'], only: 'kept once' },
  },
  {
    id: 'older-in-the-past',
    mode: 'FM-71',
    what: 'the past shows a content that the record never had',
    edits: [edit('src/store/system/records.ts', 'AND w._ordinal > 0 ORDER BY', 'ORDER BY')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'superseded' },
  },
  {
    id: 'big-ids-rounded',
    mode: 'FM-52',
    what: 'answers go through JSON.parse',
    edits: [
      edit(
        'src/http/judge.ts',
        "return { kind: 'json', value: parseExact(text) }",
        "return { kind: 'json', value: JSON.parse(text) }",
      ),
    ],
    caughtBy: scenario('reading', 'a first sync, newest first'),
  },
  {
    id: 'fractions-rounded',
    mode: 'FM-52',
    what: 'contents are compared with their fractions as JavaScript numbers',
    edits: [
      edit(UPSERT, 'return canonical(parseDigits(raw), volatile)', 'return canonical(JSON.parse(raw), volatile)'),
      edit(UPSERT, "import { parseDigits } from '../../../model/exact-json.ts'\n", ''),
    ],
    caughtBy: { tests: ['test/promises/digits-are-kept.test.ts'], only: 'volatile' },
  },
  {
    id: 'amounts-rounded',
    mode: 'FM-52',
    what: 'an amount with too many digits is stored as a JavaScript number prints it',
    edits: [edit('src/engine/passes/rows/shape.ts', '      if (exact !== undefined) {', '      if (exact === null) {')],
    caughtBy: { tests: ['test/promises/digits-are-kept.test.ts'], only: 'each kind of column' },
  },
  {
    id: 'versions-of-nothing',
    mode: 'FM-59',
    what: 'a record of which only a volatile field changed gets a new version',
    edits: [
      edit(UPSERT, 'return content !== undefined && isSameContent(', 'return content === null && isSameContent('),
    ],
    caughtBy: scenario('reading', 'signed addresses that change in every answer'),
  },
  {
    id: 'two-snapshots-per-run',
    mode: 'FM-59',
    what: 'a record that a run meets twice gets two snapshots',
    edits: [
      edit(
        'src/store/system/schema.ts',
        'PRIMARY KEY (_record, _day, _run))',
        'PRIMARY KEY (_record, _day, _run, _at))',
      ),
      edit(UPSERT, 'if (entry.metrics && (once > 0 || !stays)) snapshots', 'if (entry.metrics) snapshots'),
    ],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'day-in-utc',
    mode: 'FM-28',
    what: 'days are those of UTC, whatever the project’s time zone',
    edits: [edit('src/engine/runs/run.ts', "dayIn(project?.timezone ?? 'UTC')", "dayIn(project ? 'UTC' : 'UTC')")],
    caughtBy: { tests: ['test/promises/snapshots-by-day.test.ts'] },
  },
  {
    id: 'first-of-day-wins',
    mode: 'FM-29',
    what: 'the first snapshot of a run stands, whatever the run reads later',
    edits: [
      edit('src/store/sqlite/writer.ts', 'INSERT OR REPLACE INTO ${snapshots}', 'INSERT OR IGNORE INTO ${snapshots}'),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'one per run' },
  },
  {
    id: 'feed-with-gaps',
    mode: 'I11',
    what: 'the numbers of the change feed leave one out per page',
    edits: [
      edit(
        'src/store/sqlite/checkpoint.ts',
        "this.#db.run('UPDATE tm_projects SET seq = ? WHERE no = ?', [seq, projectNo])",
        "this.#db.run('UPDATE tm_projects SET seq = ? WHERE no = ?', [seq + 1, projectNo])",
      ),
    ],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'poison-ends-the-page',
    mode: 'FM-48',
    what: 'one record that cannot be read fails its page, and the run',
    edits: [
      edit(
        'src/engine/passes/rows/page.ts',
        '      quarantine.push(told(result.quarantined))\n',
        '      throw new Error(result.quarantined.message)\n',
      ),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'poison-is-skipped',
    mode: 'FM-48',
    what: 'a record that cannot be read is logged and skipped',
    edits: [edit('src/engine/passes/rows/page.ts', '      quarantine.push(told(result.quarantined))\n', '')],
    caughtBy: scenario('running', 'records that cannot be read'),
  },
  {
    id: 'parts-move-the-walk',
    mode: 'FM-40',
    what: 'the first part of a page that is written in parts moves the walk past all of it',
    edits: [
      edit(
        'src/engine/passes/rows/page-parts.ts',
        '#storeAll(part, NOTHING, parsed)',
        '#storeAll(part, decide, parsed)',
      ),
    ],
    caughtBy: scenario('reading', 'two versions of a record in one page'),
  },
  {
    id: 'requests-counted-twice',
    mode: 'FM-41',
    what: 'a checkpoint whose answer was lost writes its requests again',
    edits: [edit('src/engine/passes/stream-run.ts', '    await forgetCarried(scope)\n', '')],
    caughtBy: scenario('reading', 'a first sync by cursor'),
  },
  {
    id: 'column-lost',
    mode: 'FM-54',
    what: 'a column that a connector has learned is never filled',
    edits: [
      edit(
        'src/store/system/streams.ts',
        '    if (!isSame(this.#open.get(row.no)?.shape, shape)) this.#open.delete(row.no)\n',
        '',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'column' },
  },
  {
    id: 'name-is-translated',
    mode: 'FM-54',
    what: 'the name of a column is taken for SQL that SQLite writes otherwise',
    edits: [
      edit(
        'src/store/sqlite/dialect.ts',
        `if (found.startsWith('"') || found.startsWith("'")) return found`,
        `if (found.startsWith("'")) return found\n    if (found.startsWith('"')) return found.replace(/::[a-z]+/, '')`,
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'columns of any name' },
  },
  {
    id: 'system-column-declared',
    mode: 'FM-54',
    what: 'a column is made under a name that PostgreSQL keeps for itself',
    edits: [edit('src/store/postgres/values.ts', "'cmax', 'tableoid'])", "'cmax'])")],
    caughtBy: { tests: ['test/conformance/postgres.test.ts'], only: 'columns of any name' },
  },
  {
    id: 'name-cut',
    mode: 'FM-54',
    what: 'a name is taken that the other database would cut',
    edits: [edit('src/store/stream-shape.ts', 'const NAME_BYTES_MAX = 63', 'const NAME_BYTES_MAX = 630')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'names that are refused' },
  },
  {
    id: 'twice-in-a-page',
    mode: 'FM-03',
    what: 'a record that stands twice in a page is written twice in one transaction',
    edits: [edit(UPSERT, 'if (keys.size === parsed.length) return [parsed]', 'if (keys.size >= 0) return [parsed]')],
    caughtBy: scenario('reading', 'a record that stands twice in a page'),
  },
  {
    id: 'stale-is-written',
    mode: 'FM-47',
    what: 'a page that another writer overtook counts as written',
    edits: [
      edit(
        'src/engine/passes/rows/page-parts.ts',
        "      if ((await write(run, this.#entry, writing)) === 'stale') continue\n",
        '      await write(run, this.#entry, writing)\n',
      ),
    ],
    caughtBy: { style: 'newest-keyset', seeds: 150 },
  },
  {
    id: 'streams-mixed-up',
    mode: 'FM-77',
    what: 'records are looked up by key, whichever stream they belong to',
    edits: [
      edit(
        'src/store/sqlite/heads.ts',
        'WHERE _stream = ? AND _key IN (KEYS)`',
        'WHERE (_stream = ? OR 1) AND _key IN (KEYS)`',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'shares nothing but the table' },
  },
  {
    id: 'newer-file-opened',
    mode: 'FM-50',
    what: 'a file of a newer Tidemark is opened and written',
    edits: [edit('src/store/sqlite/schema.ts', 'if (found > newest) {', 'if (found > 1e9 + newest) {')],
    caughtBy: { tests: ['test/store/file.test.ts'], only: 'of a newer' },
  },
  {
    id: 'replaced-file',
    mode: 'FM-51',
    what: 'a run goes on writing to a file that is no longer under its name',
    edits: [
      edit(
        'src/store/sqlite/connection.ts',
        '        this.#file?.check({ pages: () => this.#bytes(), isLogWhole: () => this.#isLogWhole() })\n',
        '',
      ),
    ],
    caughtBy: { tests: ['test/promises/a-database-in-its-place.test.ts'] },
  },
  {
    id: 'replaced-tables',
    mode: 'FM-51',
    what: 'tables that were dropped and made anew are taken for those that the run has written to',
    edits: [
      edit(
        'src/store/postgres/in-place.ts',
        'if ((await db.value(INSTANCE)) !== this.#instance) throw',
        "if ((await db.value(INSTANCE)) === '') throw",
      ),
    ],
    caughtBy: { tests: ['test/promises/a-database-in-its-place.test.ts'] },
  },
  {
    id: 'end-before-it-is-written',
    mode: 'FM-23',
    what: 'a pass has ended when that is decided, whether or not it can be written',
    edits: [
      edit(
        'src/engine/passes/run-stream.ts',
        'if (!entry || entry.written !== null) return',
        'if (!entry || entry.ended !== null) return',
      ),
    ],
    caughtBy: { tests: ['test/promises/an-end-is-written.test.ts'] },
  },
  {
    id: 'columns-filled-of-any-size',
    mode: 'I16',
    what: 'contents that lack new columns are read by their number, however large they are',
    edits: [edit('src/store/system/fills.ts', 'fitting(bytes, FILL_BYTES_MAX)', 'bytes.length')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'tells no more at once than fits' },
  },
  {
    id: 'disconnected-in-parts',
    mode: 'FM-40',
    what: 'a connection is disconnected in two transactions, and a login that is given between them is forgotten',
    edits: [
      edit(
        'src/operations/disconnect.ts',
        '    return mirror.store.connections.disconnect(no, DISCONNECTED)',
        '    await mirror.store.connections.setPaused(no, DISCONNECTED, true)\n    return mirror.store.secrets.drop(no)',
      ),
    ],
    caughtBy: CUT,
  },
  {
    id: 'connected-without-streams',
    mode: 'FM-40',
    what: 'a connection is stored before its streams are, and one whose process dies between has none',
    edits: [
      edit(
        'src/operations/connect.ts',
        'return store.connections.save({',
        'const row = await store.connections.save({',
      ),
      edit('src/operations/connect.ts', '    streams: shapes,\n', ''),
      edit(
        'src/operations/connect.ts',
        '    at: clock.now(),\n  })\n',
        '    at: clock.now(),\n  })\n  for (const shape of shapes) await store.streams.define(row.no, shape)\n  return row\n',
      ),
    ],
    caughtBy: CUT,
  },
  {
    id: 'disconnected-login-lives-on',
    mode: 'FM-40',
    what: 'a change that was made from a login which is forgotten meanwhile is stored without it',
    edits: [
      edit(
        'src/store/system/connections.ts',
        "'UPDATE tm_connections SET login_version = login_version + 1 WHERE no = $1'",
        "'UPDATE tm_connections SET login_version = login_version WHERE no = $1'",
      ),
    ],
    caughtBy: CUT,
  },
  {
    id: 'deadlock-ends-a-purge',
    mode: 'FM-40',
    what: 'of a purge and a page that wait for each other, the server undoes the purge, and nobody begins it again',
    edits: [
      edit('src/store/postgres/connection.ts', 'sqlState(error) !== DEADLOCK || tries >= DEADLOCK_TRIES', 'tries > 0'),
    ],
    caughtBy: { tests: ['test/postgres/store.test.ts'], only: 'wait for each other' },
  },
  {
    id: 'wall-with-a-gap',
    mode: 'FM-77',
    what: 'tables of no project are shown to a session that names one',
    edits: [edit('src/store/postgres/project-wall.ts', "ELSE 'false' END);", "ELSE 'true' END);")],
    caughtBy: { tests: ['test/postgres/project-wall.test.ts'] },
  },
  {
    id: 'moved-in-two-halves',
    mode: 'FM-40',
    what: 'of a mirror that was used between two attempts to move it, the first half stays as it was before',
    edits: [
      edit(
        'src/store/moving/move.ts',
        'if (wanted.rows !== copied.rows || wanted.digest !== copied.digest) {',
        'if (wanted.rows > copied.rows + 1_000) {',
      ),
    ],
    caughtBy: { tests: ['test/postgres/migrate.test.ts'], only: 'goes on after a kill' },
  },
]
