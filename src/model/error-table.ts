// Owns every error that Tidemark makes: who acts next, the exit code of a command that it ends, the HTTP status, what it
// means, and what to do where the place that throws has no better hint. docs/errors.md is generated from this table.

/**
 * Who acts next when something failed.
 *
 * - `retry`: the engine, by asking again with backoff; costs an attempt.
 * - `wait`: the engine, once the limit's time has come; costs no attempt.
 * - `pause`: a person, who must log in again; the connection stands still until then.
 * - `skip`: nobody now; the one record is set aside in quarantine and the page goes on.
 * - `stop`: a person, who must change the configuration or the connector; the run fails.
 * - `yield`: another process, which holds the lease now; this one drops what is unwritten.
 */
export type Verdict = 'retry' | 'wait' | 'pause' | 'skip' | 'stop' | 'yield'

/** What a source or a connector can ask for: only the engine knows that another process holds its lease. */
export type SourceVerdict = Exclude<Verdict, 'yield'>

/**
 * 0 done · 1 failed · 2 wrong use or configuration · 3 finished but not complete · 4 a person must act · 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/** What it means is Markdown, and says what to do where that is not clear. */
type Row = readonly [verdict: Verdict, exit: ExitCode, http: number, means: string, hint?: string]

const SHAPE_CHANGED = 'If it comes again, the source has changed its answers, or the address belongs to something else.'
const ID_HINT = 'Use letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit.'
const CREATE_DATABASE = 'Use --database to name one, or run tidemark connect to create it.'

