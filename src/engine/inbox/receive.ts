// Owns the way of a webhook in: whose it is, whether it comes from the service, and what it hints at, on the disk before
// whoever sent it is told that it came. Deliveries that come together are written together.

import { notPromised } from '../../connector/check-connector.ts'
import type { Connector } from '../../connector/connector.ts'
import { checkHint } from '../../connector/returned-shape.ts'
import { bodyId, type Delivery, type Hint, type Webhook } from '../../connector/webhook.ts'
import { decodeText } from '../../http/decode.ts'
import { TidemarkError } from '../../model/errors.ts'
import { parseExact } from '../../model/exact-json.ts'
import type { Json } from '../../model/json.ts'
import type { Logger } from '../../model/ports.ts'
import { sameText } from '../../model/same-text.ts'
import type { ConnectionRow, NewDelivery } from '../../store/store.ts'
import { openConnection, type Vaulted } from '../runs/connection.ts'
import { DISCONNECTED } from '../runs/standing.ts'

/** The longest body of a webhook, in bytes. */
export const WEBHOOK_BODY_MAX = 262_144
/** The longest body of a webhook once it is unpacked, in bytes. */
export const WEBHOOK_UNPACKED_MAX = 2 ** 20
/** How long a delivery waits for others to be written with, in milliseconds. */
export const GROUP_MS = 5
/** Deliveries that are written in one transaction, at most. */
export const GROUP_MAX = 500
/** Connections whose options are kept at hand, opened, at most. */
const OPENED_MAX = 200

/** A webhook, and the address to which it was sent. */
export interface IncomingWebhook {
  /** The id of a connection, and its secret, as its `webhookUrl` has them. */
  readonly connection: string
  readonly secret: string
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The bytes as they came; or what reads them, asked only where the address is one. */
  readonly body: Uint8Array | (() => Promise<Uint8Array>)
}

export interface InboxPorts extends Vaulted {
  readonly logger: Logger
}

interface Opened {
  readonly loginVersion: number
  readonly webhook: Webhook
  readonly options: unknown
}

export class Inbox {
  readonly #ports: InboxPorts
  readonly #connectorOf: (row: ConnectionRow) => Promise<Connector>
  readonly #opened = new Map<number, Opened>()
  readonly #group: Group

  constructor(ports: InboxPorts, connectorOf: (row: ConnectionRow) => Promise<Connector>) {
    this.#ports = ports
    this.#connectorOf = connectorOf
    this.#group = new Group(ports)
  }

  /**
   * Takes a webhook. When it resolves, what it hints at is on the disk, or was before.
   *
   * @throws TidemarkError webhook_unknown, webhook_refused, webhook_too_large, connector_invalid; what the database says
   */
  async receive({ connection, secret, headers, body: given }: IncomingWebhook): Promise<void> {
    const row = await this.#addressee(connection, secret)
    const { webhook, options } = await this.#open(row)
    const body = typeof given === 'function' ? await given() : given
    if (body.length > WEBHOOK_BODY_MAX) throw tooLarge()
    const delivery: Delivery = { headers, body, json: jsonOf(textOf(body)), now: this.#ports.clock.now() }
    const isTheirs = (): unknown =>
      webhook.verify === 'unsigned' || notPromised('webhook.verify', webhook.verify(delivery, options))
    if (said('verify', isTheirs) !== true) throw refused(row.id)
    // A signature is made over the bytes as they came; only what is known to be theirs is unpacked.
    const json = headers['content-encoding'] ? jsonOf(await unpacked(body, headers)) : delivery.json
    const found = said('hint', () => notPromised('webhook.hint', webhook.hint({ ...delivery, json }, options)))
    const hint = found === undefined ? undefined : checkHint(found)
    if (!hint) return this.#ports.logger.event('debug', 'webhook.ignored', { connection: row.id })
    const { id = bodyId(body), ...what } = hint
    await this.#group.put({ connectionNo: row.no, id: named(id), hint: toStore(what), at: delivery.now })
    this.#ports.logger.event('debug', 'webhook.received', { connection: row.id })
  }

  /** Of every connection with this id the secret is looked at, and of none as long as of one. */
  async #addressee(connection: string, secret: string): Promise<ConnectionRow> {
    const rows = await this.#ports.store.connections.named(connection)
    const [found] = (rows.length > 0 ? rows : [NOBODY]).filter((row) => sameText(row.webhookSecret, secret))
    if (found && 'no' in found && !found.paused.includes(DISCONNECTED)) return found
    throw unknown()
  }

