// Owns the tables as they are made: Tidemark's own, and those of a stream.

import type { Column } from '../../model/record.ts'
import type { Dialect, Types, WordIndex } from '../dialect.ts'
import { type TableShape, tableNames } from '../names.ts'
import { serverTables } from './server-tables.ts'
import { webhookTables } from './webhook-tables.ts'

export function systemTables(types: Types, words: Pick<WordIndex, 'columns' | 'tables'>): string {
  const { no: number, int, small, real, text, key, bytes, flag, clustered } = types
  const no = `no ${number}`
  return `
  CREATE TABLE tm_projects (
    ${no},
    id ${key} NOT NULL UNIQUE,
    timezone ${text} NOT NULL,
    created_at ${int} NOT NULL,
    -- The feed: a reader's cursor is epoch.seq. The row is the counter of the feed, locked last of all.
    epoch ${text} NOT NULL,
    seq ${int} NOT NULL DEFAULT 0,
    pruned_to ${int} NOT NULL DEFAULT 0
  );

  CREATE TABLE tm_connections (
    ${no},
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    id ${key} NOT NULL,
    connector ${text} NOT NULL,
    connector_version ${text} NOT NULL,
    options ${text} NOT NULL,
    webhook_secret ${text} NOT NULL,
    -- Rises with every change of its options and secrets, and never falls back.
    login_version ${int} NOT NULL,
    created_at ${int} NOT NULL,
    updated_at ${int} NOT NULL,
    UNIQUE (project_no, id)
  );
  CREATE INDEX tm_connections_id ON tm_connections (id);

  CREATE TABLE tm_pauses (
    connection_no ${int} NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
    reason ${key} NOT NULL,
    PRIMARY KEY (connection_no, reason)
  )${clustered};

  CREATE TABLE tm_secrets (
    connection_no ${int} NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
    name ${key} NOT NULL,
    version ${int} NOT NULL,
    sealed ${bytes} NOT NULL,
    -- When the source ends it, as a renewal told.
    expires_at ${int},
    PRIMARY KEY (connection_no, name)
  )${clustered};

  CREATE TABLE tm_data_keys (
    ${no},
    id ${key} NOT NULL UNIQUE,
    wrapped ${bytes} NOT NULL,
    at ${int} NOT NULL
  );

  -- One row per stream of a connector: whose the tables named after the base are, and what columns they have.
  CREATE TABLE tm_tables (
    base ${key} PRIMARY KEY,
    connector ${text} NOT NULL,
    stream ${text} NOT NULL,
    columns ${text} NOT NULL,
    metrics ${text} NOT NULL
  )${clustered};

  -- Project and connection stand here once more, by name, for the views: neither is ever renamed.
  CREATE TABLE tm_streams (
    ${no},
    connection_no ${int} NOT NULL REFERENCES tm_connections (no),
    stream ${key} NOT NULL,
    base ${key} NOT NULL REFERENCES tm_tables (base),
    project ${key} NOT NULL,
    connection ${key} NOT NULL,
    shape ${text} NOT NULL,
    next_walk ${int} NOT NULL DEFAULT 1,
    total_records ${int} NOT NULL DEFAULT 0,
    runs_since_full ${int} NOT NULL DEFAULT 0,
    last_run_at ${int},
    last_success_at ${int},
    last_full_at ${int},
    last_record_at ${int},
    last_mode ${text},
    last_records ${int},
    coverage ${text} NOT NULL DEFAULT 'unread',
    coverage_note ${text} NOT NULL DEFAULT '',
    -- Columns that older contents lack still, those that some could not be read for, and the places up to which they were
    -- filled: {table: id}.
    unfilled ${text} NOT NULL DEFAULT '[]',
    unreadable ${text} NOT NULL DEFAULT '[]',
    filled_to ${text} NOT NULL DEFAULT '{}',
    UNIQUE (connection_no, stream)
  );

  -- A lease that was once claimed keeps its row for ever, so that its generation never falls back.
  CREATE TABLE tm_leases (
    resource ${key} PRIMARY KEY,
    generation ${int} NOT NULL,
    expires_at ${int} NOT NULL,
    holder ${text}
  )${clustered};

  CREATE TABLE tm_states (
    stream_no ${int} PRIMARY KEY,
    value ${text} NOT NULL
  )${clustered};

  CREATE TABLE tm_walks (
    stream_no ${int} NOT NULL,
    walk ${int} NOT NULL,
    run_no ${int} NOT NULL,
    pass ${text} NOT NULL,
    opened_at ${int} NOT NULL,
    closed_at ${int},
    ended ${text},
    pages ${int} NOT NULL,
    records ${int} NOT NULL,
    note ${text} NOT NULL,
    position ${text} NOT NULL,
    -- Which records were known when it began: see system/walks.ts.
    known_to ${int},
    PRIMARY KEY (stream_no, walk)
  )${clustered};
  CREATE INDEX tm_walks_open ON tm_walks (stream_no, walk) WHERE closed_at IS NULL;

  CREATE TABLE tm_seen (
    stream_no ${int} NOT NULL,
    walk ${int} NOT NULL,
    key ${key} NOT NULL,
    PRIMARY KEY (stream_no, walk, key)
  )${clustered};

  CREATE TABLE tm_runs (
    ${no},
    id ${key} NOT NULL,
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    connection_no ${int} NOT NULL REFERENCES tm_connections (no),
    mode ${text} NOT NULL,
    streams ${text} NOT NULL,
    partial ${flag} NOT NULL,
    capped ${flag} NOT NULL,
    connector_version ${text},
    -- Of its cost.
    currency ${text},
    status ${text} NOT NULL,
    started_at ${int} NOT NULL,
    finished_at ${int},
    -- The whole error as JSON, and for the views what of it is for people.
    error ${text},
    error_code ${text},
    error_message ${text},
    error_hint ${text},
    notes ${text} NOT NULL DEFAULT '[]',
    requests ${int} NOT NULL DEFAULT 0,
    billed_items ${int} NOT NULL DEFAULT 0,
    cost ${real},
    cancel_requested ${flag} NOT NULL DEFAULT false,
    holder ${text} NOT NULL,
    -- The first and last day of the run's snapshots, to find those of before midnight.
    snapshot_first ${key},
    snapshot_last ${key},
    UNIQUE (project_no, id)
  );
  CREATE INDEX tm_runs_project ON tm_runs (project_no, no);
  CREATE INDEX tm_runs_connection ON tm_runs (connection_no, no);
  CREATE INDEX tm_runs_running ON tm_runs (connection_no) WHERE status = 'running';
  CREATE INDEX tm_runs_active ON tm_runs (project_no, no) WHERE status = 'running';

  CREATE TABLE tm_run_passes (
    run_no ${int} NOT NULL,
    stream_no ${int} NOT NULL,
    ordinal ${int} NOT NULL,
    kind ${text} NOT NULL,
    ended ${text},
    pages ${int} NOT NULL,
    requests ${int} NOT NULL,
    expected ${int},
    fetched ${int} NOT NULL,
    inserted ${int} NOT NULL,
    updated ${int} NOT NULL,
    unchanged ${int} NOT NULL,
    superseded ${int} NOT NULL,
    removed ${int} NOT NULL,
    restored ${int} NOT NULL,
    held ${int} NOT NULL,
    unconfirmed ${int} NOT NULL,
    quarantined ${int} NOT NULL,
    snapshots ${int} NOT NULL,
    unavailable ${int} NOT NULL,
    stale ${int} NOT NULL,
    PRIMARY KEY (run_no, stream_no, ordinal)
  )${clustered};

  CREATE TABLE tm_changes (
    project_no ${int} NOT NULL,
    seq ${int} NOT NULL,
    stream_no ${int} NOT NULL,
    op ${small} NOT NULL,
    at ${int} NOT NULL,
    run_no ${int},
    ordinal ${int} NOT NULL,
    key ${key} NOT NULL,
    PRIMARY KEY (project_no, seq)
  )${clustered};

  -- The identity is the record's key and a digest of its text, or the digest alone where no key could be read.
  CREATE TABLE tm_quarantine (
    stream_no ${int} NOT NULL,
    identity ${key} NOT NULL,
    key ${key},
    run_no ${int} NOT NULL,
    page ${int} NOT NULL,
    position ${int} NOT NULL,
    code ${text} NOT NULL,
    message ${text} NOT NULL,
    first_at ${int} NOT NULL,
    at ${int} NOT NULL,
    times ${int} NOT NULL,
    raw ${text} NOT NULL,
    asked_at ${int} NOT NULL,
    version ${real},
    -- When a newer content of its record came; such a text waits no longer.
    superseded_at ${int},
    PRIMARY KEY (stream_no, identity)
  );
  CREATE INDEX tm_quarantine_keys ON tm_quarantine (stream_no, key);

  CREATE TABLE tm_held (
    stream_no ${int} NOT NULL,
    key ${key} NOT NULL,
    run_no ${int} NOT NULL,
    reason ${text} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (stream_no, key)
  )${clustered};

  -- Records that a person keeps, although their source no longer lists them.
  CREATE TABLE tm_kept (
    stream_no ${int} NOT NULL,
    key ${key} NOT NULL,
    run_no ${int} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (stream_no, key)
  )${clustered};

  -- What a full pass missed waits for a second witness.
  CREATE TABLE tm_missed (
    stream_no ${int} NOT NULL,
    key ${key} NOT NULL,
    run_no ${int} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (stream_no, key)
  )${clustered};

  -- What the source's rows have shown: a name and a kind of value, with the run that met it first.
  CREATE TABLE tm_fields (
    stream_no ${int} NOT NULL,
    field ${key} NOT NULL,
    run_no ${int} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (stream_no, field)
  )${clustered};

  CREATE TABLE tm_requests (
    run_no ${int} NOT NULL,
    no ${int} NOT NULL,
    stream_no ${int},
    page ${int},
    at ${int} NOT NULL,
    method ${text} NOT NULL,
    url ${text} NOT NULL,
    status ${int} NOT NULL,
    bytes ${int} NOT NULL,
    ms ${int} NOT NULL,
    attempt ${int} NOT NULL,
    outcome ${text} NOT NULL,
    billed_items ${int} NOT NULL,
    PRIMARY KEY (run_no, no)
  )${clustered};

  -- Without stats it is being written, and belongs to a run that is not finished.
  CREATE TABLE tm_catalogs (
    connection_no ${int} NOT NULL REFERENCES tm_connections (no),
    n ${int} NOT NULL,
    run_no ${int} NOT NULL,
    at ${int} NOT NULL,
    parts ${int},
    bytes ${int},
    stats ${text},
    PRIMARY KEY (connection_no, n)
  )${clustered};

  CREATE TABLE tm_catalog_parts (
    connection_no ${int} NOT NULL,
    n ${int} NOT NULL,
    part ${int} NOT NULL,
    bytes ${bytes} NOT NULL,
    PRIMARY KEY (connection_no, n, part)
  );

  -- Upstream runs that cost money, each written before it is started.
  CREATE TABLE tm_intents (
    id ${key} PRIMARY KEY,
    stream_no ${int} NOT NULL,
    run_no ${int} NOT NULL,
    pass ${text} NOT NULL,
    ask ${text} NOT NULL,
    at ${int} NOT NULL,
    job ${text},
    state ${text} NOT NULL,
    -- What the ledger has counted of its bill; null: nothing yet.
    billed_items ${int},
    cost ${real}
  )${clustered};
  CREATE INDEX tm_intents_open ON tm_intents (stream_no) WHERE state = 'open';

${serverTables(types)}
${webhookTables(types)}

  -- Which records have which words. It is made of the records, and may be made anew.
  CREATE TABLE tm_texts (
    ${no},
    stream_no ${int} NOT NULL,
    key ${key} NOT NULL,
    at ${int} NOT NULL,
    removed ${small} NOT NULL${words.columns},
    UNIQUE (stream_no, key)
  );${words.tables}

  -- By what the texts of a stream were indexed, and how far that has come; null: to its end.
  CREATE TABLE tm_text_streams (
    stream_no ${int} PRIMARY KEY,
    declared ${text} NOT NULL,
    place ${text}
  )${clustered};

  -- Vectors of texts. They are made of the records, and may be made anew.
  CREATE TABLE tm_vectors (
    stream_no ${int} NOT NULL,
    key ${key} NOT NULL,
    at ${int} NOT NULL,
    removed ${small} NOT NULL,
    -- In the order of writing.
    written ${int} NOT NULL,
    -- Of the text that the vector was made of.
    digest ${text} NOT NULL,
    vector ${bytes} NOT NULL,
    UNIQUE (stream_no, key)
  );
  CREATE INDEX tm_vectors_written ON tm_vectors (stream_no, written);

  -- By what the vectors of a stream were made, how far that has come, and how far they were written.
  CREATE TABLE tm_vector_streams (
    ${no},
    stream_no ${int} NOT NULL UNIQUE,
    declared ${text} NOT NULL,
    place ${text},
    written ${int} NOT NULL DEFAULT 0
  );

  CREATE TABLE tm_consumers (
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    name ${key} NOT NULL,
    epoch ${text} NOT NULL,
    seq ${int} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (project_no, name)
  )${clustered};

  -- Of a connection, or of the one stream that is named.
  CREATE TABLE tm_schedules (
    connection_no ${int} NOT NULL REFERENCES tm_connections (no) ON DELETE CASCADE,
    stream ${key} NOT NULL,
    spec ${text} NOT NULL,
    timezone ${text} NOT NULL,
    quiet_hours ${text},
    next_at ${int} NOT NULL,
    last_at ${int},
    PRIMARY KEY (connection_no, stream)
  )${clustered};
  CREATE INDEX tm_schedules_due ON tm_schedules (next_at);

  CREATE TABLE tm_budgets (
    project_no ${int} NOT NULL REFERENCES tm_projects (no),
    scope ${key} NOT NULL,
    name ${key} NOT NULL,
    requests_max ${real},
    requests_per_ms ${int},
    cost_max ${real},
    cost_per_ms ${int},
    PRIMARY KEY (project_no, scope, name)
  )${clustered};

  -- Values that a person has set of a blend's records; those that were taken away again are null.
  CREATE TABLE tm_manual (
    stream_no ${int} NOT NULL REFERENCES tm_streams (no),
    key ${key} NOT NULL,
    field ${key} NOT NULL,
    value ${text} NOT NULL,
    at ${int} NOT NULL,
    PRIMARY KEY (stream_no, key, field)
  )${clustered};

  -- What was spent in each slot of a window; slots that have left it are deleted.
  CREATE TABLE tm_spent (
    key ${key} NOT NULL,
    slot ${int} NOT NULL,
    amount ${real} NOT NULL,
    -- Since which slot the clock has stood before this one: see spending.ts.
    behind ${int},
    PRIMARY KEY (key, slot)
  )${clustered};

  CREATE TABLE tm_buckets (
    key ${key} PRIMARY KEY,
    capacity ${real},
    per_ms ${real},
    tokens ${real},
    at ${int} NOT NULL,
    blocked_until ${real},
    blocked_since ${real},
    blocked_behind ${real},
    -- What a limit has granted within its window: see bucket.ts.
    taken ${text} NOT NULL DEFAULT '[]',
    -- Who waits for it, in their order.
    turns ${text} NOT NULL DEFAULT '[]'
  )${clustered};

  CREATE INDEX tm_changes_at ON tm_changes (at);
  CREATE INDEX tm_requests_at ON tm_requests (at);
`
}

