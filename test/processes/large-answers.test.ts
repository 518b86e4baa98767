// Owns the proof that an answer of any size is printed by processes of bounded memory, whoever reads it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/engine/system.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
/** 16 rows of 8 MB: more than the memory that a process gets here. */
const SQL = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 16)
  SELECT i, hex(zeroblob(4000000)) AS text FROM n`
const BYTES = 16 * 8_000_000
const HEAP = '--max-old-space-size=96'

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-large-'))
  const store = await openSqliteStore({ path: join(folder, 'm.db'), clock: systemClock })
  await store.projects.ensure({ id: 'default', timezone: 'UTC', at: 1 })
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function tidemark(...words: readonly string[]) {
  const { TIDEMARK_DATABASE: _, ...environment } = process.env
  const child = spawn(process.execPath, [BIN, '--database', join(folder, 'm.db'), ...words], {
    env: { ...environment, NODE_OPTIONS: HEAP, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  return { child, exit: once(child, 'close').then(([code]) => ({ code, said })) }
}

it.each(['json', 'csv'])('%s of many large rows is written row by row', { timeout: 120_000 }, async (format) => {
  const { child, exit } = tidemark('sql', SQL, '--format', format, '--timeout', '600')
  let bytes = 0
  for await (const chunk of child.stdout) bytes += (chunk as Buffer).length
  expect(await exit).toEqual({ code: 0, said: '' })
  expect(bytes).toBeGreaterThan(BYTES)
})

it('a table keeps what it shows of a row, not the row', { timeout: 120_000 }, async () => {
  const { child, exit } = tidemark('sql', SQL, '--format', 'table', '--timeout', '600')
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  expect(await exit).toEqual({ code: 0, said: '' })
  expect(text.split('\n')).toHaveLength(18)
})

it('a reader that goes away ends it quietly', { timeout: 120_000 }, async () => {
  const { child, exit } = tidemark('sql', SQL.replace('LIMIT 16', ''), '--format', 'jsonl', '--timeout', '600')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect(await exit).toEqual({ code: 0, said: '' })
})
