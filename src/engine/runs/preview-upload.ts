// Owns what a dry run of an upload reads: the file, what is stored of its stream, and what is kept of earlier files.

import type { Connector, Stream } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { ConnectionRow } from '../../store/store.ts'
import { DECISIONS } from '../passes/kinds/all.ts'
import { placeholders, revealed } from '../passes/placeholders.ts'
import { BUSY_MAX_MS } from '../passes/rows/parse.ts'
import { compileStream } from '../passes/rows/shape.ts'
import { standingOf } from '../passes/stream-run.ts'
import { FileKeys } from '../passes/uploads/foreseen.ts'
import { previewUpload, type UploadPreview } from '../passes/uploads/preview.ts'
import { readRows, uploadPass } from '../passes/uploads/rows.ts'
import type { UploadOrder } from '../passes/uploads/upload.ts'
import { openConnection } from './connection.ts'
import type { RunPorts } from './run.ts'
import { namedSecrets } from './secret-texts.ts'

/** @throws TidemarkError section_missing, upload_unreadable, upload_too_large, stream_unknown, cancelled */
export async function previewFile(
  ports: RunPorts,
  {
    row,
    connector,
    stream: name,
    opened: file,
  }: {
    readonly row: ConnectionRow
    readonly connector: Connector
    readonly stream: string
    readonly opened: UploadOrder
  },
  signal: AbortSignal | undefined,
): Promise<UploadPreview> {
  const { store, clock, decisions = DECISIONS } = ports
  const opened = await openConnection(ports, connector, row)
  const stream = connector.streams[name] as Stream
  const parser = compileStream(connector, name)
  const streamRow = (await store.streams.list(row.no)).find((one) => one.stream === name)
  if (!streamRow) throw new TidemarkError('stream_unknown', `Connection "${row.id}" has no stream "${name}".`)
  const stored = revealed(
    await store.streams.state(streamRow.no),
    placeholders(() => namedSecrets(opened)),
  )
  const pass = uploadPass(name, connector)
  const stopIfAborted = () => {
    if (signal?.aborted) throw new TidemarkError('cancelled', 'The dry run was cancelled.', { scope: 'run' })
  }
  let since = clock.mono()
  const keys = new FileKeys()
  const read = await readRows({
    pass,
    parser,
    files: file.files,
    options: opened.options,
    clock,
    await: async (act) => {
      stopIfAborted()
      return act()
    },
    onKey: (key) => keys.add(key),
  })
  try {
    return await previewUpload({
      store,
      decisions,
      streamNo: streamRow.no,
      parser,
      volatile: stream.volatile ?? [],
      pass,
      last: standingOf(name, stream, row.options, stored).kept.upload,
      askedAt: clock.now(),
      read,
      keys,
      turn: async () => {
        stopIfAborted()
        if (clock.mono() - since < BUSY_MAX_MS) return
        await clock.sleep(0)
        since = clock.mono()
      },
    })
  } finally {
    await read.rows.close()
  }
}
