// Owns the promise that a statement ends with whoever asked for it, however that one ends.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { SqliteFile } from '../store/sqlite-file.ts'
import { isAlive, processesBelow } from '../support/processes-below.ts'

const file = new SqliteFile()
afterAll(() => file.drop())

const CONSOLE = join(import.meta.dirname, '../../src/store/console.ts')
const ENDLESS = 'with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c'

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a statement ends when the process that asked for it ends by ${signal}`, async () => {
    await file.connect()
    const request = { database: file.path, project: 'default', sql: ENDLESS, timeoutMs: 600_000 }
    const code = `import(${JSON.stringify(CONSOLE)}).then(({ openSql }) => openSql(${JSON.stringify(request)}))`
    const asker = spawn(process.execPath, ['--no-warnings', '-e', code], { stdio: 'ignore' })
    const found = () => processesBelow(asker.pid ?? 0, 'console/process')
    await vi.waitFor(() => expect(found()).toHaveLength(1), { timeout: 30_000, interval: 50 })
    const [statement = 0] = found()
    // It has begun to work, as far as anyone can tell.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(isAlive(statement)).toBe(true)
    asker.kill(signal)
    await vi.waitFor(() => expect(isAlive(statement)).toBe(false), { timeout: 30_000, interval: 50 })
  }, 90_000)
}
