// Owns the second wall between projects: row-level security. Whoever says in a session which project is meant, by the
// setting `tidemark.project`, sees the rows of that one alone, by whatever statement. The owner of the tables, as which
// Tidemark writes, sees all; a session that names no project sees what its role may.

/**
 * Of which project a row is, told by the first of these columns that it has; others hang on those. The tables of streams have
 * `_stream`, and beside it columns that a connector named as it liked.
 */
const OWNED_BY = {
  _stream: '_stream IN (SELECT no FROM tm_streams)',
  project_no: 'project_no IN (SELECT no FROM tm_projects)',
  connection_no: 'connection_no IN (SELECT no FROM tm_connections)',
  stream_no: 'stream_no IN (SELECT no FROM tm_streams)',
  run_no: 'run_no IN (SELECT no FROM tm_runs)',
  token_id: 'token_id IN (SELECT id FROM tm_tokens)',
  webhook_no: 'webhook_no IN (SELECT no FROM tm_webhooks)',
  batch_id: 'batch_id IN (SELECT id FROM tm_batches)',
} as const

const MEANT = `coalesce(current_setting('tidemark.project', true), '')`

/** A row of the tables that others hang on; what belongs to no project is nobody's who names one, but the names of tables. */
const CASES = [
  `WHEN t.relname = 'tm_projects' THEN 'id = ' || meant`,
  `WHEN t.relname = 'tm_streams' THEN 'project = ' || meant`,
  `WHEN t.relname = 'tm_tables' THEN 'true'`,
  `WHEN t.relname LIKE 'tm\\_s\\_%' THEN format('_record IN (SELECT _id FROM %I UNION ALL SELECT _id FROM %I)',
    'tm_r_' || substr(t.relname, 6), 'tm_t_' || substr(t.relname, 6))`,
  ...Object.entries(OWNED_BY).map(([column, owned]) => `WHEN '${column}' = ANY(t.columns) THEN '${owned}'`),
]

/** Puts every table behind the wall that is not yet. Views ask as whoever reads them, from PostgreSQL 15 on. */
export const WALL = `DO $wall$
  DECLARE t record; meant text := $meant$${MEANT}$meant$;
  BEGIN
    FOR t IN SELECT c.relname, array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
      FROM pg_class c WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r'
        AND c.relname LIKE 'tm\\_%' AND c.relname NOT IN ('tm_schema', 'tm_move') AND NOT c.relrowsecurity
    LOOP
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.relname);
      EXECUTE format('CREATE POLICY tm_project ON %I USING (%s = %L OR %s)', t.relname, meant, '',
        CASE ${CASES.join('\n          ')} ELSE 'false' END);
    END LOOP;
    IF current_setting('server_version_num')::int < 150000 THEN RETURN; END IF;
    FOR t IN SELECT v.relname FROM tm_tables o JOIN pg_class v ON v.relnamespace = to_regnamespace(current_schema())
        AND v.relkind = 'v' AND v.relname IN (o.base, o.base || '_all', o.base || '_versions', o.base || '_snapshots', o.base || '_daily')
      WHERE v.reloptions IS NULL
    LOOP
      EXECUTE format('ALTER VIEW %I SET (security_invoker = true)', t.relname);
    END LOOP;
  END $wall$`
