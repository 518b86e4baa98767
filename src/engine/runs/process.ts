// Owns what the engine knows of processes: who this one is, and whether another holder on this host still lives.

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Holder } from '../../store/store.ts'

/** This process as a holder of leases. `id` tells two engines in one process apart. */
export function thisHolder(id: string): Holder {
  return { id, host: hostname(), pid: process.pid, startedAt: processStart(process.pid) ?? 0 }
}

/**
 * Whether a holder is known to be dead: a process of this host that is gone, or whose pid belongs to another process
 * by now. A holder elsewhere, or one that we may not look at, counts as alive: its lease runs out by itself.
 */
export function holderIsDead(holder: Holder): boolean {
  if (holder.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const startedAt = processStart(holder.pid)
  return startedAt !== undefined && holder.startedAt !== 0 && startedAt !== holder.startedAt
}

/**
 * When a process started, in the clock ticks since boot that /proc/<pid>/stat gives as its 22nd field (proc(5));
 * undefined where there is no /proc. A zombie has ended, though its pid is still there.
 */
function processStart(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? -1 : Number(fields[19])
  } catch {
    return undefined
  }
}
