// Owns making a connection, and changing the options and secrets of one.

import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { checkHttp } from '../connector/check-connector.ts'
import type { Connector } from '../connector/connector.ts'
import { keptOptions, optionFields } from '../connector/options.ts'
import { compileStream } from '../engine/passes/rows/shape.ts'
import { checkOptions } from '../engine/runs/connection.ts'
import { DISCONNECTED } from '../engine/runs/standing.ts'
import { retold, TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'
import { type ConnectionRow, PURGING } from '../store/store.ts'
import { check } from './check.ts'
import { recorded } from './deeds.ts'
import { type ConnectionDocument, connectionDocument, describeConnection } from './documents/connection.ts'
import { optional, settings, text, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { check as checkCall, checkConnector } from './perform.ts'
import { checkId } from './projects.ts'

const ending = later(() => import('../engine/health/purge.ts'))

type Given = Readonly<Record<string, unknown>>

interface Login {
  readonly id: string
  readonly options: Given
}

/** How often a change is made anew while others change the same connection; each time one of theirs is in. */
const TRIES = 100

export interface ConnectInput {
  readonly connector: string
  readonly id: string
  readonly options?: Given | undefined
  readonly check?: boolean | undefined
}

export interface ConnectOptions<Options> {
  /** Letters, digits, dots, dashes and underscores: how the connection is called from now on. */
  readonly id: string
  readonly options?: Options | undefined
  /**
   * Ask the service once whether it takes the login, and throw what it refuses; the connection is kept all the same.
   * @default false
   */
  readonly check?: boolean | undefined
}

export const connect = operation<ConnectInput, Promise<ConnectionDocument>>({
  name: 'connect',
  does: 'Connect an account of a service.',
  details:
    'With the id of a connection that exists, changes the options that are given, keeps the others, and resumes it; null takes an option away. With check, the service is asked once whether it takes the login, and what it refuses is an error; the connection is kept all the same.',
  scope: 'admin',
  isSecretive: true,
  input: {
    connector: text('the service, such as github', { sign: 'connector' }),
    id: text('what this connection is called from now on', { sign: 'id' }),
    options: optional(settings('options of the connector, secret ones too')),
    check: optional(yesOrNo('ask the service once whether it takes the login')),
  },
  positional: ['connector'],
  output: connectionDocument,
  examples: [{ connector: 'github', id: 'me', options: { user: 'ada' } }],
  async run(mirror, { connector, ...asked }) {
    await connectAs(mirror, connector, asked)
    return describeConnection(mirror, await connectionRow(mirror, asked.id))
  },
})

/** What a program calls, with the name of a connector or the connector itself. */
const CALL = {
  name: 'connect',
  fields: connect.input,
  example: "connect(github, { id: 'me', options: { user: 'ada' } })",
  isSecretive: true,
}

/** @throws TidemarkError as `Tidemark.connect` does */
export async function connectAs(
  mirror: Mirror,
  connector: Connector | string,
  asked: Omit<ConnectInput, 'connector'>,
): Promise<{ readonly connector: Connector; readonly row: ConnectionRow }> {
  checkCallOf(connector, asked)
  const name = nameOf(connector)
  if (typeof connector !== 'string') await mirror.connectors.check(connector)
  const known = typeof connector === 'string' ? await mirror.connectors.get(name) : connector
  const { id, options = {} } = asked
  const row = await saveConnection(mirror, known, { id, options })
  // One that was refused leaves the connection with the code that it had.
  if (typeof connector !== 'string') mirror.connectors.add(connector)
  if (asked.check === true) await mustAnswer(mirror, id)
  return { connector: known, row }
}

/** The same, written into the audit log. What is refused before anything is done is no deed. */
export async function connectRecorded(
  mirror: Mirror,
  connector: Connector | string,
  asked: Omit<ConnectInput, 'connector'>,
): ReturnType<typeof connectAs> {
  checkCallOf(connector, asked)
  const given = { connector: nameOf(connector), id: asked.id, check: asked.check }
  return recorded(connect, mirror, given, connectAs(mirror, connector, asked))
}

function nameOf(connector: Connector | string): string {
  return typeof connector === 'string' ? connector : connector.service.name
}

function checkCallOf(connector: Connector | string, asked: Omit<ConnectInput, 'connector'>): void {
  checkConnector(connector)
  checkCall(CALL, { connector: nameOf(connector) }, asked)
}

/**
 * Makes a connection, or changes the one with this id. A purge of it that was interrupted is finished first.
 *
 * @throws TidemarkError id_invalid, options_unknown, options_invalid, connection_conflict, shape_conflict, name_taken,
 *   store_contended; run_active while it is purged
 */
export async function saveConnection(mirror: Mirror, connector: Connector, asked: Login): Promise<ConnectionRow> {
  for (let tries = 1; ; tries++) {
    try {
      return await saveOnce(mirror, connector, asked)
    } catch (error) {
      // Somebody else has changed the login since it was read: what is kept of it is kept of theirs.
      if (tries === TRIES || !(error instanceof TidemarkError) || error.code !== 'store_contended') throw error
    }
  }
}

async function saveOnce(mirror: Mirror, connector: Connector, { id, options }: Login): Promise<ConnectionRow> {
  checkId(id, 'a connection')
  const { store, vault, clock, project } = mirror
  const { service } = connector
  const found = await store.connections.find(project, id)
  const existing = found?.paused.includes(PURGING) ? await purged(mirror, found) : found
  if (existing && existing.connector !== service.name) {
    throw new TidemarkError('connection_conflict', `Connection "${id}" belongs to connector ${existing.connector}.`)
  }
  // Secrets that are not given anew stay as they are, so that other options can be changed without typing them.
  const kept = existing ? await keptSecrets(mirror, existing, connector) : {}
  const { given, unset } = parted(options)
  const before = without(existing ? existing.options : {}, unset)
  const names = optionFields(service.options).map(({ name }) => name)
  // A name that no option has is refused below, also where it is to be taken away.
  const strange = Object.fromEntries(unset.filter((name) => !names.includes(name)).map((name) => [name, null]))
  const checked = checkOptions(connector, id, { ...before, ...without(kept, unset), ...given, ...strange })
  checkHttp(service.name, service.http(checked))
  const rows = existing ? await store.streams.list(existing.no) : []
  const stored = new Map(rows.map(({ stream, shape }) => [stream, shape]))
  const shapes = Object.keys(connector.streams).map((name) => compileStream(connector, name, stored.get(name)).shape)
  const secretNames = optionFields(service.options).flatMap(({ name, secret }) => (secret ? [name] : []))
  const secrets = Object.entries(given).filter(([name]) => secretNames.includes(name))
  const version = (existing?.loginVersion ?? 0) + 1
  return store.connections.save({
    project,
    id,
    connector: service.name,
    connectorVersion: service.version ?? '1',
    options: keptOptions(service.options, { ...before, ...given }),
    webhookSecret: randomBytes(24).toString('base64url'),
    secrets: await Promise.all(
      secrets.map(([name, value]) => vault.seal(project, id, name, version, secretText(value))),
    ),
    forget: unset,
    streams: shapes,
    expect: existing?.loginVersion ?? null,
    at: clock.now(),
  })
}

/** Deletes what an interrupted purge has left. */
async function purged(mirror: Mirror, row: ConnectionRow): Promise<undefined> {
  const { purgeConnection } = await ending()
  await purgeConnection(mirror, row)
}

/** The options that are set, and the names of those that are taken away: null. Undefined says nothing. */
function parted(options: Given): { readonly given: Given; readonly unset: readonly string[] } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return {
    given: Object.fromEntries(entries.filter(([, value]) => value !== null)),
    unset: entries.flatMap(([name, value]) => (value === null ? [name] : [])),
  }
}

function without(options: Given, names: readonly string[]): Given {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)))
}

