// Owns the address of a PostgreSQL database: what a URL says, and the name that messages may show of it.

import { TidemarkError } from '../../model/errors.ts'
import { didYouMean } from '../../model/near-miss.ts'

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

/** Parameters that the driver takes from a URL, and those that URLs of hosted databases are often given with. */
const DRIVER_PARAMETERS = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'database',
  'ssl',
  'sslmode',
  'sslnegotiation',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'uselibpqcompat',
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'options',
  'connect_timeout',
  'keepalives',
  'lock_timeout',
  'statement_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
  'channel_binding',
  'gssencmode',
  'target_session_attrs',
] as const
const PARAMETERS: readonly string[] = ['schema', ...DRIVER_PARAMETERS]

/** Whether a database is named by a URL of PostgreSQL, not by a file. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(?:ql)?:/i.test(database)
}

/**
 * Reads `postgres://user:password@host:port/database?schema=name&sslmode=…`. What is not `schema` goes to the
 * driver. A parameter that nobody knows is refused: misspelt, it would be ignored, and the mirror made elsewhere.
 *
 * @throws TidemarkError database_url_invalid
 */
export function addressOf(database: string): Address {
  if (!URL.canParse(database)) throw invalid('can’t be read as a URL')
  const url = new URL(database)
  for (const name of new Set(url.searchParams.keys())) if (!PARAMETERS.includes(name)) throw unknownParameter(name)
  if (url.searchParams.getAll('schema').length > 1) throw invalid('names more than one schema')
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

/** A name that looks like none may be a piece of a password that was not percent-encoded, and is not shown. */
function unknownParameter(name: string): TidemarkError {
  const shown = /^[a-z_]{1,40}$/i.test(name) && didYouMean(name, PARAMETERS) !== '' ? ` "${name}"` : ''
  return new TidemarkError('database_url_invalid', `The URL of the database has an unknown parameter${shown}.`, {
    hint: `${didYouMean(name, PARAMETERS)}Known are ${PARAMETERS.join(', ')}.`,
  })
}

/** Says nothing of the URL: what can't be read may hold a password anywhere. */
function invalid(why: string): TidemarkError {
  return new TidemarkError('database_url_invalid', `The URL of the database ${why}.`)
}
