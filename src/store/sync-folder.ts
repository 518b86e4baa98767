// Owns what makes a new name durable: the folder that it stands in is written to the disk.

import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Writes a folder to the disk. Systems that cannot do this need not: the name is there, and its durability is theirs. */
export function syncFolder(folder: string): void {
  let handle: number
  try {
    handle = openSync(folder, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(handle)
  } catch {
    // Only files can be synced here.
  } finally {
    closeSync(handle)
  }
}
