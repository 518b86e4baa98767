// Owns the second version of the system tables: what a person decides (removals that are kept), schedules, budgets,
// readers of the feed, and how a stream changes with its connector.

import type { Connection } from './connection.ts'

export function secondTables(db: Connection): void {
  db.exec(`
    ALTER TABLE tm_projects ADD COLUMN pruned_to INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tm_runs ADD COLUMN streams TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE tm_runs ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tm_runs ADD COLUMN capped INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tm_runs ADD COLUMN connector_version TEXT;
    ALTER TABLE tm_requests ADD COLUMN page INTEGER;
    -- What a limit has granted within its window: see bucket.ts.
    ALTER TABLE tm_buckets ADD COLUMN taken TEXT NOT NULL DEFAULT '[]';
    -- Columns that older contents lack still, and the places up to which they were filled: {table: id}.
    ALTER TABLE tm_streams ADD COLUMN unfilled TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE tm_streams ADD COLUMN filled_to TEXT NOT NULL DEFAULT '{}';

    ALTER TABLE tm_quarantine ADD COLUMN asked_at INTEGER;

    -- Records that a person keeps, although their source no longer lists them.
    CREATE TABLE tm_kept (
      stream_no INTEGER NOT NULL,
      key TEXT NOT NULL,
      run_no INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (stream_no, key)
    ) WITHOUT ROWID;

    -- What the source's rows have shown: a name and a kind of value, with the run that met it first.
    CREATE TABLE tm_fields (
      stream_no INTEGER NOT NULL,
      field TEXT NOT NULL,
      run_no INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (stream_no, field)
    ) WITHOUT ROWID;

    CREATE TABLE tm_consumers (
      project_no INTEGER NOT NULL REFERENCES tm_projects (no),
      name TEXT NOT NULL,
      epoch TEXT NOT NULL,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (project_no, name)
    ) WITHOUT ROWID;

    -- Of a connection, or of the one stream that is named.
    CREATE TABLE tm_schedules (
      connection_no INTEGER NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
      stream TEXT NOT NULL,
      spec TEXT NOT NULL,
      timezone TEXT NOT NULL,
      quiet_hours TEXT,
      next_at INTEGER NOT NULL,
      last_at INTEGER,
      PRIMARY KEY (connection_no, stream)
    ) WITHOUT ROWID;
    CREATE INDEX tm_schedules_due ON tm_schedules (next_at);

    CREATE TABLE tm_budgets (
      project_no INTEGER NOT NULL REFERENCES tm_projects (no),
      scope TEXT NOT NULL,
      name TEXT NOT NULL,
      requests_max INTEGER,
      requests_per_ms INTEGER,
      cost_max REAL,
      cost_per_ms INTEGER,
      PRIMARY KEY (project_no, scope, name)
    ) WITHOUT ROWID;

    -- What was spent in each slot of a window; slots that have left it are deleted.
    CREATE TABLE tm_spent (
      key TEXT NOT NULL,
      slot INTEGER NOT NULL,
      amount REAL NOT NULL,
      PRIMARY KEY (key, slot)
    ) WITHOUT ROWID;

    CREATE INDEX tm_changes_at ON tm_changes (at);
    CREATE INDEX tm_requests_at ON tm_requests (at);
  `)
}
