// Owns the checks of an upload: a file is read whole and as a stream, the same file again changes nothing, and what is
// older, damaged or about something else loses nothing.

import type { Upload } from '../../connector/passes.ts'
import type { UploadedFile } from '../../connector/uploaded.ts'
import type { UploadReport } from '../../operations/upload.ts'
import { openUpload } from '../../uploads/open.ts'
import { zipped } from '../emulators/kit/zip.ts'
import type { Mirror } from '../stage.ts'
import { lastChange, whatChanged } from './changes.ts'
import { type Bench, type Check, describeRun, difference, type FileSample } from './check.ts'
import { broken, notStaged, some } from './found.ts'

/** Bytes of the pieces that a file is read in, to see whether pieces matter; larger files in fewer, larger ones. */
const PIECE_BYTES = 7
const PIECES_MAX = 20_000

interface Staged {
  readonly pass: Upload<unknown, unknown>
  readonly sample: FileSample
}

function staged({ stream, knowledge }: Bench): Staged {
  const pass = stream.passes.find((one): one is Upload<unknown, unknown> => one.kind === 'upload')
  if (!pass) return notStaged('the stream has no upload')
  return { pass, sample: knowledge.files ?? notStaged('give a file of the stream in `uploads` to testConnector') }
}

/** A mirror that has read the good file. */
async function filled(bench: Bench): Promise<Staged & { readonly mirror: Mirror; readonly report: UploadReport }> {
  const given = staged(bench)
  const mirror = await bench.stage.mirror()
  const report = await upload(bench, mirror, given.sample.bytes)
  if (report.status !== 'succeeded') {
    const { quarantined } = countsOf(report)
    const unread = quarantined > 0 ? `; ${quarantined} rows can't be read` : ''
    broken(`the upload of a whole file is ${describeRun(report)}${unread}`)
  }
  return { ...given, mirror, report }
}

function upload(bench: Bench, mirror: Mirror, bytes: Uint8Array, dryRun = false): Promise<UploadReport> {
  return mirror.upload(bench.name, bytes, { name: staged(bench).sample.name, dryRun })
}

function countsOf(report: UploadReport): UploadReport['streams'][number]['counts'] {
  return report.streams[0]?.counts ?? broken('the upload did not read the stream')
}

/** How many records an upload has changed, or would. */
function changedBy(report: UploadReport): number {
  const { inserted, updated, removed, restored, held } = countsOf(report)
  return inserted + updated + removed + restored + held
}

async function fileIsReadWhole(bench: Bench): Promise<string> {
  const { pass, sample, mirror, report } = await filled(bench)
  const content = await mirror.content(bench.name)
  const { holds } = sample
  const expected = typeof holds === 'number' ? holds : holds && [...holds].map(String)
  if (Array.isArray(expected)) {
    const missing = expected.filter((key) => !content.has(key))
    if (missing.length > 0) broken(`${missing.length} records of the file are missing: ${some(missing)}`)
  }
  const count = Array.isArray(expected) ? expected.length : expected
  if (count !== undefined && content.size !== count) {
    broken(`the upload stores ${content.size} records, and the file holds ${count}`)
  }
  const whole = await rowsOf(bench, pass, sample, undefined)
  const piece = Math.max(PIECE_BYTES, Math.ceil(sample.bytes.length / PIECES_MAX))
  const pieces = await rowsOf(bench, pass, sample, piece)
  const again = await rowsOf(bench, pass, sample, undefined)
  // Where rows differ from reading to reading, another check says so.
  const isSteady = whole.rows.join('\n') === again.rows.join('\n')
  if (isSteady ? whole.rows.join('\n') !== pieces.rows.join('\n') : whole.rows.length !== pieces.rows.length) {
    broken(`in pieces of ${piece} bytes the file has ${pieces.rows.length} rows, not the same ${whole.rows.length}`)
  }
  await mirror.close()
  const told = count === undefined ? '; how many it holds was not given' : ''
  return `${countsOf(report).fetched} rows, ${content.size} records${told}`
}

interface Read {
  /** The text of each row, as far as it is a record. */
  readonly rows: readonly string[]
  /** The first row came while its file was still being read. */
  readonly isStreamed: boolean
}

