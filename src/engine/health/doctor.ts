// Owns what the doctor says: facts about this machine, the database and its keys in, one judgement per check out. Pure;
// the facts are gathered elsewhere.

import { durationText } from '../../model/duration.ts'
import type { ErrorReport } from '../../model/errors.ts'
import { connectCommand, type LoginOption } from '../runs/standing.ts'
import type { Drift } from '../schedules/set-schedule.ts'
import type { SecretCheck } from './check-secrets.ts'

export interface Check {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly value: string
  readonly hint: string | null
}

/** A file as the operating system shows it. */
export interface FileFact {
  readonly path: string
  /** Permission bits; undefined on systems that have none. */
  readonly mode: number | undefined
}

export interface Facts {
  readonly now: number
  /** Such as 24.21.0. */
  readonly node: string
  readonly database: {
    readonly name: string
    /** Why it can't be opened; null when it can. */
    readonly error: ErrorReport | null
    /** The file and those beside it; empty for a server. */
    readonly files: readonly FileFact[]
    readonly bytes: number
    readonly logBytes: number
  }
  /** What looking through the file found; null where that is the server's. */
  readonly integrity: { readonly deep: boolean; readonly problems: readonly string[] } | null
  /** Bytes that are free where the database lies; null: unknown. */
  readonly freeBytes: number | null
  readonly key: {
    readonly place: string
    readonly file: FileFact | null
    /** Its name; null when there is none. */
    readonly name: string | null
    readonly error: ErrorReport | null
    readonly besideDatabase: boolean
    /** Data keys of the database, and the keys of the house that open them all. */
    readonly dataKeys: number
    readonly wanted: readonly string[]
  }
  /** What is wrong with each key file that others may read. */
  readonly exposedKeys: readonly ErrorReport[]
  readonly secrets: readonly SecretCheck[]
  /** Connections whose connector renews its login by itself, as project/connection. */
  readonly renewing: ReadonlySet<string>
  /** Connections that wait for a new login. */
  /** `login` are the options that a new login consists of. */
  readonly loginsNeeded: readonly (Pick<SecretCheck, 'project' | 'connection' | 'connector'> & {
    readonly login: readonly LoginOption[]
  })[]
  readonly clock: {
    /** How far the store's clock is ahead of ours. */
    readonly storeAheadMs: number
    /** The newest moment that is stored of any run. */
    readonly newestAt: number | null
  }
  readonly schedules: { readonly count: number; readonly drifted: readonly Drift[] }
  /** Runs whose process is gone. */
  readonly orphans: readonly { readonly run: string; readonly connection: string }[]
  /** Addresses other than this machine's own under which a server of ours answers. */
  readonly exposed: readonly string[]
}

/** All checks, in the order in which they are read; those that need the database are left out when it can't be opened. */
export function diagnose(facts: Facts): readonly Check[] {
  const checks = [nodeCheck(facts), databaseCheck(facts), permissionsCheck(facts)]
  if (facts.database.error === null) checks.push(integrityCheck(facts))
  // A server does not tell of its disk.
  if (facts.freeBytes !== null || facts.integrity !== null) checks.push(diskCheck(facts))
  checks.push(keyCheck(facts))
  if (facts.database.error === null) {
    checks.push(secretsCheck(facts), loginsCheck(facts), clockCheck(facts), schedulesCheck(facts), runsCheck(facts))
  }
  checks.push(exposureCheck(facts))
  return checks
}

const ok = (check: string, value: string): Check => ({ check, state: 'ok', value, hint: null })
const warn = (check: string, value: string, hint: string): Check => ({ check, state: 'warn', value, hint })
const fail = (check: string, value: string, hint: string): Check => ({ check, state: 'fail', value, hint })

function nodeCheck({ node }: Facts): Check {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) return fail('node', node, 'Install Node 22.18 or newer.')
  // An odd line has no long support, and ends within months.
  if (major % 2 === 1) return warn('node', node, 'Install an even version: odd ones get no fixes for long.')
  return ok('node', node)
}

function databaseCheck({ database: { name, error, bytes, logBytes } }: Facts): Check {
  if (error) return fail('database', `${error.code}: ${error.message}`, error.hint ?? 'See docs/errors.md.')
  const value = bytes > 0 ? `${name}, ${size(bytes + logBytes)}` : name
  if (logBytes > LOG_MAX) {
    const hint =
      'A program keeps an old state open, so that the log can not be emptied: end the programs that have it open.'
    return warn('database', `${value}, of which ${size(logBytes)} is its log`, hint)
  }
  return ok('database', value)
}

