// Owns the wait for a process that the kill loop has started.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Its exit code; -1 where a signal ended it. */
export async function exit(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? -1
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? -1
}

/** @throws Error when it fails */
export async function expectZero(child: ChildProcess): Promise<void> {
  const code = await exit(child)
  if (code !== 0) throw new Error(`${child.spawnargs.slice(2, 4).join(' ')} exited with ${code}`)
}