/** Reads a file as the engine does, in pieces of so many bytes. */
async function rowsOf(
  bench: Bench,
  pass: Upload<unknown, unknown>,
  { bytes, name }: FileSample,
  piece: number | undefined,
): Promise<Read> {
  const opened = await openUpload(bytes, { name })
  let open = 0
  const inPieces = (file: UploadedFile): UploadedFile => ({
    name: file.name,
    size: file.size,
    async *bytes() {
      open++
      for await (const part of file.bytes()) {
        const size = piece ?? part.length
        for (let at = 0; at < part.length; at += size) yield part.subarray(at, at + size)
      }
      open--
    },
  })
  const rows: string[] = []
  let isStreamed = true
  try {
    const { options } = (await bench.stage.readerMirror()).reader()
    for await (const row of pass.read({ files: opened.files.map(inPieces), options })) {
      if (rows.length === 0) isStreamed = open > 0
      const parsed = bench.parser.parse(row, rows.length, 0)
      rows.push('quarantined' in parsed ? parsed.quarantined.message : parsed.incoming.raw)
    }
  } finally {
    await opened.close()
  }
  return { rows, isStreamed }
}

async function fileIsStreamed(bench: Bench): Promise<string> {
  const { pass, sample } = staged(bench)
  const { rows, isStreamed } = await rowsOf(bench, pass, sample, PIECE_BYTES)
  if (rows.length < 2) return notStaged('the file has fewer than two rows')
  if (!isStreamed) broken('no row is yielded before the whole file was read: a large one would fill the memory')
  return 'rows are yielded while the file is being read'
}

async function dryRunWritesNothing(bench: Bench): Promise<string> {
  const { sample } = staged(bench)
  const mirror = await bench.stage.mirror()
  const dry = await upload(bench, mirror, sample.bytes, true)
  if (dry.error) broken(`a dry run ends with ${dry.error.code}: ${dry.error.message}`)
  const written = await lastChange(mirror)
  if (written > 0) broken(`a dry run writes ${written} changes`)
  const done = await upload(bench, mirror, sample.bytes)
  const [foretold, found] = [countsOf(dry).inserted, countsOf(done).inserted]
  if (foretold !== found) broken(`a dry run tells of ${foretold} new records, and the upload after it adds ${found}`)
  await mirror.close()
  return `a dry run tells of ${foretold} new records, and writes nothing`
}

async function sameFileChangesNothing(bench: Bench): Promise<string> {
  const { sample, mirror } = await filled(bench)
  const feed = await lastChange(mirror)
  const again = await upload(bench, mirror, sample.bytes)
  if (again.status !== 'succeeded') broken(`the same file again is ${describeRun(again)}`)
  const written = changedBy(again)
  if (written > 0) broken(`the same file again changes ${written} records: ${await whatChanged(bench, mirror, feed)}`)
  await mirror.close()
  return 'nothing is written'
}

async function olderFileChangesNothing(bench: Bench): Promise<string> {
  const { pass, sample } = staged(bench)
  if (!pass.order) return notStaged('the files tell no times, so that they only add what is not known')
  const { older } = sample
  if (!older) return notStaged('give an `older` file in `uploads` to testConnector')
  const { mirror } = await filled(bench)
  const before = await mirror.content(bench.name)
  const { diff } = await upload(bench, mirror, older, true)
  if (diff && diff.age !== 'older') {
    broken(
      `an older file counts as ${diff.age}: its greatest \`order\` is ${diff.newest}, that before ${diff.previous}`,
    )
  }
  const report = await upload(bench, mirror, older)
  const other = difference(before, await mirror.content(bench.name))
  if (changedBy(report) > 0 || other !== undefined)
    broken(`an older file changes what is stored: ${other ?? 'removals'}`)
  await mirror.close()
  return 'an older file is told by its dates, and changes nothing'
}

interface Damaged {
  readonly words: string
  readonly bytes: Uint8Array
  /** A text without an end mark may have ended there: nobody can tell it from a whole one. */
  readonly mayBeRead?: boolean
}

async function damagedFileLosesNothing(bench: Bench): Promise<string> {
  const { sample, mirror } = await filled(bench)
  let before = await mirror.content(bench.name)
  let removed = 0
  for (const { words, bytes, mayBeRead } of damagedFiles(sample.bytes)) {
    const report = await refusedOr(bench, mirror, bytes)
    if (report?.status === 'succeeded') {
      if (!mayBeRead) broken(`the upload of ${words} is complete`)
      // Its last cell may be a key, or a time: what it says is as good as what any other file says.
      before = await mirror.content(bench.name)
      removed = (await mirror.removed(bench.name)).length
      continue
    }
    const other = difference(before, await mirror.content(bench.name))
    if (other !== undefined) broken(`the upload of ${words} changes what is stored: ${other}`)
    const gone = await mirror.removed(bench.name)
    if (gone.length > removed) broken(`the upload of ${words} removes ${some(gone)}`)
  }
  await mirror.close()
  return `${damagedFiles(sample.bytes).length} damaged files are refused, and change nothing`
}

