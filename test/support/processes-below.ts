// Owns a look at the processes that another one has started.

import { execFileSync } from 'node:child_process'

/** Processes whose command has `word`, by the process that has started them. */
export function processesBelow(parent: number, word: string): readonly number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , above, command]) => Number(above) === parent && command?.includes(word))
    .map(([, pid]) => Number(pid))
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
