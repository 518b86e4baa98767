// Owns an opened connection: its options checked and typed, its secrets unsealed, its HTTP settings, and the renewal of
// credentials that ran out, which one process at a time does for all.

import type { z } from 'zod'
import { checkHttp, notPromised } from '../../connector/check-connector.ts'
import type { Connector, HttpSettings } from '../../connector/connector.ts'
import { type CommonOptions, optionFields } from '../../connector/options.ts'
import type { Http } from '../../connector/page.ts'
import type { Pass } from '../../connector/passes.ts'
import { checkRenewal } from '../../connector/returned-shape.ts'
import { holdsLogin } from '../../model/bare-address.ts'
import { type OptionIssue, retold, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { didYouMean } from '../../model/near-miss.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { ConnectionRow, SealedSecret } from '../../store/store.ts'
import type { Cancellation } from '../passes/cancellation.ts'
import { Patience } from '../passes/patience.ts'
import { WatchedHttp } from '../passes/watched-http.ts'
import { giveBack, HEARTBEAT_MS, type LeasePorts, startHeartbeat, takeLease } from './lease.ts'
import { connectCommand, connectionPaused, DISCONNECTED, deletedMeanwhile, loginOptions } from './standing.ts'

/** How long one process waits for another that renews the same credentials, in milliseconds. */
export const RENEWAL_WAIT_MS = 30_000

export interface OpenedConnection {
  readonly row: ConnectionRow
  readonly connector: Connector
  /** Everything the connector's code may use, secrets included. */
  options: Record<string, unknown> & CommonOptions
  settings: HttpSettings
  /** Versions of the secrets that `options` was made from. */
  versions: ReadonlyMap<string, number>
  /** Of the login that they belong to, as `ConnectionRow` has it; not above that of the secrets. */
  loginVersion: number
}

export interface Vaulted extends LeasePorts {
  readonly vault: Vault
}

/**
 * Opens a connection for running.
 *
 * @throws TidemarkError connector_invalid, options_invalid, secret_unreadable, key_wrong; connection_paused and
 *   connection_unknown where somebody has disconnected it since `row` was read
 */
export async function openConnection(
  ports: Vaulted,
  connector: Connector,
  row: ConnectionRow,
): Promise<OpenedConnection> {
  const sealed = await ports.store.secrets.list(row.no)
  try {
    const opened = await unseal(ports.vault, connector, row, sealed)
    return { row, connector: enabledOf(connector, opened.options), loginVersion: row.loginVersion, ...opened }
  } catch (error) {
    // Its options and its secrets may be of two logins, or the secrets gone with the connection.
    const now = await ports.store.connections.find(row.project, row.id)
    if (now?.no !== row.no) throw deletedMeanwhile(row.id)
    if (now.loginVersion === row.loginVersion) throw error
    if (now.paused.includes(DISCONNECTED)) throw connectionPaused(now, connector)
    return openConnection(ports, connector, now)
  }
}

/** The connector with the passes that a connection with these options has, and their prices. */
function enabledOf(connector: Connector, options: unknown): Connector {
  const isEnabled = (pass: Pass<unknown, unknown>) =>
    pass.kind !== 'refresh' || pass.enabled === undefined || notPromised('enabled', pass.enabled(options))
  const streams = Object.entries(connector.streams).map(([name, stream]) => {
    const passes = stream.passes.filter(isEnabled).map((pass) => pricedBy(pass, options))
    return [name, { ...stream, passes }] as const
  })
  return { ...connector, streams: Object.fromEntries(streams) }
}

function pricedBy(pass: Pass<unknown, unknown>, options: unknown): Pass<unknown, unknown> {
  if (!('job' in pass) || !pass.job.priceFor) return pass
  const price = notPromised('priceFor', pass.job.priceFor(options))
  return { ...pass, job: { ...pass.job, price } } as typeof pass
}

async function unseal(vault: Vault, connector: Connector, row: ConnectionRow, sealed: readonly SealedSecret[]) {
  const versions = new Map(sealed.map((secret) => [secret.name, secret.version]))
  return { ...settle(connector, row, await secretsOf(vault, row, sealed)), versions }
}

type Secrets = Readonly<Record<string, string>>

async function secretsOf(vault: Vault, row: ConnectionRow, sealed: readonly SealedSecret[]): Promise<Secrets> {
  const secrets: [string, string][] = []
  for (const secret of sealed) secrets.push([secret.name, await vault.open(row.project, row.id, secret)])
  return Object.fromEntries(secrets)
}

function settle(connector: Connector, row: ConnectionRow, secrets: Secrets) {
  const stored = isObject(row.options) ? row.options : {}
  const options = checkOptions(connector, row.id, { ...stored, ...secrets })
  return { options, settings: checkHttp(connector.service.name, connector.service.http(options)) }
}

/**
 * Every secret that is sealed for a connection, whatever its connector calls it now.
 *
 * @throws TidemarkError secret_unreadable, key_missing, key_wrong
 */
export async function sealedTexts(
  { store, vault }: Pick<Vaulted, 'store' | 'vault'>,
  row: Pick<ConnectionRow, 'no' | 'project' | 'id'>,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (const secret of await store.secrets.list(row.no)) texts.push(await vault.open(row.project, row.id, secret))
  return texts
}

/**
 * The options as the connector's schema reads them.
 *
 * @throws TidemarkError options_unknown, options_invalid (stop), naming every wrong option and never a value of a secret
 */
export function checkOptions(
  connector: Connector,
  id: string,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> & CommonOptions {
  const { service } = connector
  const fields = optionFields(service.options)
  const names = fields.map((field) => field.name)
  const hint = `Options of ${service.name}: ${fields.map((field) => field.name + (field.required ? '' : '?')).join(', ')}; see: tidemark connectors ${service.name}`
  const strangers = Object.keys(given).filter((name) => !names.includes(name))
  if (strangers.length > 0) {
    throw new TidemarkError('options_unknown', `Connector ${service.name} has no option "${strangers.join('", "')}".`, {
      hint: `${didYouMean(strangers[0] ?? '', names)}${hint}`,
      issues: strangers.map((option) => ({ option, message: 'is unknown' })),
    })
  }
  refuseLogins(connector, id, given)
  const result = service.options.safeParse(given)
  if (!result.success) {
    const issues = result.error.issues.map((issue) => optionIssue(issue, given))
    const wrong = issues.map(told).join('; ')
    throw new TidemarkError('options_invalid', `Options of connection "${id}": ${wrong}.`, { hint, issues })
  }
  return result.data as Record<string, unknown> & CommonOptions
}

/**
 * The same of a login whose secrets are still to come: what is wrong with the rest is known before anybody types one.
 *
 * @param lacking the names of those that a person is about to be asked for
 * @throws TidemarkError as `checkOptions` does
 */
export function checkBesideSecrets(
  connector: Connector,
  id: string,
  given: Readonly<Record<string, unknown>>,
  lacking: readonly string[],
): void {
  const issues = connector.service.options.safeParse(given).error?.issues ?? []
  const isTold = issues.length > 0 && issues.every(({ path }) => lacking.includes(String(path[0])))
  if (!isTold) checkOptions(connector, id, given)
}

/** Options that are no secrets are stored and shown as they are. @throws TidemarkError options_invalid (stop) */
function refuseLogins({ service }: Connector, id: string, given: Readonly<Record<string, unknown>>): void {
  const fields = optionFields(service.options)
  const wrong = fields.find(({ name, secret }) => !secret && textsIn(given[name]).some(holdsLogin))
  if (!wrong) return
  const secrets = fields.flatMap(({ name, secret }) => (secret ? [name] : []))
  const message = `Options of connection "${id}": ${wrong.name} has a user name or password in it.` as const
  throw new TidemarkError('options_invalid', message, {
    hint: `${wrong.name} is stored and shown as it is. Give it without them; ${
      secrets.length > 0
        ? `what is sealed: ${secrets.join(', ')}`
        : `Connector ${service.name} has no option that is sealed`
    }.`,
    issues: [{ option: wrong.name, message: 'has a user name or password in it' }],
  })
}

/** Every text in a value of any kind. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

function optionIssue({ path, message }: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): OptionIssue {
  // Of several options together; the schema names them.
  if (path.length === 0) return { option: null, message }
  const isMissing = given[String(path[0])] === undefined
  return { option: path.join('.'), message: isMissing ? MISSING : message }
}

const MISSING = 'is missing'

function told({ option, message }: OptionIssue): string {
  if (option === null) return message
  return message === MISSING ? `${option} ${message}` : `${option}: ${message}`
}

/**
 * Renews the credentials of a connection. One process does it at a time; whoever comes second finds the new ones and
 * uses them. A rotated token is durable before it is used, because the old one may be worth nothing by then.
 *
 * @throws TidemarkError whatever the source says of the renewal: `pause` when a person must log in again
 */
export async function renewCredentials(
  ports: Vaulted,
  opened: OpenedConnection,
  http: Http,
  signal?: AbortSignal,
  cancellation?: Cancellation,
): Promise<HttpSettings> {
  const { connector, row } = opened
  const renew = connector.service.renew
  if (!renew) {
    if (await adoptNewer(ports, opened)) return opened.settings
    const message = `The service refused the credentials of connection "${row.id}".` as const
    const hint = `Create new ones and run: ${connectCommand(row, loginOptions(connector, row))}`
    throw new TidemarkError('token_rejected', message, { hint })
  }
  const given = (patience: Patience, watched: WatchedHttp) => {
    const options = opened.options
    const ask = () => patience.await('renew', watched, () => renew({ http: postingOnce(watched), options }))
    // What is renewed may be used up by asking: a run that is cancelled waits for the answer, and for nothing else.
    const mustEnd = () => watched.hasAsked && watched.idleMs < HEARTBEAT_MS
    return (cancellation?.finishing(mustEnd, ask) ?? ask()).catch(triedOnce)
  }
  const lease = await waitForRenewal(ports, opened)
  // A slow source may take longer than a lease lives; nobody else may use up the refresh token meanwhile.
  const patience = new Patience(signal)
  const heartbeat = startHeartbeat(ports, lease, { lost: () => {}, beat: async () => patience.look() })
  try {
    if (await adoptNewer(ports, opened)) return opened.settings
    const { secrets, expiresAt } = await renewed(
      ports,
      opened,
      await given(patience, new WatchedHttp(http, ports.clock)),
    )
    await keepRenewed(ports, opened, secrets as Secrets, expiresAt)
    await adoptNewer(ports, opened)
    return opened.settings
  } catch (error) {
    // Refused: perhaps because somebody else has renewed them since we looked.
    if (error instanceof TidemarkError && error.verdict === 'pause' && (await adoptNewer(ports, opened))) {
      return opened.settings
    }
    throw error
  } finally {
    heartbeat.stop()
    await giveBack(ports, lease)
  }
}

/** What was renewed, if the connection can be opened with it: what is stored is what every later run begins with. */
async function renewed({ vault, store }: Vaulted, { connector, row }: OpenedConnection, given: unknown) {
  const names = optionFields(connector.service.options).flatMap(({ name, secret }) => (secret ? [name] : []))
  const renewal = checkRenewal(given, names)
  const before = await secretsOf(vault, row, await store.secrets.list(row.no))
  settle(connector, row, { ...before, ...(renewal.secrets as Secrets) })
  return renewal
}

/** Stores what was renewed, unless somebody has stored another login since the old one was opened: then that one stands. */
async function keepRenewed(
  { vault, store }: Vaulted,
  { row, versions }: OpenedConnection,
  secrets: Secrets,
  expiresAt: Awaited<ReturnType<typeof renewed>>['expiresAt'],
): Promise<void> {
  const expect = new Map(Object.keys(secrets).map((name) => [name, versions.get(name) ?? 0]))
  for (;;) {
    const now = await store.connections.find(row.project, row.id)
    if (now?.no !== row.no) return
    const sealed: SealedSecret[] = []
    for (const [name, text] of Object.entries(secrets)) {
      const secret = await vault.seal(row.project, row.id, name, now.loginVersion + 1, text)
      const end = typeof expiresAt === 'number' ? expiresAt : expiresAt?.[name]
      sealed.push(isMoment(end) ? { ...secret, expiresAt: end } : secret)
    }
    if (await store.secrets.save(row.no, sealed, expect)) return
    const stored = new Map((await store.secrets.list(row.no)).map(({ name, version }) => [name, version]))
    if ([...expect].some(([name, version]) => (stored.get(name) ?? 0) !== version)) return
  }
}

/** What a connector tells is not always one: what no store can hold is none. */
function isMoment(at: number | undefined): at is number {
  return Number.isSafeInteger(at)
}

/** A renewal may use up what it renews with: nobody asks for it again, whatever its answer was. */
function triedOnce(thrown: unknown): never {
  if (!(thrown instanceof TidemarkError) || thrown.tried !== undefined) throw thrown
  throw retold(thrown, { tried: 1 })
}

/** The POST that used up a token may be the one whose answer was lost. A connector that knows better says `once: false`. */
function postingOnce(http: Http): Http {
  return {
    get: (path, init) => http.get(path, init),
    post: (path, init) => http.post(path, { once: true, ...init }),
    now: () => http.now(),
  }
}

async function waitForRenewal(ports: Vaulted, { row }: OpenedConnection) {
  const waitUntil = ports.clock.mono() + RENEWAL_WAIT_MS
  for (;;) {
    const taken = await takeLease(ports, `renewal:${row.no}`)
    if ('lease' in taken) return taken.lease
    if (ports.clock.mono() >= waitUntil) {
      throw new TidemarkError(
        'renewal_busy',
        `Another process has been renewing the credentials of "${row.id}" for long.`,
        { scope: 'run' },
      )
    }
    await ports.clock.sleep(200)
  }
}

/** The settings with the login that was given, or renewed, since the connection was opened; undefined: none was. */
export async function newerSettings(ports: Vaulted, opened: OpenedConnection): Promise<HttpSettings | undefined> {
  return (await adoptNewer(ports, opened)) ? opened.settings : undefined
}

/** Takes over secrets that are newer than ours; false: there are none. */
async function adoptNewer(ports: Vaulted, opened: OpenedConnection): Promise<boolean> {
  const { connector, row } = opened
  // Read first, so that the secrets are of this version or above.
  const now = await ports.store.connections.find(row.project, row.id)
  const sealed = await ports.store.secrets.list(row.no)
  if (sealed.every(({ name, version }) => opened.versions.get(name) === version)) return false
  const { loginVersion } = now ?? opened
  Object.assign(opened, { ...(await unseal(ports.vault, connector, row, sealed)), loginVersion })
  return true
}
