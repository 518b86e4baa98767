// Owns the proof that a lease is taken at once only from a process that is surely dead: containers have process ids of
// their own, often under one hostname, and so have machines of one name. Real namespaces, where they may be made.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { takeLease } from '../../src/engine/runs/lease.ts'
import { holderIsDead, thisHolder } from '../../src/engine/runs/process.ts'
import { systemClock } from '../../src/engine/system.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Holder } from '../../src/store/store.ts'
import { lacks } from '../support/on-posix.ts'

const NO_PROC = thisHolder('me').space === undefined
const UNSHARE = ['--pid', '--fork', '--mount-proc', '--kill-child']
const NO_NAMESPACES = NO_PROC || spawnSync('unshare', [...UNSHARE, 'true']).status !== 0
const PROCESS = join(import.meta.dirname, '..', '..', 'src', 'engine', 'runs', 'process.ts')
const HOLD = `import { holderIsDead, thisHolder } from ${JSON.stringify(PROCESS)}
console.log(JSON.stringify(thisHolder('them')))
process.stdin.on('data', (text) => console.log(JSON.stringify(holderIsDead(JSON.parse(text)))))`

const folder = mkdtempSync(join(tmpdir(), 'tidemark-namespaces-'))
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A process that holds something, in the namespace that `before` makes. */
async function living(...before: readonly string[]) {
  const [command, ...words] = [...before, process.execPath, '--input-type=module', '-e', HOLD]
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  const said = async () => JSON.parse(String((await once(child.stdout, 'data'))[0])) as unknown
  const holder = (await said()) as Holder
  return {
    holder,
    /** What that process thinks of a holder. */
    async isDead(other: Holder) {
      child.stdin.write(JSON.stringify(other))
      return said()
    },
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** Whether the lease of a holder can be had before its end. */
async function isTakenFrom(holder: Holder): Promise<boolean> {
  const store = await openSqliteStore({ path: join(folder, `${Math.random()}.db`), clock: systemClock })
  try {
    const now = await store.now()
    await store.leases.claim({ resource: 'connection:1', holder, now, expiresAt: now + 600_000 })
    const ports = { store, clock: systemClock, holder: thisHolder('me'), isDead: holderIsDead }
    return 'lease' in (await takeLease(ports, 'connection:1'))
  } finally {
    await store.close()
  }
}

test.skipIf(NO_NAMESPACES)(`a process in another PID namespace keeps its lease${lacks('namespaces')}`, async () => {
  const there = await living('unshare', ...UNSHARE)
  const here = thisHolder('me')
  // The same machine and name, and a pid that means nobody or somebody else here.
  expect([there.holder.host, there.holder.pid < 100]).toEqual([here.host, true])
  expect(await isTakenFrom(there.holder)).toBe(false)
  expect(await there.isDead(here)).toBe(false)
  await there.kill()
  expect(await isTakenFrom(there.holder)).toBe(false)
})

test.skipIf(NO_PROC)(`a process of this namespace that was killed loses it at once${lacks('/proc')}`, async () => {
  const there = await living()
  expect(await isTakenFrom(there.holder)).toBe(false)
  expect(await there.isDead(thisHolder('me'))).toBe(false)
  await there.kill()
  expect(await isTakenFrom(there.holder)).toBe(true)
})

test.skipIf(NO_PROC)(`only where pids can be compared is anybody known to be dead${lacks('/proc')}`, () => {
  const me = thisHolder('me')
  const gone = 2 ** 22 + 1
  const dead = (holder: Partial<Holder>) => holderIsDead({ ...me, ...holder })
  expect(dead({})).toBe(false)
  expect(dead({ pid: gone })).toBe(true)
  // The pid is another process's by now.
  expect(dead({ startedAt: me.startedAt - 1 })).toBe(true)
  expect(dead({ host: 'renamed', pid: gone })).toBe(true)
  // Another machine of the same name, the same one after it was started again, another container.
  expect(dead({ space: `other ${String(me.space)}`, pid: gone })).toBe(false)
  expect(dead({ space: String(me.space).replace(/pid:\[\d+\]/, 'pid:[1]'), pid: gone, startedAt: 1 })).toBe(false)
  // Written by a version that did not say, or by a system that can't.
  const { space: _, ...unknown } = me
  expect(holderIsDead({ ...unknown, pid: gone })).toBe(false)
})
