// Owns the benchmark of the server: a whole process of `tidemark serve` over a stream of a million records. How many requests of
// each main route it answers, and how long one for records takes while a first sync runs at full speed in the same server, alone
// and beside outlines of the million.
//
//   npm run bench -- server
//   npm run bench -- server --records 100000

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

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const BIN = here('../../bin/tidemark.js')
const NOTES = 20_000
/** Callers of a route at the same time, and for how long, in milliseconds. */
const TOGETHER = 4
const FOR_MS = 3_000
/** How long records are asked for beside a sync, and the pause between two requests, in milliseconds. */
const BESIDE_MS = 15_000
const EVERY_MS = 10
/** The aim for 99 of 100 requests for records beside a sync, in milliseconds. */
const P99_MS = 50

const RECORDS = '/api/connections/big/streams/records'
const ROUTES: Readonly<Record<string, string>> = {
  status: '/api/status',
  'a page of 100 records': `${RECORDS}/records?limit=100`,
  'a page in the middle, by key': `${RECORDS}/records?limit=100&cursor=`,
  'a record': `${RECORDS}/records/rec_000000777`,
  '100 changes': '/api/changes?limit=100',
  search: '/api/search?q=wrote+number+777',
}

export async function server(records = 1_000_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const sources = await Promise.all([source(records), source(NOTES)])
  const [big = '', small = ''] = sources.map(({ address }) => address)
  const env = {
    ...process.env,
    TIDEMARK_DATABASE: join(folder, 'bench.db'),
    TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const start = (...args: string[]) =>
    spawn(process.execPath, [BIN, '--config', here('./server/tidemark.config.ts'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const tidemark = async (...args: string[]) => {
    const child = start(...args, '--quiet')
    child.stdout.resume()
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`tidemark ${args[0]} exited with ${code}`)
  }
  const connect = (connector: string, id: string, address: string) =>
    tidemark('connect', connector, '--id', id, '--set', `baseUrl=${address}`, '--set', 'allowPrivateNetwork=true')
  let served: ChildProcess | undefined
  try {
    await connect('bench', 'big', big)
    await connect('notes', 'notes', small)
    await tidemark('sync', 'big')
    await tidemark('sync', 'notes')
    served = start('serve', '--port', '0', '--json')
    const ask = await asker(served)
    const middle = await ask(`${RECORDS}/outline?every=500`)
    const { cursors } = JSON.parse(middle.text) as { cursors: string[] }
    const figures: Figure[] = []
    for (const [name, path] of Object.entries(ROUTES)) {
      const where = path.endsWith('cursor=') ? `${path}${cursors[cursors.length >> 1]}` : path
      figures.push(...(await throughput(name, () => ask(where))))
    }
    const outline = `${RECORDS}/outline?order=customer`
    const rows = records.toLocaleString('en')
    figures.push({
      name: `outline of ${rows} records in the order of a column`,
      value: (await ask(outline)).ms,
      unit: 'ms',
    })
    const page = () => ask(`${RECORDS}/records?limit=100`)
    figures.push(...(await beside('with nothing beside', page)))
    // One first sync after the other, without a pause.
    let lives = 0
    const syncing = repeat(async () => {
      const id = `live${lives++}`
      const options = { baseUrl: big, allowPrivateNetwork: true }
      await ask('/api/connections', { connector: 'bench', id, options })
      const { id: run } = JSON.parse((await ask(`/api/connections/${id}/runs`, {})).text) as { id: string }
      while (JSON.parse((await ask(`/api/runs/${run}`)).text).status === 'running') await sleep(250)
    })
    const stored = async () => Number(JSON.parse((await ask('/api/sql', { sql: LIVE })).text).rows[0].n)
    const [from, before] = [performance.now(), await stored()]
    figures.push(...(await beside('beside a first sync', page, P99_MS)))
    const during = repeat(() => ask(outline))
    figures.push(...(await beside(`beside a first sync and an outline of ${rows}`, page, P99_MS)))
    const [n, seconds] = [(await stored()) - before, (performance.now() - from) / 1_000]
    figures.push({ name: 'records that the syncs stored meanwhile', value: n / seconds, unit: 'records/s' })
    await during.end()
    // It ends with the server.
    void syncing.end().catch(() => {})
    return figures
  } finally {
    served?.kill('SIGKILL')
    for (const { child } of sources) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const LIVE = "SELECT count(*) AS n FROM bench_records WHERE _connection LIKE 'live%'"

interface Answer {
  readonly text: string
  readonly ms: number
}

type Ask = (path: string, body?: object) => Promise<Answer>

/** Calls of a server that has just been started. @throws Error when one is refused */
async function asker(child: ChildProcess): Promise<Ask> {
  let said = ''
  for await (const part of child.stdout as Readable) if (/\n}/.test((said += String(part)))) break
  const { url, adminToken } = JSON.parse(said) as { url: string; adminToken: string }
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  return async (path, body) => {
    const from = performance.now()
    const answer = await fetch(url + path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })
    const text = await answer.text()
    const ms = performance.now() - from
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return { text, ms }
  }
}

/** The first call is not counted. */
async function throughput(name: string, act: () => Promise<Answer>): Promise<readonly Figure[]> {
  await act()
  const times: number[] = []
  const from = performance.now()
  const caller = async () => {
    while (performance.now() - from < FOR_MS) times.push((await act()).ms)
  }
  await Promise.all(Array.from({ length: TOGETHER }, caller))
  const perSecond = (times.length * 1_000) / (performance.now() - from)
  return [
    { name: `${name}, ${TOGETHER} callers`, value: perSecond, unit: 'requests/s' },
    { name: `${name}, 99 of 100 within`, value: within(times, 0.99), unit: 'ms' },
  ]
}

async function beside(what: string, act: () => Promise<Answer>, aim?: number): Promise<readonly Figure[]> {
  const times: number[] = []
  for (const from = performance.now(); performance.now() - from < BESIDE_MS; ) {
    times.push((await act()).ms)
    await sleep(EVERY_MS)
  }
  const p99 = within(times, 0.99)
  return [
    { name: `100 records ${what}, half within`, value: within(times, 0.5), unit: 'ms' },
    {
      ...{ name: `100 records ${what}, 99 of 100 within`, value: p99, unit: 'ms' },
      ...(aim === undefined ? {} : { aim: `≤ ${aim}`, met: p99 <= aim }),
    },
  ]
}

function within(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

/** Does something again and again until `end`. */
function repeat(act: () => Promise<unknown>): { end(): Promise<void> } {
  const over = new AbortController()
  const going = (async () => {
    while (!over.signal.aborted) await act()
  })()
  return {
    async end() {
      over.abort()
      await going
    },
  }
}

/** A source in a process of its own. */
async function source(records: number): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(process.execPath, [here('./ingest/source.ts'), String(records)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, address }
}