async function keptSecrets(
  { store, vault }: Mirror,
  row: ConnectionRow,
  connector: Connector,
): Promise<Record<string, string>> {
  const names = optionFields(connector.service.options).map(({ name }) => name)
  const kept: Record<string, string> = {}
  for (const secret of await store.secrets.list(row.no)) {
    if (names.includes(secret.name)) kept[secret.name] = await vault.open(row.project, row.id, secret)
  }
  return kept
}

/** As it is stored. */
function secretText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** @throws TidemarkError what a check has found, unless nothing is known by it */
async function mustAnswer(mirror: Mirror, connection: string): Promise<void> {
  const { outcome, error } = await check.run(mirror, { connection }, {})
  if (!error || outcome === 'unclear' || outcome === 'skipped') return
  throw retold(error, {})
}

/** Whether a connection has these options and secrets already, and no login is missing: there is nothing to change. */
export async function isConnected(
  { store, vault, project, connectors }: Mirror,
  asked: Connector | string,
  login: Omit<ConnectInput, 'connector'>,
): Promise<boolean> {
  checkCallOf(asked, login)
  const { id, options: given = {} } = login
  const connector = typeof asked === 'string' ? await connectors.get(asked) : asked
  const row = await store.connections.find(project, id)
  if (!row || row.connector !== connector.service.name || row.paused.includes(DISCONNECTED)) return false
  if (row.connectorVersion !== (connector.service.version ?? '1')) return false
  const { options } = connector.service
  const before = isObject(row.options) ? row.options : {}
  const { given: known, unset } = parted(given)
  if (unset.some((name) => before[name] !== undefined)) return false
  if (!isDeepStrictEqual(keptOptions(options, { ...before, ...known }), before)) return false
  const fields = optionFields(options)
  if (Object.keys(known).some((name) => !fields.some((field) => field.name === name))) return false
  const sealed = new Map((await store.secrets.list(row.no)).map((secret) => [secret.name, secret]))
  if (unset.some((name) => sealed.has(name) || !fields.some((field) => field.name === name))) return false
  for (const { name, secret } of fields) {
    if (!secret || known[name] === undefined) continue
    const kept = sealed.get(name)
    if (!kept || (await vault.open(project, id, kept)) !== secretText(known[name])) return false
  }
  return true
}