const LOG_MAX = 256 * 1_048_576

function permissionsCheck({ database: { files } }: Facts): Check {
  if (files.length === 0) return ok('permissions', 'no database file')
  const open = files.filter(({ mode }) => mode !== undefined && (mode & 0o077) !== 0)
  if (open.length === 0) return ok('permissions', 'only its owner can access the database')
  const [first] = open
  const octal = ((first?.mode ?? 0) & 0o777).toString(8)
  const hint = `Run: chmod 600 ${open.map(({ path }) => path).join(' ')}`
  return warn('permissions', `others may open ${first?.path} (mode ${octal})`, hint)
}

function integrityCheck({ integrity }: Facts): Check {
  if (integrity === null) return ok('integrity', 'left to the PostgreSQL server')
  const [first] = integrity.problems
  if (first !== undefined) {
    const more = integrity.problems.length > 1 ? ` (and ${integrity.problems.length - 1} more)` : ''
    const hint = 'Restore the last backup: tidemark restore <file> --force'
    return fail('integrity', `${first}${more}`, hint)
  }
  return ok(
    'integrity',
    integrity.deep ? 'all pages, indexes and references are intact' : 'all pages and references are intact',
  )
}

/** Below this SQLite may not be able to write what is asked next. */
const FREE_MIN = 64 * 1_048_576

function diskCheck({ freeBytes, database: { bytes } }: Facts): Check {
  if (freeBytes === null) return ok('disk', 'unknown')
  const value = `${size(freeBytes)} free`
  if (freeBytes < FREE_MIN) return fail('disk', value, 'Free some space: the next write may fail with disk_full.')
  // Room for a copy: a backup, a restore, an export.
  if (freeBytes < Math.max(8 * FREE_MIN, bytes + bytes / 10)) {
    return warn('disk', value, 'Free some space: a backup beside the database would not fit, or nearly.')
  }
  return ok('disk', value)
}

function keyCheck({ key, database, exposedKeys }: Facts): Check {
  const { name, place, dataKeys, wanted, file, besideDatabase } = key
  const error = key.error ?? exposedKeys[0]
  const isNeeded = database.error === null && dataKeys > 0
  if (isNeeded && name === null && (error === undefined || error.code === 'key_missing')) {
    const which = wanted.length === 0 ? '' : `; this database wants the key ${wanted.join(' or ')}`
    const hint =
      'Bring it back: TIDEMARK_KEY or TIDEMARK_KEY_FILE. If it is lost: tidemark keys reset, then connect again with new logins.'
    return fail('key', `${error ? `${error.code}: ${error.message}` : `not at ${place}`}${which}`, hint)
  }
  if (error) return fail('key', `${error.code}: ${error.message}`, error.hint ?? 'See docs/errors.md.')
  if (name === null) {
    return ok('key', `none yet; made at ${place} with the first secret`)
  }
  if (besideDatabase && file) {
    const hint = 'Move it to another folder (TIDEMARK_KEY_FILE), or who copies the one copies the other.'
    return warn('key', `${name}, beside the database: ${file.path}`, hint)
  }
  if (dataKeys > 0 && !wanted.includes(name)) {
    return warn('key', `${name}; this database is still under ${wanted.join(', ')}`, 'Run: tidemark keys rotate')
  }
  if (wanted.length > 1) {
    return warn(
      'key',
      `${name}; ${wanted.join(' and ')} both open this database`,
      'End the rotation: tidemark keys rotate',
    )
  }
  return ok('key', `${name}, ${place}`)
}

function secretsCheck({ secrets, key }: Facts): Check {
  if (key.error || (key.name === null && key.dataKeys > 0)) {
    return warn('secrets', 'not checked: the key is unavailable', 'See the check of the key.')
  }
  const closed = secrets.filter(({ error }) => error !== null)
  const [first] = closed
  if (first?.error) {
    const hint = `Run: ${connectText(first)}`
    return fail('secrets', `${closed.length} of ${secrets.length} do not open: ${first.error.message}`, hint)
  }
  return ok(
    'secrets',
    secrets.length === 0 ? 'none' : secrets.length === 1 ? 'the only one opens' : `all ${secrets.length} open`,
  )
}

function connectText({ project, connection, connector }: Pick<SecretCheck, 'project' | 'connection' | 'connector'>) {
  return `tidemark connect ${connector} --id ${connection} --project ${project}`
}

