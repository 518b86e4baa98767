// Owns the proof that a database can be read where nothing can be written: a file or a folder that is write-protected,
// with a log, without one, and while another process writes. Real permissions, in a process of another user where this
// one may write everywhere.

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { record, World } from '../conformance/world.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
const isRoot = process.getuid?.() === 0
/** Nobody in particular: somebody to whom only the permissions for others apply. */
const STRANGER = isRoot ? { uid: 65_534, gid: 65_534 } : {}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-read-only-')))
const file = (name: string) => join(root, name, 'x.db')
let live: Store

function run(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args, '--database', file(name)], {
    cwd: '/',
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      TMPDIR: join(root, 'tmp'),
      HOME: '/nowhere',
      NODE_COMPILE_CACHE: join(root, 'tmp', 'code'),
    },
    ...STRANGER,
  })
  return { code: status, stdout, stderr }
}

async function mirrorAt(path: string, ...keys: string[]): Promise<Store> {
  const store = await openSqliteStore({ path, clock: fixedClock() })
  const world = await new World({} as never, store, 'default').begin('me', {
    connector: 'github',
    stream: 'stars',
    version: '1',
    columns: [{ name: 'title', type: 'text' }],
    metrics: [],
  })
  await world.put({ inserts: keys.map((key) => record(key, 1, [`title of ${key}`])) })
  await world.finishRun()
  return store
}

/** Readable by all, writable by nobody. */
function protect(name: string): void {
  for (const each of readdirSync(join(root, name))) chmodSync(join(root, name, each), 0o444)
  chmodSync(join(root, name), 0o555)
}

beforeAll(async () => {
  chmodSync(root, 0o755)
  for (const name of ['clean', 'file', 'live', 'left', 'copied', 'secret', 'closed', 'tmp']) mkdirSync(join(root, name))
  chmodSync(join(root, 'tmp'), 0o777)
  await (await mirrorAt(file('clean'), 'a', 'b')).close()
  for (const name of ['file', 'secret', 'closed']) copyFileSync(file('clean'), file(name))
  live = await mirrorAt(file('live'), 'a', 'b', 'c')
  // What a killed process leaves behind, and what somebody has copied of it.
  for (const end of ['', '-wal', '-shm']) copyFileSync(file('live') + end, file('left') + end)
  for (const end of ['', '-wal']) copyFileSync(file('live') + end, file('copied') + end)
  for (const name of ['clean', 'live', 'left', 'copied']) protect(name)
  chmodSync(file('file'), 0o444)
  chmodSync(join(root, 'file'), 0o777)
  chmodSync(file('secret'), 0o600)
  if (!isRoot) chmodSync(file('secret'), 0o000)
  chmodSync(join(root, 'closed'), isRoot ? 0o700 : 0o000)
})
afterAll(async () => {
  await live.close()
  for (const name of readdirSync(root)) chmodSync(join(root, name), 0o700)
  rmSync(root, { recursive: true })
})

describe.skipIf(process.platform === 'win32')('a database that cannot be written is read', () => {
  test.each([
    ['in a read-only folder, without a log', 'clean', 2],
    ['when the file alone is read-only', 'file', 2],
    ['in a read-only folder while its owner has it open', 'live', 3],
    ['in a read-only folder with the log of a killed process', 'left', 3],
    ['in a read-only folder with a log that has no index', 'copied', 3],
  ])('%s', (_, name, records) => {
    // SQLite itself makes two files beside one whose folder can be written; otherwise nothing is left behind.
    const after = readdirSync(join(root, name)).length + (name === 'file' ? 2 : 0)
    const shown = run(name, 'records', 'me/stars', '--json')
    expect([shown.code, shown.stderr]).toEqual([0, ''])
    expect(JSON.parse(shown.stdout)).toHaveLength(records)
    const status = run(name, 'status', '--json')
    expect([status.code, status.stderr]).toEqual([0, ''])
    expect(JSON.parse(status.stdout)).toMatchObject({ connections: [{ id: 'me', totalRecords: records }] })
    const sql = run(name, 'sql', 'select count(*) as n from github_stars', '--json')
    expect([sql.code, JSON.parse(sql.stdout)]).toEqual([0, [{ n: records }]])
    expect(run(name, 'history', 'me/stars', 'a', '--json').code).toBe(0)
    expect(run(name, 'export', 'me/stars', '--out', '-', '--format', 'tsv').stdout.split('\n')).toHaveLength(
      records + 2,
    )
    expect(readdirSync(join(root, name))).toHaveLength(after)
    expect(readdirSync(join(root, 'tmp')).filter((one) => one.startsWith('tidemark-read-'))).toEqual([])
  })

  test('and what would write says that it can not', () => {
    for (const args of [
      ['pause', 'me'],
      ['connect', 'github', '--id', 'you', '--set', 'user=ada'],
    ]) {
      const { code, stderr } = run('clean', ...args)
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^database_unwritable: .*clean\/x\.db.*\nhint: /m)])
    }
  })

  test.each([
    ['the file', 'secret'],
    ['its folder', 'closed'],
  ])('unless %s refuses to be read, which is said', (_, name) => {
    for (const args of [['status'], ['sql', 'select 1']]) {
      const { code, stderr } = run(name, ...args)
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^database_forbidden: .*x\.db can't be read \(EACCES\)\.?\nhint: /),
      ])
    }
    expect(existsSync(join(root, 'tmp', 'x.db'))).toBe(false)
  })
})
