// Owns the tables of webhooks as they are made: those that services send, and those that the project sends.

import type { Types } from '../dialect.ts'

export function webhookTables({ no: number, int, text, key, bytes, flag, clustered }: Types): string {
  const no = `no ${number}`
  return `
  -- What webhooks have told, once each. next_at: when it is to be read; null: it is read, and kept to know it again.
  CREATE TABLE tm_inbox (
    connection_no ${int} NOT NULL,
    id ${key} NOT NULL,
    hint ${text} NOT NULL,
    at ${int} NOT NULL,
    tries ${int} NOT NULL,
    next_at ${int},
    PRIMARY KEY (connection_no, id)
  )${clustered};
  CREATE INDEX tm_inbox_open ON tm_inbox (next_at) WHERE next_at IS NOT NULL;

  -- Webhooks that the project sends, and their messages. next_at: when one is sent; null: it was taken, or given up.
  CREATE TABLE tm_webhooks (
    ${no},
    id ${key} NOT NULL UNIQUE,
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    url ${text} NOT NULL,
    events ${text} NOT NULL,
    note ${text} NOT NULL,
    allow_private ${flag} NOT NULL,
    sealed ${bytes} NOT NULL,
    created_at ${int} NOT NULL,
    -- Of a browser that shows notifications: how long a run takes that it is told of, and the token that has subscribed it.
    long_ms ${int},
    token_id ${key}
  );

  -- The key pair by which push services know this server. One row at most.
  CREATE TABLE tm_push_key (
    one ${int} PRIMARY KEY CHECK (one = 1),
    public_key ${text} NOT NULL,
    sealed ${bytes} NOT NULL,
    at ${int} NOT NULL
  );

  CREATE TABLE tm_outbox (
    webhook_no ${int} NOT NULL,
    id ${key} NOT NULL,
    event ${text} NOT NULL,
    run_no ${int},
    at ${int} NOT NULL,
    tries ${int} NOT NULL,
    next_at ${int},
    delivered_at ${int},
    status ${int},
    error ${text},
    PRIMARY KEY (webhook_no, id)
  )${clustered};
  CREATE INDEX tm_outbox_due ON tm_outbox (next_at) WHERE next_at IS NOT NULL;`
}
