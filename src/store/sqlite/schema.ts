// Owns the system tables (everything that isn't a stream's own) and the way from one version of them to the next.

import { TidemarkError } from '../../model/errors.ts'
import type { Connection } from './connection.ts'
import { unreadable } from './errors.ts'
import { secondTables } from './second-tables.ts'
import { systemViews } from './views.ts'

/** `tide` in ASCII: what `file` and other tools know the database by. */
const APPLICATION_ID = 0x74696465

/** One step each; never changed once released. The version of a file is how many of them it has seen. */
const MIGRATIONS: readonly ((db: Connection) => void)[] = [
  firstTables,
  secondTables,
  secretsEnd,
  waitForWitness,
  supersededCount,
  knownToWalks,
  supersededTexts,
  clocksSetBack,
]

/** Brings the file to this version, in one transaction. */
export function migrate(db: Connection): void {
  if (version(db) === MIGRATIONS.length) return
  db.transaction(() => {
    // Read again: another process may have migrated between the question and the lock.
    for (const step of MIGRATIONS.slice(version(db))) step(db)
    makeSystemViews(db)
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}; PRAGMA application_id = ${APPLICATION_ID}`)
  })
}

/** Refuses a file that a reader cannot understand as it is. */
export function checkReadable(db: Connection): void {
  if (version(db) === MIGRATIONS.length) return
  throw new TidemarkError('database_outdated', `The database ${db.name} was written by an older Tidemark.`, {
    hint: 'Open it once for writing (any command that is not read-only); it is brought up to date then.',
  })
}

/** The version of the file; refuses other programs' files and those of a newer Tidemark. */
function version(db: Connection): number {
  const found = Number(db.value('PRAGMA user_version'))
  const application = Number(db.value('PRAGMA application_id'))
  if (application !== APPLICATION_ID) {
    const empty = application === 0 && found === 0 && db.value('SELECT count(*) FROM sqlite_schema') === 0
    if (empty) return 0
    throw unreadable(db.name, 'is a SQLite database of another program')
  }
  if (found > MIGRATIONS.length) {
    const versions = `version ${found}; this Tidemark knows ${MIGRATIONS.length}`
    throw new TidemarkError('database_newer', `The database ${db.name} has ${versions}.`, {
      hint: 'Update Tidemark, or name another file with --database. The file was not touched.',
    })
  }
  return found
}

/** The views of the newest version; what they show is no part of what is stored. */
function makeSystemViews(db: Connection): void {
  for (const { name, sql } of systemViews()) db.exec(`DROP VIEW IF EXISTS "${name}"; CREATE VIEW "${name}" AS ${sql}`)
}

/** When a secret ends, where the source has told. */
function secretsEnd(db: Connection): void {
  db.exec('ALTER TABLE tm_secrets ADD COLUMN expires_at INTEGER')
}

/** What a full pass missed waits for a second witness, by its key; what is counted stands in no note any more. */
function waitForWitness(db: Connection): void {
  db.exec(`
    CREATE TABLE tm_missed (
      stream_no INTEGER NOT NULL,
      key TEXT NOT NULL,
      run_no INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (stream_no, key)
    ) WITHOUT ROWID;
    ALTER TABLE tm_run_passes ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0;
    UPDATE tm_streams SET coverage_note = '' WHERE coverage = 'complete';
  `)
}

/** Records that were shown with an older content than the stored one. */
function supersededCount(db: Connection): void {
  db.exec('ALTER TABLE tm_run_passes ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0')
}

/** Which records were known when a walk began, see walks.ts. */
function knownToWalks(db: Connection): void {
  db.exec('ALTER TABLE tm_walks ADD COLUMN known_to INTEGER')
}

/** A record may have several texts in quarantine; one of which a newer content is known stays, and waits no longer. */
function supersededTexts(db: Connection): void {
  db.exec(`
    ALTER TABLE tm_quarantine ADD COLUMN version REAL;
    ALTER TABLE tm_quarantine ADD COLUMN superseded_at INTEGER;
    CREATE INDEX tm_quarantine_keys ON tm_quarantine (stream_no, key);
  `)
}

/** Since when a limit is blocked; since when the clock has stood before what is written there. See bucket.ts, spending.ts. */
function clocksSetBack(db: Connection): void {
  db.exec(`
    ALTER TABLE tm_buckets ADD COLUMN blocked_since INTEGER;
    ALTER TABLE tm_buckets ADD COLUMN blocked_behind INTEGER;
    ALTER TABLE tm_spent ADD COLUMN behind INTEGER;
  `)
}

function firstTables(db: Connection): void {
  db.exec(`
    CREATE TABLE tm_projects (
      no INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      timezone TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      -- The feed: a reader's cursor is epoch.seq. The epoch changes when the file is restored from a backup.
      epoch TEXT NOT NULL,
      seq INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE tm_connections (
      no INTEGER PRIMARY KEY AUTOINCREMENT,
      project_no INTEGER NOT NULL REFERENCES tm_projects (no),
      id TEXT NOT NULL,
      connector TEXT NOT NULL,
      connector_version TEXT NOT NULL,
      options TEXT NOT NULL,
      webhook_secret TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      UNIQUE (project_no, id)
    );

    CREATE TABLE tm_pauses (
      connection_no INTEGER NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
      reason TEXT NOT NULL,
      PRIMARY KEY (connection_no, reason)
    ) WITHOUT ROWID;

    CREATE TABLE tm_secrets (
      connection_no INTEGER NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      sealed BLOB NOT NULL,
      PRIMARY KEY (connection_no, name)
    ) WITHOUT ROWID;

    CREATE TABLE tm_data_keys (
      no INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      wrapped BLOB NOT NULL,
      at INTEGER NOT NULL
    );

    -- One row per stream of a connector: whose the tables named after the base are, and what columns they have.
    CREATE TABLE tm_tables (
      base TEXT PRIMARY KEY,
      connector TEXT NOT NULL,
      stream TEXT NOT NULL,
      columns TEXT NOT NULL,
      metrics TEXT NOT NULL
    ) WITHOUT ROWID;

    -- Project and connection stand here once more, by name, for the views: neither is ever renamed.
    CREATE TABLE tm_streams (
      no INTEGER PRIMARY KEY AUTOINCREMENT,
      connection_no INTEGER NOT NULL REFERENCES tm_connections (no),
      stream TEXT NOT NULL,
      base TEXT NOT NULL REFERENCES tm_tables (base),
      project TEXT NOT NULL,
      connection TEXT NOT NULL,
      shape TEXT NOT NULL,
      next_walk INTEGER NOT NULL DEFAULT 1,
      total_records INTEGER NOT NULL DEFAULT 0,
      runs_since_full INTEGER NOT NULL DEFAULT 0,
      last_run_at INTEGER,
      last_success_at INTEGER,
      last_full_at INTEGER,
      last_record_at INTEGER,
      last_mode TEXT,
      last_records INTEGER,
      next_run_at INTEGER,
      coverage TEXT NOT NULL DEFAULT 'unread',
      coverage_note TEXT NOT NULL DEFAULT '',
      UNIQUE (connection_no, stream)
    );

    -- A lease that was once claimed keeps its row for ever, so that its generation never falls back.
    CREATE TABLE tm_leases (
      resource TEXT PRIMARY KEY,
      generation INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      holder TEXT
    ) WITHOUT ROWID;

    CREATE TABLE tm_states (
      stream_no INTEGER NOT NULL,
      partition TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (stream_no, partition)
    ) WITHOUT ROWID;

    CREATE TABLE tm_walks (
      stream_no INTEGER NOT NULL,
      walk INTEGER NOT NULL,
      partition TEXT NOT NULL,
      run_no INTEGER NOT NULL,
      pass TEXT NOT NULL,
      opened_at INTEGER NOT NULL,
      closed_at INTEGER,
      ended TEXT,
      pages INTEGER NOT NULL,
      records INTEGER NOT NULL,
      note TEXT NOT NULL,
      position TEXT NOT NULL,
      PRIMARY KEY (stream_no, walk)
    ) WITHOUT ROWID;
    CREATE INDEX tm_walks_open ON tm_walks (stream_no, partition, walk) WHERE closed_at IS NULL;

    CREATE TABLE tm_seen (
      stream_no INTEGER NOT NULL,
      walk INTEGER NOT NULL,
      key TEXT NOT NULL,
      PRIMARY KEY (stream_no, walk, key)
    ) WITHOUT ROWID;

    CREATE TABLE tm_runs (
      no INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL,
      project_no INTEGER NOT NULL REFERENCES tm_projects (no),
      connection_no INTEGER NOT NULL REFERENCES tm_connections (no),
      mode TEXT NOT NULL,
      status TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      finished_at INTEGER,
      error TEXT,
      notes TEXT NOT NULL DEFAULT '[]',
      requests INTEGER NOT NULL DEFAULT 0,
      billed_items INTEGER NOT NULL DEFAULT 0,
      cost REAL,
      cancel_requested INTEGER NOT NULL DEFAULT 0,
      holder TEXT NOT NULL,
      -- The day of the run's first snapshots, and /last when they passed midnight, to find those of before.
      snapshot_day TEXT,
      UNIQUE (project_no, id)
    );
    CREATE INDEX tm_runs_connection ON tm_runs (connection_no, no);
    CREATE INDEX tm_runs_running ON tm_runs (connection_no) WHERE status = 'running';

    CREATE TABLE tm_run_passes (
      run_no INTEGER NOT NULL,
      stream_no INTEGER NOT NULL,
      ordinal INTEGER NOT NULL,
      kind TEXT NOT NULL,
      ended TEXT,
      pages INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      expected INTEGER,
      fetched INTEGER NOT NULL,
      inserted INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      unchanged INTEGER NOT NULL,
      removed INTEGER NOT NULL,
      restored INTEGER NOT NULL,
      held INTEGER NOT NULL,
      quarantined INTEGER NOT NULL,
      snapshots INTEGER NOT NULL,
      PRIMARY KEY (run_no, stream_no, ordinal)
    ) WITHOUT ROWID;

    CREATE TABLE tm_changes (
      project_no INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      stream_no INTEGER NOT NULL,
      op INTEGER NOT NULL,
      at INTEGER NOT NULL,
      run_no INTEGER,
      ordinal INTEGER NOT NULL,
      key TEXT NOT NULL,
      PRIMARY KEY (project_no, seq)
    ) WITHOUT ROWID;

    -- The identity is the record's key, or a digest of what was received where no key could be read.
    CREATE TABLE tm_quarantine (
      stream_no INTEGER NOT NULL,
      identity TEXT NOT NULL,
      key TEXT,
      run_no INTEGER NOT NULL,
      page INTEGER NOT NULL,
      position INTEGER NOT NULL,
      code TEXT NOT NULL,
      message TEXT NOT NULL,
      first_at INTEGER NOT NULL,
      at INTEGER NOT NULL,
      times INTEGER NOT NULL,
      raw TEXT NOT NULL,
      PRIMARY KEY (stream_no, identity)
    );

    CREATE TABLE tm_held (
      stream_no INTEGER NOT NULL,
      key TEXT NOT NULL,
      run_no INTEGER NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (stream_no, key)
    ) WITHOUT ROWID;

    CREATE TABLE tm_requests (
      run_no INTEGER NOT NULL,
      no INTEGER NOT NULL,
      stream_no INTEGER,
      at INTEGER NOT NULL,
      method TEXT NOT NULL,
      url TEXT NOT NULL,
      status INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      ms INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      billed_items INTEGER NOT NULL,
      PRIMARY KEY (run_no, no)
    ) WITHOUT ROWID;

    CREATE TABLE tm_buckets (
      key TEXT PRIMARY KEY,
      capacity REAL,
      per_ms REAL,
      tokens REAL,
      at INTEGER NOT NULL,
      blocked_until INTEGER
    ) WITHOUT ROWID;
  `)
  // Makes the statistics table, into which every stream's index writes what to expect of it.
  db.exec('ANALYZE sqlite_schema')
}
