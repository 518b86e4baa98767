// Owns the tables of what a server keeps: who may call it, who works, what was answered them, who did what, what was ordered, and batches of runs.

import type { Types } from '../dialect.ts'

export function serverTables({ no: number, int, text, key, bytes, clustered }: Types): string {
  const no = `no ${number}`
  return `  -- The server's tokens. What a caller sends is hashed and looked for: the token itself is nowhere.
  CREATE TABLE tm_tokens (
    id ${key} PRIMARY KEY,
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    hash ${key} NOT NULL UNIQUE,
    scopes ${text} NOT NULL,
    note ${text} NOT NULL,
    created_at ${int} NOT NULL,
    expires_at ${int},
    revoked_at ${int}
  )${clustered};

  -- Sessions of a browser, each of a token and no longer than it. The cookie is hashed, too.
  CREATE TABLE tm_sessions (
    hash ${key} PRIMARY KEY,
    token_id ${key} NOT NULL REFERENCES tm_tokens (id),
    created_at ${int} NOT NULL,
    expires_at ${int} NOT NULL
  )${clustered};

  -- Processes that work on the database, and when they were last there.
  CREATE TABLE tm_workers (
    id ${key} PRIMARY KEY,
    holder ${text} NOT NULL,
    started_at ${int} NOT NULL,
    seen_at ${int} NOT NULL,
    together ${int} NOT NULL
  )${clustered};

  -- Answers of calls with an Idempotency-Key, sealed with what their callers have sent.
  CREATE TABLE tm_answers (
    caller ${key} NOT NULL,
    key ${key} NOT NULL,
    id ${key} NOT NULL,
    call ${text} NOT NULL,
    at ${int} NOT NULL,
    holder ${text} NOT NULL,
    -- Null while the call is under way.
    status ${int},
    sealed ${bytes},
    PRIMARY KEY (caller, key)
  )${clustered};
  CREATE INDEX tm_answers_at ON tm_answers (at);

  -- The audit log: who has started, changed or ended what. Its rows outlive what they tell of.
  CREATE TABLE tm_deeds (
    ${no},
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    at ${int} NOT NULL,
    who ${text} NOT NULL,
    operation ${text} NOT NULL,
    connection ${text},
    given ${text} NOT NULL,
    outcome ${text} NOT NULL
  );
  CREATE INDEX tm_deeds_project ON tm_deeds (project_no, no);

  -- Runs of every connection of some projects, asked for at once.
  CREATE TABLE tm_batches (
    id ${key} PRIMARY KEY,
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    at ${int} NOT NULL,
    projects ${text} NOT NULL,
    -- The process that alone carries it out; null: its runs are ordered, and any does.
    holder ${text},
    ended_at ${int}
  )${clustered};
  CREATE INDEX tm_batches_project ON tm_batches (project_no, at);
  CREATE INDEX tm_batches_open ON tm_batches (at) WHERE ended_at IS NULL;

  -- Runs that were accepted from somebody who does not wait for them.
  CREATE TABLE tm_orders (
    ${no},
    id ${key} NOT NULL UNIQUE,
    connection_no ${int} NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
    at ${int} NOT NULL,
    asked ${text} NOT NULL,
    -- The batch that it is a part of, until that knows what became of it.
    batch_id ${key} REFERENCES tm_batches (id) ON DELETE SET NULL,
    -- The id of the run that does it.
    run ${key},
    ended_at ${int},
    error ${text}
  );
  CREATE INDEX tm_orders_connection ON tm_orders (connection_no, no);
  CREATE INDEX tm_orders_open ON tm_orders (no) WHERE ended_at IS NULL;
  CREATE INDEX tm_orders_batch ON tm_orders (batch_id, ended_at) WHERE batch_id IS NOT NULL;

  CREATE TABLE tm_batch_results (
    batch_id ${key} NOT NULL REFERENCES tm_batches (id) ON DELETE CASCADE,
    project ${key} NOT NULL,
    ordinal ${int} NOT NULL,
    result ${text} NOT NULL,
    PRIMARY KEY (batch_id, project)
  )${clustered};`
}
