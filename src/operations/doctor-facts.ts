// Owns gathering the facts that the doctor judges: from this machine, the database's file, the store and the keys. What
// can't be found out is a fact, too; nothing here fails.

import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname, resolve } from 'node:path'
import { checkSecrets } from '../engine/health/check-secrets.ts'
import type { Facts, FileFact } from '../engine/health/doctor.ts'
import { askedLogin } from '../engine/runs/asked-login.ts'
import { schedulesDrifted } from '../engine/schedules/set-schedule.ts'
import { type ErrorReport, errorReport } from '../model/errors.ts'
import { neededDataKeys } from '../secrets/data-keys.ts'
import { exposure, type KeySource, keyName } from '../secrets/keys.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'
import { examineMirror } from '../store/sqlite.ts'
import { keyNames } from './keys.ts'
import type { Database, Mirror } from './mirror.ts'

/** A mirror, or a database that can't be opened, and why. */
export type Patient = Mirror | (Database & { readonly error: ErrorReport })

interface FactsWanted {
  readonly deep: boolean
  /** The port at which a server is looked for. */
  readonly port: number
}

export async function gatherFacts(patient: Patient, { deep, port }: FactsWanted): Promise<Facts> {
  const { database, key, clock } = patient
  const [opened, error] = 'error' in patient ? [undefined, patient.error] : [patient, null]
  const file = isPostgresUrl(database) || database === ':memory:' ? undefined : resolve(database)
  const [examined, damage] = await attempt(async () =>
    file && existsSync(file) ? examineMirror(file, { deep }) : null,
  )
  const problems = damage && !error ? [damage.message] : (examined?.faults ?? [])
  return {
    now: clock.now(),
    node: process.versions.node,
    database: {
      name: opened?.store.name ?? file ?? 'the database',
      error,
      files: file === undefined ? [] : [file, `${file}-wal`, `${file}-shm`].flatMap(fileFact),
      bytes: examined?.bytes ?? 0,
      logBytes: examined?.logBytes ?? 0,
    },
    integrity: file === undefined ? null : { deep, problems },
    freeBytes: file === undefined ? null : await freeBytes(dirname(file)),
    key: await keyFacts(key, opened, file),
    ...(await storeFacts(opened)),
    exposedKeys: await exposedKeys(key),
    exposed: await exposedAt(port),
  }
}

async function attempt<T>(act: () => Promise<T>): Promise<readonly [T, null] | readonly [undefined, ErrorReport]> {
  try {
    return [await act(), null]
  } catch (error) {
    return [undefined, errorReport(error)]
  }
}

function fileFact(path: string): FileFact[] {
  if (!existsSync(path)) return []
  return [{ path, mode: process.platform === 'win32' ? undefined : statSync(path).mode & 0o777 }]
}

async function freeBytes(folder: string): Promise<number | null> {
  const [stats] = await attempt(() => statfs(folder))
  return stats ? stats.bavail * stats.bsize : null
}

/** What is wrong with each key file that others may read, old ones too. */
async function exposedKeys({ file, exchange }: KeySource): Promise<readonly ErrorReport[]> {
  if (file === undefined) return []
  const files = [file, ...(await exchange.kept()).map((name) => `${file}.${name}`)].flatMap(fileFact)
  return files.flatMap(({ path, mode = 0 }) =>
    (mode & 0o077) === 0 ? [] : [errorReport(exposure({ file: path, mode: mode.toString(8) }))],
  )
}

async function keyFacts(
  source: KeySource,
  opened: Mirror | undefined,
  database: string | undefined,
): Promise<Facts['key']> {
  const [key, missing] = await attempt(() => source.find())
  const [, closed] = await attempt(async () => (key ? opened?.vault.check() : undefined))
  const file = source.file === undefined ? undefined : resolve(source.file)
  return {
    place: source.place,
    file: file === undefined ? null : (fileFact(file)[0] ?? null),
    name: key ? keyName(key) : null,
    error: missing ?? closed,
    besideDatabase: file !== undefined && existsSync(file) && dirname(file) === dirname(database ?? ''),
    dataKeys: opened ? (await neededDataKeys(opened.store)).length : 0,
    wanted: opened ? await keyNames(opened.store) : [],
  }
}

type StoreFacts = Pick<Facts, 'secrets' | 'renewing' | 'loginsNeeded' | 'clock' | 'schedules' | 'orphans'>

async function storeFacts(opened: Mirror | undefined): Promise<StoreFacts> {
  const renewing = new Set<string>()
  const loginsNeeded: Facts['loginsNeeded'][number][] = []
  const orphans: Facts['orphans'][number][] = []
  if (!opened) {
    const clock = { storeAheadMs: 0, newestAt: null }
    return { secrets: [], renewing, loginsNeeded, clock, schedules: { count: 0, drifted: [] }, orphans }
  }
  const { store, connectors, isDead, clock: own } = opened
  let newestAt: number | null = null
  for (const { id: project } of await store.projects.list()) {
    for (const row of await store.connections.list(project)) {
      const { id, connector, paused } = row
      const known = await connectors.find(connector)
      if (paused.includes('login')) {
        loginsNeeded.push({ project, connection: id, connector, login: await askedLogin(store, known, row) })
      }
      if (known?.service.renew) renewing.add(`${project}/${id}`)
    }
    for (const run of await store.runs.list({ project, limit: 50 })) {
      newestAt = Math.max(newestAt ?? 0, run.startedAt, run.finishedAt ?? 0)
    }
    for (const run of await store.runs.list({ project, statuses: ['running'], limit: 50 })) {
      if (isDead(run.holder)) orphans.push({ run: run.id, connection: run.connection })
    }
  }
  const [secrets] = await attempt(() => checkSecrets(opened))
  const schedules = await store.schedules.list()
  const before = own.now()
  const clock = { storeAheadMs: (await store.now()) - (before + own.now()) / 2, newestAt }
  const drifted = schedulesDrifted(schedules, own.now())
  return {
    secrets: secrets ?? [],
    renewing,
    loginsNeeded,
    clock,
    schedules: { count: schedules.length, drifted },
    orphans,
  }
}

/** How long an address is waited for, in milliseconds: it is one of this machine's own. */
const ANSWER_MS = 1_000

/** Addresses of this machine, other than those that only it can reach, under which a server of ours answers. */
async function exposedAt(port: number): Promise<readonly string[]> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const outer = addresses.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address)
  const answers = await Promise.all(
    outer.map(async (address) => ((await isOurs(`http://${address}:${port}`)) ? address : undefined)),
  )
  return answers.flatMap((address) => (address === undefined ? [] : [`${address}:${port}`]))
}

/** A server of ours says so: it is healthy, or refuses to be called by this name. */
export async function isOurs(url: string): Promise<boolean> {
  const [body] = await attempt(async () => {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' })
    return (await answer.json()) as { status?: unknown; code?: unknown }
  })
  return body?.status === 'ok' || body?.code === 'host_refused'
}