// biome-ignore format: a table is read by its rows
export const ERROR_SECTIONS = {
  'The source': {
    network_failed: ['retry', 1, 502, 'no connection: refused, reset, no such host', 'Check the network between here and there; it is tried again.'],
    certificate_refused: ['stop', 1, 502, "the source's TLS certificate is not valid; a proxy may have put its own in place", 'If it is a private authority, name its certificate in NODE_EXTRA_CA_CERTS.'],
    timed_out: ['retry', 1, 504, 'no complete answer within 30 s', 'The service is slow or unreachable; asking for smaller pages can help.'],
    body_incomplete: ['retry', 1, 502, 'the connection ended in the middle of an answer', 'It was cut or damaged on its way.'],
    body_too_large: ['stop', 1, 502, 'an answer above 64 MiB, decompressed', 'Ask for smaller pages, if the service can give them.'],
    body_not_text: ['retry', 1, 502, 'an answer that is not UTF-8', 'It was damaged on its way, or the base URL points to a file instead of the API.'],
    empty_body: ['retry', 1, 502, 'success without a body where one is due', 'An empty answer is not an empty list; if it stays like this, check the base URL.'],
    unexpected_html: ['retry', 1, 502, 'a web page instead of data (also with 403): a proxy, a firewall, a login page of the network, a wrong `baseUrl`', 'A proxy, a login page of the network, or a base URL that points to the website instead of the API.'],
    unexpected_status: ['retry', 1, 502, 'success of a kind that was not asked for: a part (206), no content (204), a report (207); a page is 200 or 203', 'A cache or a proxy can do this. If the status is an answer, the connector has to accept it.'],
    not_ready: ['retry', 1, 503, 'the source is still making its answer (202); with `Retry-After`, Tidemark waits'],
    invalid_json: ['retry', 1, 502, 'half a document, or none', 'Check that the base URL points to the API.'],
    json_too_deep: ['stop', 1, 502, 'nesting beyond 512 levels', 'No known service answers like this; check that the base URL points to the service itself.'],
    unexpected_shape: ['retry', 1, 502, 'the answer lacks its list; that is never taken for an empty one', SHAPE_CHANGED],
    server_error: ['retry', 1, 502, 'the source failed (408, 425, 5xx without `Retry-After`)'],
    rate_limited: ['wait', 1, 429, 'a limit is spent (429, 5xx with `Retry-After`, a 403 that says so); what ends within 60 s is waited for, else the run ends incomplete. A wait of more than 7 days, or of more than 24 h that an answer without a refusal asks for, is [not believed](operating.md)'],
    clock_skewed: ['retry', 1, 502, "the source refuses our time; Tidemark learns the source's and asks again"],
    token_expired: ['pause', 4, 409, 'the access token ran out; it is renewed at once'],
    token_rejected: ['pause', 4, 409, 'the source refuses the credentials: connect again with new ones'],
    login_expired: ['pause', 4, 409, 'renewing is refused, too: a person must authorise again'],
    forbidden: ['stop', 1, 502, 'the credentials may not read this (403); they are good for other things, and nothing is paused'],
    access_blocked: ['stop', 1, 502, 'the source withholds this one thing from everybody (451, a blocked repository); everything else is read', 'Nothing can be done here; everything else is still read.'],
    scope_missing: ['stop', 1, 502, 'the app lacks a permission'],
    usage_spent: ['stop', 1, 502, 'the vendor starts no paid run any more: the credit or the limit of its plan is used up', 'Raise the limit, or wait for the next billing period: console.apify.com, Billing.'],
    rows_missing: ['retry', 1, 502, 'the vendor shows fewer rows of a run that was paid for than it says there are: they are read again, now and by the next sync, and no other run is started for them', 'Reading rows again costs nothing: the next sync reads those of the same run.'],
    other_account: ['stop', 1, 502, 'every row that an actor of Apify has given is of another profile than the one that was asked for; nothing of it is stored'],
    demo_rows: ['stop', 1, 502, 'an actor of Apify has given rows without content, because it does not serve the free plan; they are never taken for an empty listing'],
    no_results: ['stop', 1, 502, 'an actor of Apify says that it has found nothing: the profile is private, renamed or gone, or the actor is broken; that is never taken for an empty listing'],
    sheet_empty: ['stop', 1, 502, 'a tab of a spreadsheet has no content, not even headers; that is never taken for a sheet without rows'],
    sheet_tab_missing: ['stop', 1, 502, 'the spreadsheet has no tab of this name, which was renamed or deleted, or the tab is a chart, which has no rows. What is stored of it stays'],
    sheet_key_missing: ['stop', 1, 502, 'the tab has no column with the header that `keyColumn` names: it was renamed or deleted. What is stored of it stays'],
    sheet_key_ambiguous: ['stop', 1, 502, 'several columns of the tab have the header that `keyColumn` names; nothing is read before a person has renamed all but one'],
    rows_unknown: ['stop', 2, 502, 'an actor of Apify gives rows of a form that the connector does not know: leave the option `actor` out'],
    signature_refused: ['stop', 2, 502, 'key or secret of the app are wrong'],
    shop_mismatch: ['stop', 2, 502, 'the token belongs to another shop'],
    address_not_allowed: ['stop', 2, 502, 'the source has a list of addresses, and this one is not on it'],
    not_found: ['stop', 2, 502, 'there is no such thing at the source: check the options', 'Check the base URL and the names in the options of the connection.'],
    connector_stuck: ['stop', 1, 500, '`read`, `total`, `witness`, `byKey` or `renew` of a connector went on for 10 minutes (`check`: 30 s) without a request under way', 'It awaits something that never comes: a promise that nobody resolves, or a service that it does not ask through http.'],
    request_refused: ['stop', 1, 502, 'the source rejected the request as invalid', 'Check the options of the connection; if they are right, the connector asks wrongly.'],
    page_loop: ['stop', 1, 502, 'the listing shows the same page again and again, or does not end: pages are turned wrongly, or records arrive faster than pages are read; what was read is kept, the rest is a gap', 'What was read is kept, the rest is a gap. Either the connector (or the source) turns pages wrongly, or records arrive faster than pages are read: then a later sync, or larger pages, get ahead.'],
    redirect_loop: ['stop', 1, 502, 'more than three redirects', 'Check the base URL; a missing or doubled slash or http instead of https can do this.'],
    redirect_refused: ['stop', 1, 502, "a redirect to a host that is not the service's, or of a request with a body to another origin", 'A login page of the network does this, and a base URL that is out of date.'],
    url_refused: ['stop', 2, 502, 'an address outside of the service, or one with a login in it', 'Credentials go only to the base URL and to hosts that the connector allows.'],
    header_refused: ['stop', 2, 400, "a header that can't be sent, such as a token with a line break", 'A token has a line break, or a character that headers cannot carry: enter it again.'],
    address_refused: ['stop', 2, 400, 'a private or local address; `allowPrivateNetwork` allows it for a connection. Nothing was sent, and it counts as no request'],
  },
  Records: {
    record_invalid: ['skip', 1, 422, "a field is missing or of another type, the connector's own code threw over the row, the key has more than 2,600 bytes, or the database can't hold one of its values; the row is in `quarantine`"],
    record_without_key: ['skip', 1, 422, "the row has no key: what the connector's `key` returned is neither text nor a whole number below 2^53, or it spells a value that is not there (`null/x`); the row is in `quarantine`"],
  },
  Uploads: {
    section_missing: ['stop', 3, 422, 'the file has nothing to say of the stream: a part of the export was not asked for; nothing was changed', 'Ask the service for an export with this part, and upload that.'],
    upload_unreadable: ['stop', 1, 422, 'the file is not what the stream reads, is damaged, cut short, encrypted, or not UTF-8; nothing was changed', 'Upload the file as the service gave it.'],
    upload_too_large: ['stop', 1, 413, 'the file, what a ZIP unpacks to, or one row is above a [limit](operating.md#uploads); nothing was changed', 'Upload the file that holds only this stream.'],
    upload_unsupported: ['stop', 2, 400, 'the stream reads no files: `tidemark connectors <name>` shows which do'],
    image_unknown: ['stop', 2, 404, 'the record holds no address of a picture, in this column or in any'],
    image_refused: ['stop', 1, 502, 'the address of a picture gives none: another status than 200, or no JPEG, PNG, GIF, WebP or AVIF'],
    images_busy: ['wait', 1, 429, 'as many pictures as the server fetches at a time are under way, and others wait already', 'Ask again in a moment.'],
    file_missing: ['stop', 2, 404, "there is no file of this name, or it can't be read", 'Check the path and its permissions.'],
  },
  Runs: {
    run_active: ['wait', 1, 409, 'another process syncs this connection: wait, or cancel its run'],
    run_interrupted: ['retry', 1, 409, 'the process ended before its run did; the next one went on from there', 'Nothing is lost: the next run goes on from the last checkpoint.'],
    lease_lost: ['yield', 1, 409, 'another process has taken over; nothing is lost', 'Nothing is lost: what was stored is kept, and the other run goes on from there.'],
    cancelled: ['stop', 130, 409, 'somebody stopped it; what was read is kept'],
    requests_spent: ['stop', 1, 409, '`--max-requests` is used up by all runs of the sync together; the rest is a gap'],
    cost_spent: ['stop', 1, 409, '`--max-cost` is used up by all runs of the sync together; the rest is a gap'],
    job_failed: ['wait', 1, 502, "an upstream run that costs money failed, was aborted or ran out of time; what it has delivered is stored and proves nothing, and the next sync starts another one", 'Its log is with the vendor. What it has delivered is stored; the next sync starts another one.'],
    job_unfinished: ['wait', 1, 504, 'an upstream run that costs money has not ended within 15 minutes; the next sync goes on waiting for it, and starts no other', 'It is not started again: the next sync goes on waiting for it.'],
    budget_spent: ['stop', 1, 409, 'a budget of the connection, or of its connector, is used up; see `tidemark budget`'],
    state_newer: ['stop', 1, 409, 'a newer Tidemark, or a newer version of the connector, has written what is kept of the stream', 'Update Tidemark or the connector; nothing was touched.'],
    store_contended: ['retry', 1, 409, 'other writers kept changing the same records', 'Another writer is changing the same records; run it again.'],
    renewal_busy: ['retry', 1, 409, 'another process has been renewing the credentials for more than 30 s', 'Look for a process that hangs; the sync goes on by itself when it is gone.'],
    connection_paused: ['pause', 4, 409, 'the connection is paused until somebody logs in again or resumes it'],
    closed: ['stop', 1, 500, 'a program went on with a `Tidemark`, or with what it gave, after `close()`: open it anew with `openTidemark`', 'Close when all is done, and await what was begun; to go on, open anew with openTidemark.'],
    process_ended: ['stop', 1, 500, 'code of a configuration or a connector has ended the process before the command was done; what was stored is kept'],
    error_unhandled: ['stop', 1, 500, 'a timer, an event or a promise that nothing awaits failed in code of a connector, of the configuration or of Tidemark; what was stored is kept', 'Look at the place: code has to await every promise, and to handle what its timers and events throw. If it is of Tidemark, please report it.'],
    unexpected: ['stop', 1, 500, 'a bug in Tidemark or in a connector; please report it', 'This is a bug in Tidemark; please report it.'],
  },
  Results: {
    sql_timeout: ['stop', 1, 504, 'the database worked on the statement of `tidemark sql` for longer than 30 s (`--timeout`)', 'Ask for less, or open the database with a tool of your own.'],
    sql_row_too_large: ['stop', 1, 413, 'a row of the answer has more than 80 Mi characters; the rows before it were printed', 'Ask for fewer columns, or for a part of what is long: substr(column, 1, 1000).'],
    output_failed: ['stop', 1, 500, 'the result could not be written; a file that was there is as it was'],
    feed_reset: ['stop', 1, 410, "the reader's cursor is of another feed: the database was restored, made anew, or a connection deleted; begin anew ([history.md](history.md#the-change-feed))"],
    feed_pruned: ['stop', 1, 410, 'the reader was away for longer than changes are kept (90 days); begin anew'],
  },
  'Use and configuration': {
    command_missing: ['stop', 2, 400, 'no command was given: see `tidemark --help`', 'See: tidemark --help'],
    command_unknown: ['stop', 2, 404, 'no such command: see `tidemark --help`'],
    argument_missing: ['stop', 2, 400, 'an argument of a command is missing'],
    argument_unexpected: ['stop', 2, 400, 'an argument too many'],
    argument_invalid: ['stop', 2, 400, 'an argument of a command, or of a call of the library, is malformed'],
    node_unsupported: ['stop', 2, 500, 'the library was imported by a Node older than 22.18: install a newer one', 'Node 24 is the version with long-term support.'],
    option_unknown: ['stop', 2, 400, 'an option of the command line, or of a call of the library, that does not exist'],
    option_missing: ['stop', 2, 400, 'an option that is needed'],
    option_invalid: ['stop', 2, 400, 'an option has a wrong value'],
    option_conflict: ['stop', 2, 400, "options that don't go together"],
    options_unknown: ['stop', 2, 400, 'the connector has no such option: `tidemark connectors <name>`'],
    options_invalid: ['stop', 2, 400, 'an option of the connector is missing or wrong: `tidemark connectors <name>`. Also an address with a user name or password in it, where the option is stored and shown as it is, and a query or fragment in `baseUrl`'],
    connector_invalid: ['stop', 2, 400, "a connector of your own can't work as it is declared: the message names the connector, the stream and the part"],
    connector_unknown: ['stop', 2, 404, 'no such connector; one of your own is known where its `tidemark.config.ts` is'],
    connection_unknown: ['stop', 2, 404, 'no such connection in the project'],
    stream_unknown: ['stop', 2, 404, 'the connection has no such stream'],
    run_unknown: ['stop', 2, 404, 'no such run in the project', 'List runs with: tidemark runs'],
    catalog_unknown: ['stop', 2, 404, 'the connection has no such catalog, or not any more'],
    record_unknown: ['stop', 2, 404, 'the stream has never had a record with this key'],
    removals_unknown: ['stop', 2, 404, 'the run holds no removals, and has none that can be undone'],
    column_unknown: ['stop', 2, 404, 'the stream has no such column'],
    table_unknown: ['stop', 2, 404, 'no such table in the project'],
    budget_unknown: ['stop', 2, 404, 'neither a connection nor a connector has this name'],
    metric_unknown: ['stop', 2, 404, 'the stream keeps no snapshots of such a column'],
    consumer_unknown: ['stop', 2, 404, 'no reader of the feed is remembered by this name'],
    consumer_invalid: ['stop', 2, 400, 'not a name for a reader of the feed', ID_HINT],
    cursor_invalid: ['stop', 2, 400, 'not a cursor of the change feed, or one beyond its end'],
    moment_invalid: ['stop', 2, 400, 'not a time, or one in the future: a `Date`, milliseconds since 1970, or text such as `2026-10-01`'],
    retention_invalid: ['stop', 2, 400, '`openTidemark({ retention })` takes durations such as `90d`, or `forever`', 'Write a number and a unit, such as 12h or 90d, or forever.'],
    connection_conflict: ['stop', 2, 409, 'the id belongs to a connection of another connector', 'Choose another id: what is stored under this one stays what it is.'],
    project_unknown: ['stop', 2, 404, 'a command that looks was given a project that does not exist; the hint lists those that do', 'Create it with `tidemark projects create`, or by connecting something into it.'],
    project_exists: ['stop', 2, 409, "the project has another time zone, which can't be changed", 'The days of stored snapshots cannot be moved: choose another id.'],
    config_missing: ['stop', 2, 400, '`--config` names a file that does not exist', 'Correct --config, or leave it out: tidemark.config.ts in the current folder is found by itself.'],
    config_invalid: ['stop', 2, 400, 'something is wrong with `tidemark.config.ts` or `.env`; the message has the line'],
    confirmation_missing: ['stop', 2, 400, 'something would be deleted for good, and nobody confirmed it: nothing was deleted', 'Nothing was deleted. Add --yes to go on without being asked.'],
    file_exists: ['stop', 2, 409, '`tidemark new` replaces nothing: another name, another folder', 'Choose another name, or another --folder.'],
    id_invalid: ['stop', 2, 400, 'ids are letters, digits, dots, dashes and underscores, 100 at most', ID_HINT],
    secret_missing: ['stop', 2, 400, 'the variable or the input that should hold a secret is empty'],
    secret_invalid: ['stop', 2, 400, 'the input that should hold a secret is too long'],
    schedule_invalid: ['stop', 2, 400, 'not `every 15m`, `cron` with five fields, `adaptive` or `off`; too short an interval; a day that never comes'],
    timezone_invalid: ['stop', 2, 400, 'no time zone of this name: IANA names, such as `Europe/Berlin`'],
    quiet_hours_invalid: ['stop', 2, 400, 'quiet hours are two times of a day, such as `08:00-20:00`', 'Write from when to when, such as 08:00-20:00, or 22:00-06:00 over midnight.'],
    where_unknown: ['stop', 2, 400, "the source can't filter by this field or value"],
    promises_broken: ['stop', 1, 422, '`testConnector` found promises of the connector broken; the message lists each', 'Each check is explained in docs/testing-connectors.md.'],
    source_invalid: ['stop', 2, 400, '`testConnector` asks servers on this machine and recordings of the same connector only'],
    recording_invalid: ['stop', 2, 400, 'the folder is no recording: make one with `tidemark connect … --record <folder>`', 'Make one with: tidemark connect <connector> --id <id> --record <folder>'],
    range_unsupported: ['stop', 2, 400, "the stream can't be read by time; `--mode full` reads all of it again, whatever its passes are", 'Use mode full to read all of it again.'],
    refresh_unsupported: ['stop', 2, 400, 'no pass of the stream reads known records again by key', 'A plain sync reads what is new; mode full lists everything again.'],
    sql_refused: ['stop', 2, 400, '`tidemark sql` only selects, and names tables without a schema, which no alias may be called', 'One SELECT over the tables of your project: each stream is one, and so are runs, gaps, changes and streams.'],
    sql_failed: ['stop', 2, 400, 'the database refused the statement'],
    worker_unsupported: ['stop', 2, 400, 'a worker alone works on PostgreSQL; on a file, `tidemark serve` does both'],
    port_busy: ['stop', 2, 500, 'another program listens on the port'],
    port_refused: ['stop', 2, 500, 'this user may not open the port', 'Choose a port above 1023.'],
    host_invalid: ['stop', 2, 500, 'no address of this machine', 'Use 127.0.0.1 for this machine alone, or 0.0.0.0 for every address that it has.'],
    host_refused: ['stop', 1, 421, 'the server was asked under a name that is not its own', 'Call it by the address it was started with: tidemark serve --host <name or address>'],
    token_missing: ['stop', 2, 401, 'a call of the server without a token', 'Send a token: Authorization: Bearer <token>. Create one with: tidemark token create --scopes read'],
    token_refused: ['stop', 2, 401, 'a call of the server with a token that is not in force: it was revoked, ran out, or never was one', 'Create one with: tidemark token create --scopes read'],
    scope_refused: ['stop', 2, 403, 'a call of the server with a token that may not do this', 'Create one that may: tidemark token create --scopes <scopes>'],
    calls_refused: ['wait', 1, 429, 'too many calls of the server with wrong tokens, from one address', 'Wait a minute, and check the token.'],
    origin_refused: ['stop', 2, 403, 'a page of another site called the server in the name of a person', 'Open the page from this server itself; a program sends a token, or the header X-Requested-With with its cookie.'],
    method_refused: ['stop', 1, 405, 'what is at this path takes other methods'],
    tool_unknown: ['stop', 2, 404, 'an agent called a tool that is not there'],
    server_starting: ['retry', 1, 503, 'a call of the server while it opens its database', 'Ask again in a second.'],
    webhook_unknown: ['stop', 2, 404, 'nothing takes webhooks at this address (there is no such connection, its secret is another one, or its connector takes none); or the project sends no webhook with this id', 'The address of a connection is its webhookUrl: tidemark connections --json'],
    subscription_unknown: ['stop', 2, 404, 'no browser of the project shows notifications under this id: it was turned off, its token was revoked, or its push service does not know it any more', 'Turn notifications on again in that browser: Settings, Notifications.'],
    webhook_refused: ['stop', 2, 401, 'a webhook that does not come from the service: its signature is not the one that is due, or is too old', 'Check the secret that it is signed with: that of the service, in the options of the connection.'],
    webhook_too_large: ['stop', 2, 413, 'a webhook with a body of more than 256 KiB, or of more than 1 MiB once it is unpacked'],
    order_unknown: ['stop', 2, 404, 'nothing with this id was ordered in the project: of what has ended, the last thousand are kept', 'The runs themselves are in the list of runs: GET /api/runs'],
    orders_full: ['wait', 1, 429, 'a hundred runs of one connection are ordered and wait for it', 'Wait until some of them have ended.'],
    order_ended: ['retry', 1, 409, 'another run has done what was ordered meanwhile'],
    batch_unknown: ['stop', 2, 404, 'the project has no batch of runs with this id: the last thousand are kept', 'The runs themselves are in the list of runs: GET /api/runs'],
    blend_invalid: ['stop', 2, 400, 'the definition of a blend can\'t be read, or a rule does not fit its field'],
    blend_circular: ['stop', 2, 409, 'a blend would be made of itself, by way of other blends perhaps', 'Take one of the streams away from which the circle is made.'],
    blend_unknown: ['stop', 2, 404, 'the project has no blend with this name', 'List them with: tidemark blend'],
    token_unknown: ['stop', 2, 404, 'the project has no token with this id in force', 'List them with: tidemark token list'],
    body_invalid: ['stop', 2, 400, 'the body of a call is no JSON object, or more than 1 MiB', 'Send a JSON object, with content-type: application/json.'],
    key_in_use: ['wait', 1, 409, 'the call that an Idempotency-Key came with is under way, on another server', 'Send the call again in a minute, with the same key. Of a server that is gone for good, an hour after its beginning the call is carried out by whichever gets it then.'],
    keys_full: ['wait', 1, 429, 'fifty thousand Idempotency-Keys of one token are kept; each is for a day', 'Send the call without a key, or later.'],
    answer_not_kept: ['stop', 1, 409, 'a call came again with its Idempotency-Key: it is done, but its answer was longer than 64 KiB', 'Ask for what it has made.'],
    statements_busy: ['wait', 1, 429, 'four statements of SQL run at a time over HTTP, and 32 wait for 10 s at most', 'Send it again in a few seconds, or make the statements shorter.'],
    key_reused: ['stop', 2, 422, 'an Idempotency-Key came with another call than the one that it was sent with first', 'Use a new key for each call.'],
    route_unknown: ['stop', 1, 404, 'the server has nothing at this path', 'GET / shows the status, GET /healthz whether the server is up.'],
    demo_database_exists: ['stop', 2, 409, 'the demo fills a database of its own, and this file exists', 'Name a file that does not exist, or leave --database out.'],
    shape_conflict: ['stop', 2, 409, 'a column changed its type; or a name is one that PostgreSQL would cut (a column longer than 63 bytes, a table longer than 53), which SQLite refuses too'],
    name_taken: ['stop', 2, 409, "a table name is taken; or two connectors have one name, a built-in one's, say: give your own another"],
  },
  'The key': {
    key_missing: ['stop', 2, 500, 'the database has sealed secrets, and no key was found: set `TIDEMARK_KEY` or `TIDEMARK_KEY_FILE`; if it is lost, `tidemark keys reset`', 'Bring the key back (TIDEMARK_KEY or TIDEMARK_KEY_FILE); a new one could not open them. If it is lost, forget those secrets: tidemark keys reset'],
    key_wrong: ['stop', 2, 500, 'the key is not the one that encrypted the secrets'],
    key_invalid: ['stop', 2, 400, 'a key is 32 bytes, written in base64', 'Make one with: head -c 32 /dev/urandom | base64'],
    key_exposed: ['stop', 2, 500, '(a warning, and what `tidemark doctor` finds) others may read the key file, which is used all the same: `chmod 600`'],
    key_new_missing: ['stop', 2, 400, 'the key comes from `TIDEMARK_KEY`, and `TIDEMARK_KEY_NEW` does not name the one that is to follow'],
    rotation_active: ['wait', 1, 409, 'another process rotates the keys of this database: wait for it', 'Wait until it is done; asking again then changes nothing that it has done.'],
    key_unreadable: ['stop', 2, 500, "the key file can't be read", 'Run as the user who owns it.'],
    key_unwritable: ['stop', 2, 500, "the key file can't be made", 'Set TIDEMARK_KEY (32 bytes, base64) instead, for example from: head -c 32 /dev/urandom | base64'],
    secret_unreadable: ['stop', 2, 500, 'a sealed secret was changed, or belongs to another row: connect again', 'Set it again with: tidemark connect'],
  },
  'The database': {
    database_newer: ['stop', 2, 500, 'a newer Tidemark wrote it: update', 'Update Tidemark, or name another database. Nothing was touched.'],
    database_outdated: ['stop', 2, 500, 'an older file, opened for reading only: open it once with a command that writes', 'Open it once for writing (any command that is not read-only); it is brought up to date then.'],
    database_missing: ['stop', 2, 404, "a command that only reads, or `tidemark restore`, was given a file that does not exist, or a server's database that has no mirror", CREATE_DATABASE],
    database_exists: ['stop', 2, 409, '`tidemark restore` replaces a database with `--force` only, and keeps the old one aside', 'Name another with --database, or replace it with --force (it is kept aside), or only try: --drill'],
    database_in_use: ['stop', 1, 409, 'a program has the database open that is to be replaced: end it', 'End tidemark serve, syncs and every other program that has it open, then try again.'],
    database_not_empty: ['stop', 2, 409, '`tidemark migrate` fills an empty database, and this one has something in it', 'Name an empty database, or another schema of it: postgres://…?schema=name. Nothing was touched.'],
    migration_unfinished: ['stop', 1, 409, 'a migration into this database was interrupted: finish it, or begin anew in another one', 'Finish it: run the same tidemark migrate again; it goes on where it stopped. The database that it came from is as it was.'],
    migration_differs: ['stop', 1, 500, 'what was copied is not what the other database holds; the copy is not used', 'The database that was copied is as it was: keep it. Name another empty one, and try again.'],
    backup_exists: ['stop', 2, 409, "the copy's name is taken: another one, or `--force`", 'Choose another name, or replace it with --force.'],
    backup_differs: ['stop', 1, 500, 'the copy does not hold what was copied, and was thrown away: look at the disk', 'Nothing was written. Look at the disk with: tidemark doctor --deep'],
    file_unsupported: ['stop', 2, 400, 'backup and restore work on a file, and for PostgreSQL `pg_dump` and `pg_restore` do; `sql` on a file or a server, not in memory', 'Name a file with --database.'],
    database_unreadable: ['stop', 2, 500, "the file is no database, or another program's", 'Name another file with --database; this one was not touched.'],
    database_forbidden: ['stop', 2, 500, 'this user may not read the file, its -wal or their folder; or a copy of them, which a read-only folder may need, found no room', 'You need read access to the file and to the -wal beside it, and access to their folder: ask their owner, or copy all of them.'],
    database_unwritable: ['stop', 2, 500, 'permissions, or the folder does not exist'],
    database_replaced: ['stop', 1, 500, "the file was deleted, moved, replaced or cut off while it was open, or its `-wal` was deleted, emptied or overwritten; or the schema's tables were dropped or made anew; what the run wrote is not in the database that stands there now. Replace a database only while nothing has it open, then sync again"],
    database_busy: ['retry', 1, 503, 'another program keeps a transaction open, or the server has no connection left'],
    database_damaged: ['stop', 1, 500, "restore a backup: the file is broken, or another program has dropped tables or deleted rows of Tidemark's own"],
    database_io: ['stop', 1, 500, 'the disk failed: check it, or restore a backup'],
    database_url_invalid: ['stop', 2, 400, "the URL of a PostgreSQL database can't be read, has an unknown parameter, or names an impossible schema; or the database is named by a URL of another kind", 'Write postgres://user:password@host:5432/database, a schema as ?schema=name in lower-case letters.'],
    database_refused: ['stop', 2, 500, 'the server refuses user, password or host', 'Check user, password and database in the URL, and pg_hba.conf on the server.'],
    database_unreachable: ['retry', 1, 503, 'no server answers, or the connection was lost; nothing was half written', 'Check that the server runs and takes connections; nothing was half written, and the next run goes on.'],
    database_limit: ['stop', 1, 422, "the database can't hold a value, such as a text of 1 GB, or so many columns; a record with such a value is set aside alone"],
    jobs_unavailable: ['stop', 2, 500, "the server's job queue, which `tidemark serve` and `tidemark worker` share, can't be made or is another version's"],
    database_unsupported: ['stop', 2, 500, "the server's database has an encoding other than UTF-8", 'Make one that can hold every text: createdb --encoding UTF8 --template template0'],
    disk_full: ['stop', 1, 507, 'free some space; the database is as it was', 'Free some space; nothing was half written, and the next run goes on where this one stopped.'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Row>>>>

type Sections = typeof ERROR_SECTIONS

/** The code of an error that Tidemark makes. */
export type ErrorCode = { [S in keyof Sections]: keyof Sections[S] }[keyof Sections]

export interface ErrorMeaning {
  readonly section: keyof Sections | undefined
  readonly verdict: Verdict
  readonly exit: ExitCode
  readonly http: number
  readonly means: string
  readonly hint: string | undefined
}

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(ERROR_SECTIONS).flatMap(([name, rows]) =>
    Object.entries<Row>(rows).map(([code, [verdict, exit, http, means, hint]]) => [
      code,
      { section: name as keyof Sections, verdict, exit, http, means, hint },
    ]),
  ),
)

/** Of a code that a connector made, or a newer Tidemark, nothing is known but what it came with. */
const STRANGE: ErrorMeaning = { section: undefined, verdict: 'stop', exit: 1, http: 500, means: '', hint: undefined }

/** What a code means, also one that was read from the database or made by a connector. */
export function meaningOfCode(code: string): ErrorMeaning {
  return MEANINGS.get(code) ?? STRANGE
}
