// Owns the proof that a full disk is no accident either, wherever it strikes: a sync says `disk_full`, leaves nothing by
// halves, and goes on when there is room again. Every size of disk is tried, page by page.

import { rmSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Scenario } from '../faults/scenario.ts'
import { World } from '../faults/world.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'

/** The size of a page of the file. */
const PAGE_BYTES = 4_096

const SCENARIO: Scenario = {
  name: 'a full disk',
  style: 'full-witness',
  scale: { records: 90, pageSize: 20 },
  script: async () => {},
}

test('a sync on a disk of any size keeps whole pages, says that the disk is full, and goes on when it is not', async () => {
  const template = await World.open(SCENARIO, undefined)
  const first = Math.ceil(statSync(template.path).size / PAGE_BYTES)
  await template.close()
  let full = 0
  let kept = 0
  for (let pages = first; ; pages++) {
    const world = await World.open(SCENARIO, undefined)
    try {
      await world.restart({ sizeMax: pages * PAGE_BYTES })
      const ended = await world.tested()
      const code = ended.kind === 'report' ? ended.report.error?.code : ended.kind === 'threw' ? ended.code : 'killed'
      expect(world.sql('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
      const stored = world.mirror().live.size
      // Whole pages of the source: the run's own check of its oracle has compared their content.
      expect(stored % SCENARIO.scale!.pageSize! === 0 || stored === 90, `${stored} records`).toBe(true)
      if (code === undefined) {
        expect(stored).toBe(90)
        break
      }
      expect(code).toBe('disk_full')
      full++
      kept = Math.max(kept, stored)
      await world.restart()
      expect((await world.settle()).live.size).toBe(90)
    } finally {
      await world.close()
    }
  }
  expect(full).toBeGreaterThan(5)
  expect(kept).toBeGreaterThan(0)
}, 60_000)

test('a file that has no room to be made is made when there is room', async () => {
  const world = await World.open(SCENARIO, undefined)
  const path = `${world.path}.new`
  await world.close()
  let refused = 0
  for (let pages = 1; ; pages++) {
    for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
    const made = await openSqliteStore({ path, clock: fixedClock(), sizeMax: pages * PAGE_BYTES }).catch(
      (error: { code?: string }) => error,
    )
    if ('close' in made) {
      await made.close()
      break
    }
    expect(made.code).toBe('disk_full')
    refused++
    const store = await openSqliteStore({ path, clock: fixedClock() })
    await store.ensureProject({ id: 'default', timezone: 'UTC', at: 0 })
    await store.close()
  }
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
  expect(refused).toBeGreaterThan(5)
}, 60_000)