/** Undefined: the file was refused before a run began. */
function refusedOr(bench: Bench, mirror: Mirror, bytes: Uint8Array): Promise<UploadReport | undefined> {
  return upload(bench, mirror, bytes).catch((error: unknown) => {
    bench.stage.evidence.look('an error', error instanceof Error ? error.message : String(error))
    return undefined
  })
}

function damagedFiles(bytes: Uint8Array): readonly Damaged[] {
  const mayBeRead = formatOf(bytes) === 'table'
  return [
    { words: 'half a file', bytes: bytes.subarray(0, bytes.length >> 1), mayBeRead },
    { words: 'a file without its last bytes', bytes: bytes.subarray(0, endOf(bytes) - 2), mayBeRead },
    { words: 'an empty file', bytes: new Uint8Array() },
    { words: 'a web page', bytes: Buffer.from('<!doctype html>\n<html><body>Log in, please</body></html>\n') },
    { words: 'a web page of one line', bytes: Buffer.from('<html><body>Log in</body></html>') },
    { words: 'a file of one word', bytes: Buffer.from('hello') },
    { words: 'bytes that mean nothing', bytes: Uint8Array.from({ length: 512 }, (_, i) => (i * 151 + 128) % 256) },
  ]
}

/** Where a file ends, but for what may be missing without harm: empty lines, and the zeros of UTF-16 beside them. */
function endOf(bytes: Uint8Array): number {
  if (formatOf(bytes) === 'zip') return bytes.length
  return bytes.findLastIndex((byte) => byte > 0x20) + 1
}

function formatOf(bytes: Uint8Array): 'json' | 'zip' | 'table' {
  const head = Buffer.from(bytes.subarray(0, 64))
    .toString('latin1')
    .replace(/[^\x21-\x7e]/g, '')
  return head.startsWith('PK') ? 'zip' : head.startsWith('{') || head.startsWith('[') ? 'json' : 'table'
}

/** What is no file of this service at all may as well be unreadable. */
const REFUSALS: ReadonlySet<string | undefined> = new Set(['section_missing', 'upload_unreadable'])

async function missingSectionIsSaid(bench: Bench): Promise<string> {
  const { sample, mirror } = await filled(bench)
  const before = await mirror.content(bench.name)
  const { without } = sample
  const what = without ? 'a file without the section' : 'a file of something else'
  let code: string | undefined
  for (const file of without ? [without] : await foreignFiles(sample.bytes)) {
    const report = await upload(bench, mirror, file)
    code = report.error?.code
    if (without ? code !== 'section_missing' : !REFUSALS.has(code)) {
      broken(
        `${what} must end with section_missing, and is ${describeRun(report)}: an empty list is none that is missing`,
      )
    }
    const other = difference(before, await mirror.content(bench.name))
    if (other !== undefined) broken(`${what} changes what is stored: ${other}`)
  }
  await mirror.close()
  return `${what} ends with ${code}, and changes nothing`
}

/** Files of the same format that have nothing to do with the service. Of a table, its header tells, also without a row. */
async function foreignFiles(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  const format = formatOf(bytes)
  if (format === 'json') return [Buffer.from('{"another":{"list":[]}}')]
  if (format === 'table') return [Buffer.from('another,table\n1,2\n'), Buffer.from('another,table\n')]
  const parts: Uint8Array[] = []
  const entries = [{ name: 'another.json', bytes: [Buffer.from('{"another":{"list":[]}}')] }]
  for await (const part of zipped(entries)) parts.push(part)
  return [Buffer.concat(parts)]
}

export const UPLOAD_CHECKS: readonly Check[] = [
  { name: 'file-is-read-whole', level: 4, run: fileIsReadWhole },
  { name: 'file-is-streamed', level: 6, run: fileIsStreamed },
  { name: 'dry-run-writes-nothing', level: 6, run: dryRunWritesNothing },
  { name: 'same-file-changes-nothing', level: 6, run: sameFileChangesNothing },
  { name: 'older-file-changes-nothing', level: 6, run: olderFileChangesNothing },
  { name: 'damaged-file-loses-nothing', level: 6, run: damagedFileLosesNothing },
  { name: 'missing-section-is-said', level: 6, run: missingSectionIsSaid },
]
