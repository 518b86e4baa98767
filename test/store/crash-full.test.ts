// Owns the proof that a full disk is no accident either, wherever it strikes: a sync says `disk_full`, leaves nothing by
// halves, and goes on when there is room again. Every size of disk is tried, page by page.

import { rmSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import type { Scenario } from '../faults/scenario.ts'
import { World } from '../faults/world.ts'

/** The size of a page of the file. */
const PAGE_BYTES = 4_096
const RECORDS = 90
const PAGE_SIZE = 20

const SCENARIO: Scenario = {
  name: 'a full disk',
  style: 'full-witness',
  scale: { records: RECORDS, pageSize: PAGE_SIZE },
  script: async () => {},
}

test('a sync on a disk of any size keeps whole pages, says that the disk is full, and goes on when it is not', async () => {
  const template = await World.open(SCENARIO, undefined)
  const first = Math.ceil(statSync(template.path).size / PAGE_BYTES)
  await template.close()
  const tries: Try[] = []
  while (tries.at(-1)?.code !== 'none') tries.push(await onDiskOf(first + tries.length))
  const last = tries.pop()
  expect(last).toMatchObject({ integrity: 'ok', stored: RECORDS, settled: RECORDS })
  expect(tries.length).toBeGreaterThan(5)
  for (const { code, integrity, stored, settled } of tries) {
    expect([code, integrity, settled]).toEqual(['disk_full', 'ok', RECORDS])
    // Whole pages of the source, or all of it; that their content is right has been checked with every sync.
    expect(stored === RECORDS ? 0 : stored % PAGE_SIZE).toBe(0)
  }
  expect(Math.max(...tries.map(({ stored }) => stored))).toBeGreaterThan(0)
})

test('a file that has no room to be made is made when there is room', async () => {
  const world = await World.open(SCENARIO, undefined)
  await world.close()
  const path = `${world.path}.new`
  const codes: string[] = []
  while (codes.at(-1) !== 'none') {
    forget(path)
    codes.push(await makeOnDiskOf(path, codes.length + 1))
    const store = await openSqliteStore({ path, clock: fixedClock() })
    await store.projects.ensure({ id: 'default', timezone: 'UTC', at: 0 })
    await store.close()
  }
  forget(path)
  expect(codes.length).toBeGreaterThan(5)
  expect(new Set(codes.slice(0, -1))).toEqual(new Set(['disk_full']))
})

interface Try {
  /** `none`: nothing went wrong. */
  readonly code: string
  readonly integrity: unknown
  readonly stored: number
  /** Records after some more syncs with room. */
  readonly settled: number
}

async function onDiskOf(pages: number): Promise<Try> {
  const world = await World.open(SCENARIO, undefined)
  try {
    await world.restart({ sizeMax: pages * PAGE_BYTES })
    const ended = await world.tested()
    const error = ended.kind === 'report' ? ended.report.error : ended.kind === 'threw' ? ended : undefined
    const integrity = world.sql('PRAGMA integrity_check')[0]?.['integrity_check']
    const stored = world.mirror().live.size
    await world.restart()
    const settled = (await world.settle()).live.size
    return { code: error?.code ?? 'none', integrity, stored, settled }
  } finally {
    await world.close()
  }
}

async function makeOnDiskOf(path: string, pages: number): Promise<string> {
  try {
    await (await openSqliteStore({ path, clock: fixedClock(), sizeMax: pages * PAGE_BYTES })).close()
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

function forget(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
}
