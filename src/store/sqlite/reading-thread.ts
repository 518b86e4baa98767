// Owns what one of the reading threads does: it opens the file for reading, and answers one long read after the other.

import { parentPort, workerData } from 'node:worker_threads'
import { Connection } from './connection.ts'
import { type LongRead, readLong } from './long-reads.ts'
import type { ReadAnswer } from './reading-threads.ts'
import { sentError } from './sent-error.ts'

/** Pages kept in memory, in KiB: a sweep over a million rows reads each page once. */
const CACHE_KIB = 8_192

let db: Connection | undefined

async function answer(asked: LongRead): Promise<ReadAnswer> {
  try {
    db ??= new Connection({ path: String(workerData), readOnly: true, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
    return { value: await readLong(db, asked) }
  } catch (error) {
    return { error: sentError(error) }
  }
}

parentPort?.on('message', (asked: LongRead) => {
  void answer(asked).then((told) => parentPort?.postMessage(told))
})
