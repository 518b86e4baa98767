// Owns the checks of a refresh: known records are read again as the listing shows them, and what is not returned is told
// from an answer that is none.

import type { Refresh } from '../../connector/passes.ts'
import type { RunReport } from '../../model/run.ts'
import type { Mirror } from '../stage.ts'
import { lastChange, whatChanged } from './changes.ts'
import { type Bench, type Check, describeRun, mustEqual } from './check.ts'
import { DAMAGES } from './damage.ts'
import { broken, notStaged, some } from './found.ts'

type Counts = RunReport['streams'][number]['counts']

function refreshOf({ stream }: Bench): Refresh<unknown> | undefined {
  // Its runs upstream are no pages that a proxy could break.
  return stream.passes.find((pass): pass is Refresh<unknown> => pass.kind === 'refresh' && !('job' in pass))
}

/** A mirror with all that a first run reads, and its refresh. */
async function mirrored(bench: Bench): Promise<{ readonly mirror: Mirror; readonly pass: Refresh<unknown> }> {
  const pass = refreshOf(bench) ?? notStaged('the stream has no refresh')
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
  const requests = mirror.observer.byKey(bench.name).length
  await mirror.close()
  return `${counts.fetched} records in ${requests} batches`
}

async function brokenAnswerMarksNothing(bench: Bench): Promise<string> {
  const { mirror, pass } = await mirrored(bench)
  if (pass.paid) return notStaged('the refresh costs money: what it is answered is asked for once')
  await refreshed(bench, mirror)
  const [sample] = mirror.observer.byKey(bench.name)
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