  async #open(row: ConnectionRow): Promise<Opened> {
    const known = this.#opened.get(row.no)
    if (known?.loginVersion === row.loginVersion) return known
    const connector = await this.#connectorOf(row)
    const { webhook } = connector.service
    if (!webhook) throw unknown()
    const { options } = await openConnection(this.#ports, connector, row)
    const opened = { loginVersion: row.loginVersion, webhook: webhook as Webhook, options }
    this.#opened.delete(row.no)
    this.#opened.set(row.no, opened)
    const [oldest] = this.#opened.keys()
    if (this.#opened.size > OPENED_MAX && oldest !== undefined) this.#opened.delete(oldest)
    return opened
  }
}

const NOBODY: Pick<ConnectionRow, 'webhookSecret'> = { webhookSecret: '-'.repeat(32) }

/** Writes what comes within a few milliseconds in one transaction: a disk confirms so many a second, and no more. */
class Group {
  readonly #ports: Pick<InboxPorts, 'store' | 'clock'>
  #waiting: Waiting[] = []
  #writing = false

  constructor(ports: Pick<InboxPorts, 'store' | 'clock'>) {
    this.#ports = ports
  }

  async put(delivery: NewDelivery): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ delivery, resolve, reject })
    if (!this.#writing) void this.#write()
    return promise
  }

  /** Never rejects: each of those that wait is told. */
  async #write(): Promise<void> {
    this.#writing = true
    await this.#ports.clock.sleep(GROUP_MS)
    while (this.#waiting.length > 0) {
      const part = this.#waiting.splice(0, GROUP_MAX)
      try {
        await this.#ports.store.inbox.receive(part.map(({ delivery }) => delivery))
        for (const { resolve } of part) resolve()
      } catch (error) {
        for (const { reject } of part) reject(error)
      }
    }
    this.#writing = false
  }
}

interface Waiting {
  readonly delivery: NewDelivery
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Ids come from outside: a strange one is named by its digest, so that every database can hold it. */
function named(id: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(id) ? id : bodyId(Buffer.from(id))
}

function toStore(hint: Omit<Hint, 'id'>): Json {
  return JSON.parse(JSON.stringify(hint)) as Json
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseExact(text)
  } catch {
    return undefined
  }
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

/** Names no place: what goes wrong there is told as what it is for a webhook. */
const SENDER = new URL('http://webhook.invalid')

/** Undefined: it is not packed as it says. @throws TidemarkError webhook_too_large */
async function unpacked(body: Uint8Array, headers: Delivery['headers']): Promise<string | undefined> {
  try {
    return await decodeText(Buffer.from(body), headers, WEBHOOK_UNPACKED_MAX, SENDER)
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'body_too_large') throw tooLarge()
    return undefined
  }
}

/** Code of a connector that throws over what it was sent is told as such: the sender sends it again. */
function said<T>(part: 'verify' | 'hint', ask: () => T): T {
  try {
    return ask()
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause
    const message = `The connector's webhook.${part} failed over what it was sent.` as const
    throw new TidemarkError('connector_invalid', message, { cause })
  }
}

function unknown(): TidemarkError {
  return new TidemarkError('webhook_unknown', 'Nothing takes webhooks at this address.')
}

function refused(connection: string): TidemarkError {
  return new TidemarkError('webhook_refused', `This webhook of "${connection}" does not come from its service.`)
}

export function tooLarge(): TidemarkError {
  return new TidemarkError('webhook_too_large', `A webhook has ${WEBHOOK_BODY_MAX} bytes at most.`)
}
