// Owns what a connection to PostgreSQL is told before anything else: where the tables are, how plans are made, and how long
// anything may take.

import type pg from 'pg'

/** How long a statement waits for another session's lock, and how long it may take at all, in milliseconds. */
const LOCK_MS = 5_000
export const STATEMENT_MS = 120_000
/** When a process stands still in the middle of a transaction, the server takes its locks away after this time. */
const IDLE_MS = 15_000

export type Settings = Readonly<Record<string, string>>

/**
 * What every connection is told first. Plans are made for the values at hand: one that was made while a table was empty
 * would read all of it for every page of a first sync. `schema` is an identifier that needs no quoting.
 */
export function settingsIn(schema: string): Settings {
  return {
    search_path: schema,
    default_transaction_isolation: 'read committed',
    plan_cache_mode: 'force_custom_plan',
    // Few rows by their keys are what is asked for, and an index has them in order: without sorting a whole stream.
    random_page_cost: '1.1',
    enable_bitmapscan: 'off',
    jit: 'off',
    TimeZone: 'UTC',
    client_min_messages: 'warning',
    standard_conforming_strings: 'on',
    bytea_output: 'hex',
    lock_timeout: String(LOCK_MS),
    statement_timeout: String(STATEMENT_MS),
    idle_in_transaction_session_timeout: String(IDLE_MS),
  }
}

export async function settle(client: pg.ClientBase, settings: Settings): Promise<void> {
  const calls = Object.keys(settings).map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`)
  await client.query(`SELECT ${calls.join(', ')}`, Object.entries(settings).flat())
}
