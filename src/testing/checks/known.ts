// Owns the checks of a refresh: known records are read again as the listing shows them, and what is not returned is told
// from an answer that is none.

import type { Refresh, RefreshByJob } from '../../connector/passes.ts'
import type { RunReport } from '../../model/run.ts'
import type { Plan } from '../fault-proxy.ts'
import type { Mirror } from '../stage.ts'
import { lastChange, whatChanged } from './changes.ts'
import { type Bench, type Check, describeRun, mustEqual } from './check.ts'
import { DAMAGES } from './damage.ts'
import { broken, notStaged, some } from './found.ts'

type Counts = RunReport['streams'][number]['counts']

type AnyRefresh = Refresh<unknown> | RefreshByJob<unknown>

function refreshOf({ stream }: Bench): AnyRefresh | undefined {
  return stream.passes.find((pass): pass is AnyRefresh => pass.kind === 'refresh')
}

/** A mirror with all that a first run reads, and its refresh. */
async function mirrored(bench: Bench): Promise<{ readonly mirror: Mirror; readonly pass: AnyRefresh }> {
  const pass = refreshOf(bench) ?? notStaged('the stream has no refresh')
  if ('job' in pass && bench.knowledge.isRecording) return notStaged('a recording starts no upstream runs')
  const { content } = await bench.control()
  if (content.size === 0) return notStaged('the stream has no records')
  const mirror = await bench.stage.mirror()
  await mirror.sync(bench.name)
  return { mirror, pass }
}

/** Reads the known records again; nothing else is read. */
async function refreshed(
  bench: Bench,
  mirror: Mirror,
): Promise<{ readonly report: RunReport; readonly counts: Counts }> {
  const report = (await mirror.sync(bench.name, { mode: 'refresh' })) ?? broken('the run ended before its time')
  return { report, counts: report.streams[0]?.counts ?? broken('the run did not read the stream') }
}

async function knownAreReadAgain(bench: Bench): Promise<string> {
  if (refreshOf(bench)?.needs) return completedOnce(bench)
  const { mirror } = await mirrored(bench)
  const feed = await lastChange(mirror)
  const { report, counts } = await refreshed(bench, mirror)
  const known = (await bench.control()).content.size
  const lacking = counts.unavailable + counts.removed
  if (lacking > 0) broken(`a refresh does not return ${lacking} of ${known} records that the listing shows`)
  if (report.status !== 'succeeded') broken(`a refresh is ${describeRun(report)}`)
  if (counts.inserted > 0) broken(`a refresh returns ${counts.inserted} records that it was not asked for`)
  if (counts.updated > 0) {
    broken(
      `a refresh shows ${counts.updated} records otherwise than the listing does: ${await whatChanged(bench, mirror, feed)}`,
    )
  }
  await mustEqual(bench, mirror, 'after a refresh')
  const requests = mirror.observer.of(bench.name, 'keys').length + mirror.observer.of(bench.name, 'start').length
  await mirror.close()
  return `${counts.fetched} records in ${requests} batches`
}

/** A refresh that completes what files lack asks for each record once. */
async function completedOnce(bench: Bench): Promise<string> {
  const { mirror, asked } = await uploaded(bench)
  if (asked.length === 0) return notStaged('with these options the refresh is not enabled')
  await mirror.sync(bench.name)
  const again = mirror.observer.of(bench.name, 'keys').length
  if (again > 0) broken(`${again} requests are made for records that were complete, or are not to be had`)
  await mirror.close()
  return `${asked.length} requests complete the rows of a file, and none is made again`
}

/** A mirror that has read the file of the stream, under a trouble for what completes its rows. */
async function uploaded(bench: Bench, plan?: (mirror: Mirror) => Plan) {
  const { files } = bench.knowledge
  if (!files) return notStaged('give a file of the stream in `uploads` to testConnector')
  const mirror = await bench.stage.mirror()
  bench.stage.proxy.plan = plan?.(mirror)
  const report = await mirror.upload(bench.name, files.bytes, { name: files.name, dryRun: false })
  bench.stage.proxy.plan = undefined
  return { mirror, report, asked: mirror.observer.of(bench.name, 'keys') }
}