/** With every word of it: what is known of a secret that ends is its name. */
function loginText({ project, connection, connector, login }: Facts['loginsNeeded'][number]): string {
  return `${connectCommand({ id: connection, connector }, login)} --project ${project}`
}

/** How long before its end a login is spoken of, in milliseconds. */
const SOON_MS = 7 * 86_400_000

function loginsCheck({ secrets, renewing, loginsNeeded, now }: Facts): Check {
  if (loginsNeeded.length > 0) {
    const names = loginsNeeded.map(({ connection }) => connection).join(', ')
    const value = `${names} wait${loginsNeeded.length === 1 ? 's' : ''} for a person`
    return warn('logins', value, `Log in again: ${loginsNeeded.map(loginText).join('; ')}`)
  }
  const known = secrets.flatMap((secret) =>
    secret.expiresAt === null ? [] : [{ ...secret, expiresAt: secret.expiresAt }],
  )
  const [first] = known
    .filter((secret) => !renewing.has(placeOf(secret)) || isLastOf(secret, known, now))
    .sort((a, b) => a.expiresAt - b.expiresAt)
  if (first && first.expiresAt - now < SOON_MS) {
    const left = first.expiresAt - now
    const when = left < 0 ? `expired ${durationText(-left)} ago` : `expires in ${durationText(left)}`
    const hint = `Renew it: ${connectText(first)}`
    return warn('logins', `"${first.name}" of ${first.connection} ${when}`, hint)
  }
  return ok('logins', first ? `none expires within ${durationText(SOON_MS)}` : 'no known expiry')
}

const placeOf = ({ project, connection }: SecretCheck) => `${project}/${connection}`

type Ending = SecretCheck & { readonly expiresAt: number }

/**
 * Whether a login that renews itself ends with this secret: with the one that ends last, which renews the others. Where
 * only one end is known it is that of the access, and means something only if nobody has renewed it for long.
 */
function isLastOf(secret: Ending, known: readonly Ending[], now: number): boolean {
  const ends = known.filter((other) => placeOf(other) === placeOf(secret)).map(({ expiresAt }) => expiresAt)
  if (secret.expiresAt < Math.max(...ends)) return false
  return new Set(ends).size > 1 || secret.expiresAt < now - SOON_MS
}

/** Differences that mean nothing, in milliseconds: a question to a server takes a while. */
const CLOCK_MS = 5_000

function clockCheck({ now, clock: { storeAheadMs, newestAt } }: Facts): Check {
  if (newestAt !== null && newestAt > now + CLOCK_MS) {
    const value = `a run is stored that is ${durationText(newestAt - now)} ahead of this clock`
    return warn(
      'clock',
      value,
      'The clock was set back, or another machine’s is wrong: switch on time synchronisation.',
    )
  }
  if (Math.abs(storeAheadMs) > CLOCK_MS) {
    const side = storeAheadMs > 0 ? 'ahead of' : 'behind'
    const value = `the database’s clock is ${durationText(Math.abs(storeAheadMs))} ${side} this one`
    return warn('clock', value, 'Switch on time synchronisation on both machines.')
  }
  return ok('clock', 'agrees with the database; those of the sources are learned by each run')
}

function schedulesCheck({ schedules: { count, drifted } }: Facts): Check {
  const [first] = drifted
  if (!first) return ok('schedules', count === 0 ? 'none' : `${count}, none overdue`)
  const more = drifted.length > 1 ? ` (and ${drifted.length - 1} more)` : ''
  return warn('schedules', `${first.message}${more}`, 'Schedules are kept by tidemark serve or tidemark worker.')
}

function runsCheck({ orphans }: Facts): Check {
  const [first] = orphans
  if (!first) return ok('runs', 'no orphaned runs')
  const value = `${first.run} of ${first.connection} is "running", and its process is gone`
  return warn('runs', value, `Nothing is lost; the next one closes it: tidemark sync ${first.connection}`)
}

function exposureCheck({ exposed }: Facts): Check {
  if (exposed.length === 0) return ok('exposure', 'no Tidemark server is reachable from other machines')
  const hint = 'Serve on 127.0.0.1 (the default), or behind a proxy with TLS; whoever reaches it needs a token only.'
  return warn('exposure', `a server answers on ${exposed.join(', ')}`, hint)
}

function size(bytes: number): string {
  if (bytes < 1_048_576) return `${Math.ceil(bytes / 1_024)} KiB`
  return bytes < 1_073_741_824 ? `${(bytes / 1_048_576).toFixed(1)} MiB` : `${(bytes / 1_073_741_824).toFixed(1)} GiB`
}
