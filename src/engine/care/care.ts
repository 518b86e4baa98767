// Owns what an operator does with a mirror beside running it: rotating keys, looking whether its secrets open, taking
// connections out of it.

import { isDeepStrictEqual } from 'node:util'
import type { Connector } from '../../connector/connector.ts'
import { keptOptions, optionFields } from '../../connector/options.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { KeySource } from '../../secrets/keys.ts'
import type { RotationReport, RotationSetup } from '../../secrets/rotate.ts'
import type { ConnectionRow } from '../../store/store.ts'
import type { Vaulted } from '../runs/connection.ts'
import { DISCONNECTED } from '../runs/standing.ts'
import { checkSecrets, type SecretCheck } from './check-secrets.ts'
import { disconnect, purgeConnection } from './disconnect.ts'
import { rotateUnderLease } from './rotate-keys.ts'

export class Care {
  readonly #ports: Vaulted
  readonly #project: string
  readonly #key: KeySource

  constructor(ports: Vaulted, project: string, key: KeySource) {
    this.#ports = ports
    this.#project = project
    this.#key = key
  }

  /** Where the key of the house is looked for. */
  get key(): KeySource {
    return this.#key
  }

  /**
   * A new key of the house, a new data key, every secret sealed anew, while other processes go on.
   *
   * @throws TidemarkError rotation_active (wait), key_missing, key_wrong, key_new_missing, key_unwritable (stop)
   */
  async rotateKeys(order: Pick<RotationSetup, 'after' | 'forgetOld'> = {}): Promise<RotationReport> {
    return rotateUnderLease(this.#ports, { key: this.#key, ...order })
  }

  /**
   * Opens every data key of the database.
   *
   * @throws TidemarkError key_missing, key_wrong, key_invalid, key_unreadable, secret_unreadable
   */
  async checkKey(): Promise<void> {
    await this.#ports.vault.check()
  }

  /** Opens every secret of the database, of all projects. */
  async checkSecrets(): Promise<readonly SecretCheck[]> {
    return checkSecrets(this.#ports)
  }

  /**
   * Whether a connection has these options and secrets already, and stands still for no lack of a login: then there is
   * nothing to change about it.
   */
  async isConnected(connector: Connector, id: string, given: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { store, vault } = this.#ports
    const row = await store.connection(this.#project, id)
    if (!row || row.connector !== connector.service.name || row.paused.includes(DISCONNECTED)) return false
    if (row.connectorVersion !== (connector.service.version ?? '1')) return false
    const { options } = connector.service
    const before = isObject(row.options) ? row.options : {}
    const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    if (!isDeepStrictEqual(keptOptions(options, { ...before, ...known }), before)) return false
    const names = optionFields(options).map(({ name }) => name)
    if (Object.keys(known).some((name) => !names.includes(name))) return false
    const sealed = new Map((await store.secrets(row.no)).map((secret) => [secret.name, secret]))
    for (const { name, secret } of optionFields(options)) {
      if (!secret || known[name] === undefined) continue
      const kept = sealed.get(name)
      if (!kept || (await vault.open(this.#project, id, kept)) !== textOf(known[name])) return false
    }
    return true
  }

  /** Forgets the secrets of a connection and lets it stand still. Returns how many secrets it had. */
  async disconnect(id: string): Promise<number> {
    return disconnect(this.#ports, await this.#row(id))
  }

  /**
   * Deletes a connection with everything that is stored of it. Returns how many rows that were.
   *
   * @throws TidemarkError connection_unknown, run_active (wait)
   */
  async purge(id: string, onPart?: (rows: number) => void): Promise<number> {
    return purgeConnection(this.#ports, await this.#row(id), onPart)
  }

  /** Not by its connector: that may be gone, which is a reason to disconnect. */
  async #row(id: string): Promise<ConnectionRow> {
    const row = await this.#ports.store.connection(this.#project, id)
    if (row) return row
    const all = (await this.#ports.store.connections(this.#project)).map((connection) => connection.id)
    throw new TidemarkError('connection_unknown', `there is no connection "${id}" in project "${this.#project}"`, {
      hint: all.length > 0 ? knownNames(id, all) : 'Nothing is connected in this project.',
    })
  }
}

/** As `connect` seals it. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