async function brokenCompletionMarksNothing(bench: Bench): Promise<string> {
  const healthy = await uploaded(bench)
  const [sample] = healthy.asked
  if (!sample) return notStaged('with these options the refresh is not enabled')
  const place = { answers: sample.answers, page: { records: sample.result?.records ?? [] } }
  const gone = healthy.report.streams[0]?.counts.unavailable ?? 0
  let tried = 0
  for (const damage of DAMAGES) {
    const { mirror, report } = await uploaded(bench, ({ observer }) => (request) => {
      const trouble = observer.read(request.read)?.what === 'keys' ? damage.trouble(place, request) : undefined
      if (trouble) tried++
      return trouble
    })
    const lacking = (report.streams[0]?.counts.unavailable ?? 0) - gone
    if (lacking > 0) broken(`a refresh that meets ${damage.words} takes ${lacking} records for gone; it must throw`)
    await mirror.close()
  }
  await healthy.mirror.close()
  return tried === 0 ? notStaged('no request was seen that could be damaged') : `refused ${tried} times`
}

async function brokenAnswerMarksNothing(bench: Bench): Promise<string> {
  if (refreshOf(bench)?.needs) return brokenCompletionMarksNothing(bench)
  const { mirror, pass } = await mirrored(bench)
  if (pass.paid) return notStaged('the refresh costs money: what it is answered is asked for once')
  await refreshed(bench, mirror)
  const [sample] = mirror.observer.of(bench.name, 'keys')
  const records = sample?.result?.records ?? notStaged('the refresh has made no request')
  let tried = 0
  for (const damage of DAMAGES) {
    const { answers } = sample ?? { answers: [] }
    bench.stage.proxy.plan = (request) => {
      if (mirror.observer.read(request.read)?.what !== 'keys') return undefined
      const trouble = damage.trouble({ answers, page: { records } }, request)
      if (trouble) tried++
      return trouble
    }
    const before = tried
    const { report, counts } = await refreshed(bench, mirror)
    bench.stage.proxy.plan = undefined
    if (tried === before) continue
    const lacking = counts.unavailable + counts.removed
    if (lacking > 0) broken(`a refresh that meets ${damage.words} takes ${lacking} records for gone; it must throw`)
    if (report.status === 'succeeded') broken(`a refresh that meets ${damage.words} is complete`)
    if (report.status === 'paused') await mirror.connect()
  }
  if (tried === 0) return notStaged('no request was seen that could be damaged')
  await mustEqual(bench, mirror, 'after answers to a refresh that were none')
  await mirror.close()
  return `refused ${tried} times`
}

/** Of a stream that only a refresh tells what is gone. */
export async function absenceIsNoticed(bench: Bench): Promise<string> {
  const { remove } = bench.knowledge
  if (!refreshOf(bench)) return notStaged('the stream has no full pass, and no refresh')
  if (!remove) return notStaged('the stream has no full pass; give `remove` to testConnector')
  const { mirror } = await mirrored(bench)
  const key: unknown = await remove()
  const { report, counts } = await refreshed(bench, mirror)
  if (report.status !== 'succeeded') broken(`a refresh is ${describeRun(report)}`)
  const gone: string[] = [...(await mirror.removed(bench.name))]
  for await (const record of mirror.connection.records(bench.name)) {
    if (record._unavailable_since !== null) gone.push(record._key)
  }
  if (gone.length !== 1) {
    broken(`one record was removed at the source, and a refresh finds ${counts.unavailable} gone (${some(gone)})`)
  }
  if (typeof key === 'string' && gone[0] !== key) broken(`"${key}" was removed, and a refresh finds "${gone[0]}" gone`)
  await mirror.close()
  return `"${gone[0]}" is found gone by a refresh`
}

export const KNOWN_CHECKS: readonly Check[] = [
  { name: 'known-are-read-again', level: 5, run: knownAreReadAgain },
  { name: 'broken-answer-marks-nothing', level: 6, run: brokenAnswerMarksNothing },
]
