// Owns what a dry run of an upload reads: the file, what is stored of its stream, and what is kept of earlier files.

import type { Connector, Stream } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { ConnectionRow } from '../../store/store.ts'
import { DECISIONS } from '../passes/kinds/all.ts'
import { placeholders, revealed } from '../passes/placeholders.ts'
import { compileStream } from '../passes/rows/shape.ts'
import { standingOf } from '../passes/stream-run.ts'
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
  const read = await readRows({
    pass,
    parser,
    files: file.files,
    options: opened.options,
    clock,
    await: async (act) => {
      if (signal?.aborted) throw new TidemarkError('cancelled', 'The dry run was cancelled.', { scope: 'run' })
      return act()
    },
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
    })
  } finally {
    await read.rows.close()
  }
}
