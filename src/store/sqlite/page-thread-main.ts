// Owns the thread that writes pages: it opens the file by itself, writes one page after the other, and answers each. Started
// by page-thread.ts.

import { parentPort, workerData } from 'node:worker_threads'
import type { StreamShape } from '../../model/record.ts'
import { type Open, PageWriter } from './checkpoint.ts'
import { Connection, type ConnectionSettings } from './connection.ts'
import type { Answer, Order } from './page-messages.ts'
import { sentError } from './sent-error.ts'
import { StreamWriter } from './writer.ts'

/** Streams that are kept open with their statements; the first opened goes first. */
const OPEN_MAX = 256

const port = parentPort
if (port) serve(port, new Connection(workerData as ConnectionSettings))

function serve(asked: NonNullable<typeof parentPort>, db: Connection): void {
  const writer = new PageWriter(db)
  const streams = new Map<number, Open>()

  /** A stream that has got another shape meanwhile has other statements. */
  function open({ no, projectNo, base, shapeText }: Order['stream']): Open {
    const known = streams.get(no)
    if (known?.shapeText === shapeText && known.base === base) return known
    const stream = {
      projectNo,
      base,
      shapeText,
      writer: new StreamWriter(db, base, JSON.parse(shapeText) as StreamShape),
    }
    streams.set(no, stream)
    const [oldest] = streams.keys()
    if (streams.size > OPEN_MAX && oldest !== undefined) streams.delete(oldest)
    return stream
  }

  function answer({ no, batch, stream }: Order): Answer {
    try {
      return { of: no, result: writer.write(batch, open(stream)) }
    } catch (error) {
      return { of: no, error: sentError(error) }
    }
  }

  asked.on('message', (order: Order | 'close') => {
    if (order !== 'close') return asked.postMessage(answer(order))
    db.close()
    asked.close()
  })
  asked.postMessage({} satisfies Answer)
}
