// Owns the benchmark of a VOD catalogue: a first sync of 83,183 titles at the portal's own pace, killed three times on the
// way; then a sync that finds 20 new titles, full passes while a title leaves, and the catalog as a client gets it. What is
// measured are requests, and how long the first byte of the catalog takes.
//
//   npm run bench -- catalogue
//   npm run bench -- catalogue --records 2000

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))
const SERVE = fileURLToPath(new URL('../../src/testing/emulators/serve.ts', import.meta.url))
const TITLES = 83_183
const PAGE_SIZE = 14
/** How long the portal takes for a page. */
const PAGE_MS = 20
const KILLS = 3
/** Pages that a killed run had asked for at once and not stored, and the one that shows the place where it stood. */
const LOST_A_KILL = 8
/** How long a client waits for the first byte of the catalog, at most, in milliseconds. */
const FIRST_BYTE_MS = 50
const ASKED = 21
const KINDS = ['movies', 'series'] as const

export async function catalogue(records = TITLES): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  await using portal = await startPortal(records)
  const env = {
    ...process.env,
    TIDEMARK_DATABASE: join(folder, 'bench.db'),
    TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const start = (...args: string[]) =>
    spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const tidemark = async (...args: string[]) => {
    const child = start(...args)
    const text = await new Response(ReadableStream.from(child.stdout)).text()
    await ended(child)
    return text
  }
  /** Titles that the mirror lacks, and those that it has too many. */
  const wrongTitles = async () => {
    const sql = 'select _key from stalker_movies union all select _key from stalker_series'
    const rows = JSON.parse(await tidemark('sql', sql, '--json', '--limit', '1000000')) as { _key: string }[]
    const stored = new Set(rows.map(({ _key }) => _key))
    const truth = (await Promise.all(KINDS.map((kind) => portal.ids(kind)))).flat()
    const known = truth.filter((key) => stored.has(key)).length
    return truth.length - known + (stored.size - known)
  }
  const syncs = async (...args: string[]) => {
    await portal.forget()
    await tidemark('sync', 'tv', '--quiet', ...args)
    return portal.pages()
  }
  try {
    await tidemark('connect', 'stalker', '--id', 'tv', ...portal.settings, '--quiet')
    const pages = Math.ceil(records / PAGE_SIZE)
    const from = performance.now()
    for (let kill = 1; kill <= KILLS; kill++) {
      const sync = start('sync', 'tv', '--quiet')
      const isDead = once(sync, 'exit')
      while ((await portal.pages()) < (pages * kill) / (KILLS + 1)) await sleep(PAGE_MS)
      sync.kill('SIGKILL')
      await isDead
    }
    await tidemark('sync', 'tv', '--quiet')
    const seconds = (performance.now() - from) / 1_000
    const again = (await portal.pages()) - pages
    const wrong = await wrongTitles()
    await portal.mutate('add', 20)
    const news = await syncs()
    const wrongNews = await wrongTitles()
    await portal.mutate('removeAt', 'movies', Math.floor(records / 3))
    const [first, second] = [await syncs('--mode', 'full'), await syncs()]
    const left = await wrongTitles()
    const token = JSON.parse(await tidemark('token', 'create', '--scopes', 'read', '--json')) as { token: string }
    const served = start('serve', '--port', '0', '--no-worker', '--json')
    const firstByte = await firstByteOf(served, token.token).finally(() => served.kill('SIGTERM'))
    const titles = records.toLocaleString('en')
    return [
      { name: `first sync of ${titles} titles, killed ${KILLS} times`, value: seconds, unit: 's' },
      { name: 'titles that it lacks or has too many', value: wrong, unit: 'titles', aim: '0', met: wrong === 0 },
      {
        name: `listing requests beyond the ${pages.toLocaleString('en')} pages`,
        value: again,
        unit: 'requests',
        aim: `<= ${KILLS * LOST_A_KILL}`,
        met: again <= KILLS * LOST_A_KILL,
      },
      {
        name: 'listing requests of a sync that finds 20 new titles',
        value: news,
        unit: 'requests',
        aim: '<= 4',
        met: news <= 4 && wrongNews === 0,
      },
      { name: 'listing requests of a full pass that lacks a title', value: first, unit: 'requests' },
      {
        name: 'listing requests of the next sync, which removes it',
        value: second,
        unit: 'requests',
        aim: 'title removed',
        met: left === 0,
      },
      {
        name: `first byte of the catalog, median of ${ASKED} (the best ${firstByte.best.toFixed(1)} ms)`,
        value: firstByte.median,
        unit: 'ms',
        aim: `< ${FIRST_BYTE_MS}`,
        met: firstByte.median < FIRST_BYTE_MS,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Asks a server for the catalog, each time until its first bytes are there; the first answer is not counted. */
async function firstByteOf(server: ChildProcess, token: string) {
  let said = ''
  for await (const part of server.stdout as Readable) if (/\n}/.test((said += String(part)))) break
  const { url } = JSON.parse(said) as { url: string }
  const times: number[] = []
  for (let asked = 0; asked <= ASKED; asked++) {
    const from = performance.now()
    const answer = await fetch(`${url}/api/connections/tv/catalog`, { headers: { authorization: `Bearer ${token}` } })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const { value } = await reader.read()
    times.push(performance.now() - from)
    if (answer.status !== 200 || !value?.length) throw new Error(`no catalog: ${answer.status}`)
    await reader.cancel()
  }
  const sorted = times.slice(1).toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] as number, best: sorted[0] as number }
}

/** A portal in a process of its own. */
async function startPortal(titles: number) {
  const args = [SERVE, 'stalker', '--kind', 'xtream', '--titles', String(titles), '--until-stdin-ends']
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url, mac, portalUrl } = JSON.parse(line) as { url: string; mac: string; portalUrl: string }
  const admin = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    (
      await fetch(`${url}/__emulator${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    ).json()
  const fault = { kind: 'delay', ms: PAGE_MS }
  await admin('POST', '/faults', { when: { query: { action: 'get_ordered_list' } }, fault })
  const options = { portalUrl, mac, allowPrivateNetwork: 'true' }
  const served = async () => ((await admin('GET', '/stats')) as { faults: Record<string, number> }).faults['delay'] ?? 0
  let forgotten = 0
  return {
    settings: Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ids: async (kind: string) => (await admin('GET', `/world/ids?args=["${kind}"]`)) as string[],
    /** Pages of listings that it was asked for since `forget`. */
    pages: async () => (await served()) - forgotten,
    mutate: (name: string, ...more: unknown[]) => admin('POST', '/mutate', { name, args: more }),
    forget: async () => void (forgotten = await served()),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode]
  if (code !== 0 && code !== 3) throw new Error(`tidemark ${child.spawnargs[2]} exited with ${code}`)
}
