// Owns what the engine knows of processes: who this one is, and whether another holder still lives.
//
// A process id means something only where it was given: containers have numbers of their own, often under one hostname,
// and so have two machines that were given the same name. A holder therefore says in which space of ids it lives; only a
// process of that very space can find out at once that it is dead. Everybody else waits for the end of its lease.

import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Holder } from '../../store/store.ts'

/** A worker that has not told for so long that it works does so no more, in milliseconds. */
export const SEEN_MS = 30_000

/** This process as a holder of leases. `id` tells two engines in one process apart. */
export function thisHolder(id: string): Holder {
  const space = thisSpace()
  const startedAt = processStart(process.pid) ?? 0
  return { id, host: hostname(), pid: process.pid, startedAt, ...(space !== undefined && { space }) }
}

/**
 * Whether a holder is known to be dead: a process of this one's space that is gone, or whose pid belongs to another
 * process by now. A holder elsewhere, or one that we may not look at, counts as alive: its lease runs out by itself.
 */
export function holderIsDead(holder: Holder): boolean {
  if (isElsewhere(holder)) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const startedAt = processStart(holder.pid)
  return startedAt !== undefined && holder.startedAt !== 0 && startedAt !== holder.startedAt
}

/** Whether a holder lives where nobody here can see whether it still does. */
export function isElsewhere({ space }: Holder): boolean {
  return space === undefined || space !== thisSpace()
}

/**
 * In which space process ids and start times can be compared: the machine since it was started, the namespace of its pids
 * and that of its clock (namespaces(7)). Undefined where the system doesn't say, or where /proc is that of another
 * namespace.
 */
function thisSpace(): string | undefined {
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')} ${timeNamespace()}`
  } catch {
    return undefined
  }
}

/** Older kernels have none. */
function timeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time')
  } catch {
    return '-'
  }
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
