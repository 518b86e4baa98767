// Owns the address of a PostgreSQL database: what a URL says, and the name that messages may show of it.

import { TidemarkError } from '../../model/errors.ts'

export interface Address {
  /** The URL as the driver takes it: without what is ours. Holds the password; never shown. */
  readonly url: string
  /** In which schema the tables stand. */
  readonly schema: string
  /** Host, database and schema; nothing that has to be kept secret. */
  readonly name: string
}

const SCHEMA = 'public'
/** An identifier that needs no quoting, and no longer than PostgreSQL takes it. */
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/

/** Whether a database is named by a URL of PostgreSQL, not by a file. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(?:ql)?:/i.test(database)
}

/**
 * Reads `postgres://user:password@host:port/database?schema=name&sslmode=…`. What is not `schema` is the driver's
 * business, so that everything works that libpq's parameters say.
 *
 * @throws TidemarkError database_url_invalid
 */
export function addressOf(database: string): Address {
  if (!URL.canParse(database)) throw invalid('can’t be read as a URL')
  const url = new URL(database)
  const schema = url.searchParams.get('schema') ?? SCHEMA
  if (!IDENTIFIER.test(schema) || schema.startsWith('pg_')) throw invalid(`can’t have the schema "${schema}"`)
  url.searchParams.delete('schema')
  const { searchParams, hostname, port, pathname } = url
  const host = searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost')
  const at = port || searchParams.get('port')
  const path = decodeURIComponent(pathname.slice(1)) || searchParams.get('dbname') || decodeURIComponent(url.username)
  const name = `postgres://${host}${at ? `:${at}` : ''}/${path}${schema === SCHEMA ? '' : `?schema=${schema}`}`
  return { url: url.href, schema, name }
}

/** Says nothing of the URL: what can't be read may hold a password anywhere. */
function invalid(why: string): TidemarkError {
  return new TidemarkError('database_url_invalid', `The URL of the database ${why}.`, {
    hint: 'Write postgres://user:password@host:5432/database, a schema as ?schema=name in lower-case letters.',
  })
}
