// Owns the checks of whole runs on a healthy source: the first, the second, one that is killed, one that finds something
// gone.

import { isOther } from '../../engine/passes/rows/others.ts'
import type { RunReport } from '../../model/run.ts'
import { lastChange, whatChanged } from './changes.ts'
import { type Bench, type Check, type Control, describeRun, mustComplete } from './check.ts'
import { broken, notStaged, some } from './found.ts'
import { absenceIsNoticed } from './known.ts'
import { isWindow } from './reading-pass.ts'
import { edited, isRow, sampleOf } from './sample.ts'
import { keysOf, ownOf } from './walk.ts'

/** Pages after which a run is killed, at most; of a longer listing some are chosen, spread over all of it. */
const KILLS_MAX = 12

/** A first run on a healthy source, and what it mirrored. */
export async function controlRun(bench: Bench): Promise<Control> {
  const mirror = await bench.stage.mirror({ onDisk: true })
  const report = await mirror.sync(bench.name)
  if (!report) return broken('the run ended before its time')
  const content = await mirror.content(bench.name)
  const pages = mirror.observer.pages(bench.name).length
  await mirror.close()
  return { report, content, pages }
}

async function firstRunCompletes(bench: Bench): Promise<string> {
  const { report, content, pages } = await bench.control()
  if (report.status !== 'succeeded') {
    const walks = await Promise.all(bench.passes.map((pass) => bench.walk(pass, 'some')))
    const [unread] = walks.flatMap((walked) => walked.pages.flatMap((page) => page.unread))
    broken(`a first run is ${describeRun(report)}${unread === undefined ? '' : ` (${unread})`}`)
  }
  for (const pass of bench.passes) {
    const missing = keysOf(await bench.walk(pass, 'some')).filter((key) => !content.has(key) && !isOther(key))
    if (missing.length > 0)
      broken(`a first run mirrors ${content.size} records, and not ${some(missing)} of ${pass.kind}`)
  }
  return `${content.size} records in ${pages} pages`
}

async function secondRunChangesNothing(bench: Bench): Promise<string> {
  const mirror = await bench.stage.mirror()
  await mirror.sync(bench.name)
  const feed = await lastChange(mirror)
  for (const mode of ['auto', 'full'] as const) {
    const report = await mirror.sync(bench.name, { mode })
    if (!report || report.status !== 'succeeded') {
      return broken(`a second run (${mode}) is ${report ? describeRun(report) : 'killed'}`)
    }
    const counts = countsOf(report)
    const written = counts.inserted + counts.updated + counts.removed + counts.restored
    if (written > 0)
      broken(`a second run (${mode}) writes ${written} records: ${await whatChanged(bench, mirror, feed)}`)
  }
  await mirror.close()
  return 'nothing is written by a second run, nor by a full one'
}

function countsOf(report: RunReport): RunReport['streams'][number]['counts'] {
  return report.streams[0]?.counts ?? broken('the run did not read the stream')
}

async function resumesFromEveryPage(bench: Bench): Promise<string> {
  const { pages } = await bench.control()
  if (pages < 2) return notStaged('the source has one page only')
  const every = Math.max(1, Math.ceil((pages - 1) / KILLS_MAX))
  const kills = Array.from({ length: pages - 1 }, (_, i) => i + 1).filter(
    (n) => (n - 1) % every === 0 || n === pages - 1,
  )
  for (const n of kills) {
    const mirror = await bench.stage.mirror()
    mirror.observer.onPage = ({ page }) => {
      if (page > n) mirror.alive = false
    }
    const ended = await mirror.sync(bench.name)
    mirror.observer.onPage = undefined
    mirror.alive = true
    const when = `killed after page ${n} of ${pages}`
    if (ended) broken(`${when}: the run goes on without reading, and is ${describeRun(ended)}`)
    await mustComplete(bench, mirror, `${when}, then run again`)
    await mirror.close()
  }
  return `killed after ${kills.length === pages - 1 ? 'each' : kills.length} of ${pages - 1} pages, complete with the next run`
}

/** How many full passes may be needed: the second is the first one's witness. */
const FULL_PASSES_MAX = 3

async function removalsAreNoticed(bench: Bench): Promise<string> {
  const full = bench.stream.passes.find((pass) => pass.kind === 'fullPass')
  if (!full) return absenceIsNoticed(bench)
  if (typeof full.listing === 'object' && !full.witness)
    return notStaged('the listing is capped; what it lacks proves little')
  const { content } = await bench.control()
  if (content.size < 3) return notStaged('the stream has fewer than three records')
  const mirror = await bench.stage.mirror()
  await mirror.sync(bench.name)
  const key = await removeOne(bench, [...content.keys()])
  for (let passes = 1; passes <= FULL_PASSES_MAX; passes++) {
    const report = await mirror.sync(bench.name, { mode: 'full' })
    if (!report || report.status !== 'succeeded')
      return broken(`a full pass is ${report ? describeRun(report) : 'killed'}`)
    const removed = await mirror.removed(bench.name)
    if (removed.length === 0) continue
    if (removed.length > 1) broken(`one record was removed, ${removed.length} have a tombstone: ${some(removed)}`)
    if (key !== undefined && removed[0] !== key) broken(`"${key}" was removed, "${removed[0]}" has a tombstone`)
    await mirror.close()
    return `"${removed[0]}" is removed by ${passes === 1 ? 'the first' : `${passes}`} full pass${passes === 1 ? '' : 'es'}`
  }
  return broken(
    `${key === undefined ? 'a record' : `"${key}"`} was removed at the source, and ${FULL_PASSES_MAX} full passes keep it`,
  )
}

/** Removes a record at the source, or else from its answers, where nothing else would vouch for it. */
async function removeOne(bench: Bench, keys: readonly string[]): Promise<string | undefined> {
  const { remove } = bench.knowledge
  if (remove) {
    const removed: unknown = await remove()
    return typeof removed === 'string' && keys.includes(removed) ? removed : undefined
  }
  const sample = await sampleOf(bench)
  const vouched = bench.stream.passes.some((pass) => 'witness' in pass && pass.witness !== undefined)
  if (vouched || (await tellsTotal(bench))) {
    return notStaged('the source vouches for its records by a total or by key; give `remove` to testConnector')
  }
  const gone = ownOf(sample.page)[1]?.incoming ?? notStaged('the first page has one record only')
  const trouble = edited(sample, (row) => (isRow(bench, row, gone.raw) ? null : row))
  bench.stage.proxy.plan = ({ read }) => (read > 0 ? trouble : undefined)
  return gone.key
}

async function tellsTotal(bench: Bench): Promise<boolean> {
  for (const pass of bench.passes) {
    if (!isWindow(pass) && pass.total) return true
    const { pages } = await bench.walk(pass)
    if (pages.some(({ page }) => page.total !== undefined)) return true
  }
  return false
}

export const RUN_CHECKS: readonly Check[] = [
  { name: 'first-run-completes', level: 4, run: firstRunCompletes },
  { name: 'second-run-changes-nothing', level: 5, run: secondRunChangesNothing },
  { name: 'resumes-from-every-page', level: 6, run: resumesFromEveryPage },
]

/** The last of all: the world is another one afterwards. */
export const REMOVAL_CHECK: Check = { name: 'removals-are-noticed', level: 6, run: removalsAreNoticed }