/** The statements that make the tables of a stream. */
export function streamTables(
  { types, definition }: Dialect,
  { base, columns, metrics }: TableShape,
): readonly string[] {
  const { no, row, int, small, real, text, key, clustered } = types
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const list = (of: readonly Column[]) => of.map((column) => `${definition(column)}, `).join('')
  const identity = `_stream ${int} NOT NULL, _key ${key} NOT NULL`
  const content = `_hash ${text} NOT NULL, _order ${real} NOT NULL`
  const origin = `_run ${int}, _page ${int}`
  // The text comes last: a row is read from its beginning.
  const cells = `${list(columns)}_raw ${text} NOT NULL`
  const record = `${identity}, ${content}, _ordinal ${int} NOT NULL, _op ${small} NOT NULL, _walk ${int}, _missed_by ${int},
    _unavailable_since ${int}, _first_seen_at ${int} NOT NULL, _updated_at ${int} NOT NULL, ${origin}`
  return [
    // A record keeps its id as a tombstone and when it comes back; snapshots hang on it.
    `CREATE TABLE ${records} (_id ${no}, ${record}, ${cells})`,
    `CREATE UNIQUE INDEX "tm_rk_${base}" ON ${records} (_stream, _key)`,
    `CREATE TABLE ${tombstones}
       (_id ${int} PRIMARY KEY, ${record}, _removed_at ${int} NOT NULL, _removed_reason ${text} NOT NULL, ${cells})`,
    `CREATE UNIQUE INDEX "tm_tk_${base}" ON ${tombstones} (_stream, _key)`,
    `CREATE TABLE ${versions} (_id ${row}, ${identity}, _ordinal ${int} NOT NULL, _op ${small} NOT NULL, _at ${int} NOT NULL,
       _reason ${text}, ${origin}, ${content}, ${cells})`,
    `CREATE UNIQUE INDEX "tm_vk_${base}" ON ${versions} (_stream, _key, _ordinal)`,
    // By the record's id, not its key: ids come in the order of reading, so that a page's snapshots stand together; by
    // key each would touch a page of its own. The day stands before the run, so that a day's last value is found in the
    // order of the table.
    `CREATE TABLE ${snapshots} (_record ${int} NOT NULL, _day ${key} NOT NULL, _run ${int} NOT NULL, _at ${int} NOT NULL,
       ${list(metrics)}PRIMARY KEY (_record, _day, _run))${clustered}`,
  ]
}
