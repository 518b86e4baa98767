// Owns the checks of what is read through upstream runs that cost money: none is started twice, what one says and delivers
// is believed only when it is an answer, and its bill is told and kept within its limit.

import type { AskNewest, Job, JobState } from '../../connector/job.ts'
import { checkJobState } from '../../connector/page-shape.ts'
import type { NewestByJob } from '../../connector/passes.ts'
import type { RunReport } from '../../model/run.ts'
import type { Trouble } from '../fault-proxy.ts'
import { placeOfRows, replaceAt } from '../json-lists.ts'
import type { Read } from '../observed.ts'
import type { Mirror } from '../stage.ts'
import { type Bench, type Check, describeRun, mustComplete, mustEqual } from './check.ts'
import { DAMAGES, type Damage } from './damage.ts'
import { broken, notStaged, some } from './found.ts'

type PaidPass = NewestByJob<unknown, unknown>

function paidPass({ stream }: Bench): PaidPass {
  const found = stream.passes.find((pass): pass is PaidPass => pass.kind === 'newestFirst' && 'job' in pass)
  return found ?? notStaged('the stream reads no listing through upstream runs')
}

const LOST: Trouble = { kind: 'swap', swap: () => ({ status: 502, body: '' }) }

/** A mirror after a first run; the reads of that run are still noted. */
async function mirrored(bench: Bench): Promise<{ readonly mirror: Mirror; readonly report: RunReport }> {
  paidPass(bench)
  await bench.control()
  const mirror = await bench.stage.mirror()
  const report = (await mirror.sync(bench.name)) ?? broken('a first run ended before its time')
  return { mirror, report }
}

async function everythingIsDelivered(bench: Bench): Promise<string> {
  paidPass(bench)
  const truth = await bench.knowledge.truth?.()
  if (truth === undefined) return notStaged('give `truth` to testConnector')
  const { content } = await bench.control()
  const keys = typeof truth === 'number' ? undefined : [...truth].map(String)
  const missing = keys?.filter((key) => !content.has(key)) ?? []
  if (missing.length > 0) broken(`the upstream runs of a first sync lack ${missing.length} records: ${some(missing)}`)
  const total = keys?.length ?? Number(truth)
  if (content.size !== total) broken(`a first sync mirrors ${content.size} records, and the source has ${total}`)
  return `${content.size} records`
}

async function orderIsAsDeclared(bench: Bench): Promise<string> {
  const { order: orderOf, pinned } = paidPass(bench)
  if (!orderOf) return notStaged('the pass declares no order')
  const { mirror } = await mirrored(bench)
  let place = 0
  let run: unknown
  let last: { readonly order: number | string; readonly key: string } | undefined
  for (const { request, result } of mirror.observer.of(bench.name, 'rows')) {
    if (request['id'] !== run) [run, place, last] = [request['id'], 0, undefined]
    for (const row of result?.records ?? []) {
      const at = place++
      const parsed = bench.parser.parse(row, at, 0)
      if ('quarantined' in parsed || pinned?.(parsed.record, at)) continue
      const { key } = parsed.incoming
      const order: unknown = orderOf(parsed.record)
      // One that has no place says nothing of those beside it.
      if (typeof order !== 'number' && typeof order !== 'string') continue
      if (last && order > last.order) {
        broken(`row ${place}: "${key}" (${order}) stands below "${last.key}" (${last.order}), which is older`)
      }
      last = { order, key }
    }
  }
  await mirror.close()
  return 'each upstream run delivers the newest first'
}

// ── never twice ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function lostStartIsFound(bench: Bench): Promise<string> {
  const starts = (await mirrored(bench)).mirror.observer.of(bench.name, 'start').length
  for (const dies of [false, true]) {
    const when = dies ? 'a process that is killed when it has started a run' : 'a start whose answer is lost'
    const mirror = await bench.stage.mirror()
    let lost = 0
    bench.stage.proxy.plan = ({ read }) => {
      if (mirror.observer.read(read)?.what !== 'start' || lost > 0) return undefined
      lost++
      mirror.alive = !dies
      return LOST
    }
    const report = await mirror.sync(bench.name)
    bench.stage.proxy.plan = undefined
    mirror.alive = true
    let begun = mirror.observer.of(bench.name, 'start').length
    if (dies) {
      if (report) broken(`${when}: the run goes on, and is ${describeRun(report)}`)
      await mirror.sync(bench.name)
      begun += mirror.observer.of(bench.name, 'start').length
    }
    if (!mirror.events.some(({ name }) => name === 'upstream.adopted')) {
      broken(`${when}: \`find\` does not find the run; its intent has to stand in what the vendor stores of it`)
    }
    if (begun > starts) broken(`${when}: ${begun} runs are started where ${starts} do`)
    await mustComplete(bench, mirror, when)
    await mirror.close()
  }
  return 'a run whose start was not acknowledged is found, and not started again'
}

async function otherRunIsNotAdopted(bench: Bench): Promise<string> {
  const { mirror } = await mirrored(bench)
  let refused = 0
  bench.stage.proxy.plan = ({ read }) =>
    mirror.observer.read(read)?.what === 'start' && refused++ === 0 ? { kind: 'status', status: 503 } : undefined
  const report = await mirror.sync(bench.name)
  bench.stage.proxy.plan = undefined
  if (refused === 0) return notStaged('a second sync starts no run')
  const adopted = mirror.events.find(({ name }) => name === 'upstream.adopted')
  if (adopted) {
    broken(
      `a start that never arrived: \`find\` gives "${String(adopted.values['job'])}", which is another run; ` +
        'only one with the intent in its input is ours',
    )
  }
  if (report?.status !== 'succeeded') {
    broken(`after a start that never arrived the run is ${report ? describeRun(report) : 'over'}`)
  }
  await mustEqual(bench, mirror, 'after a start that never arrived')
  await mirror.close()
  return 'a start that never arrived finds no run, and is made again'
}

async function failedRunIsKept(bench: Bench): Promise<string> {
  const { failNextRun } = bench.knowledge
  if (!failNextRun) return notStaged('give `failNextRun` to testConnector')
  const { content } = await bench.control()
  const mirror = await bench.stage.mirror()
  await failNextRun()
  const report = await mirror.sync(bench.name)
  const when = 'an upstream run that fails'
  if (!report) return broken(`${when}: the run ended before its time`)
  if (report.status !== 'incomplete') broken(`${when} makes the run ${describeRun(report)}, and not incomplete`)
  const kept = await mirror.content(bench.name)
  const strange = [...kept].filter(([key, value]) => content.get(key) !== value).map(([key]) => key)
  if (strange.length > 0) broken(`${when}: ${some(strange)} are stored with another content`)
  if (kept.size === 0) broken(`${when}: none of the rows that it has delivered is stored`)
  await mustComplete(bench, mirror, `after ${when}`)
  await mirror.close()
  return `${kept.size} records of it are stored, and the next sync reads the others`
}

// ── what is no answer ─────────────────────────────────────────────────────────────────────────────────────────────────

type Steps = Job<unknown, AskNewest>

/** The steps of a job on its first run, asked one by one, with a client of their own. */
async function stepsOf(bench: Bench): Promise<{
  readonly mirror: Mirror
  readonly first: { readonly id: string; readonly start: Read; readonly rows: Read }
  readonly ask: <T>(
    what: Read['what'],
    trouble: Trouble | undefined,
    act: (job: Steps, way: Way) => Promise<T>,
  ) => Promise<T>
}> {
  const { mirror } = await mirrored(bench)
  const [start] = mirror.observer.of(bench.name, 'start')
  const [rows] = mirror.observer.of(bench.name, 'rows')
  if (!start || !rows) return notStaged('a first sync starts no run')
  const job = mirror.connector.streams[bench.name]?.passes.find((pass): pass is PaidPass => 'job' in pass)?.job as Steps
  const { http, options } = (await bench.stage.readerMirror()).reader()
  const ask = async <T>(
    what: Read['what'],
    trouble: Trouble | undefined,
    act: (job: Steps, way: Way) => Promise<T>,
  ) => {
    bench.stage.proxy.plan = ({ read }) => (mirror.observer.read(read)?.what === what ? trouble : undefined)
    try {
      return await act(job, { http, options })
    } finally {
      bench.stage.proxy.plan = undefined
    }
  }
  return { mirror, first: { id: String(rows.request['id']), start, rows }, ask }
}

type Way = ReturnType<Mirror['reader']>

/** A member whose text says how a run is; flags and numbers may say it in its place. */
const STATE_WORD = /"[\w-]*(?:stat(?:e|us)|phase)"\s*:\s*"/i

/** Every text of an answer is a word that nobody knows. */
const UNKNOWN_WORDS: Damage = {
  words: 'an answer in unknown words',
  trouble: () => ({ kind: 'edit', edit: (text) => text.replace(/:\s*"[^"\\]*"/g, ':"tidemark-unknown"') }),
}
const DELETED: Damage = {
  words: 'an answer that the run is not there (404)',
  trouble: () => ({ kind: 'body', status: 404, body: '{"error":{"type":"not-found","message":"not found"}}' }),
}

function saysItByWord({ answers }: Read): boolean {
  return answers.some(({ body }) => STATE_WORD.test(JSON.stringify(body) ?? ''))
}

async function pollEnds(bench: Bench): Promise<string> {
  const { mirror, first, ask } = await stepsOf(bench)
  const poll = (trouble?: Trouble): Promise<JobState> =>
    ask('poll', trouble, async (job, way) => checkJobState(await job.poll({ ...way, id: first.id })))
  const ended = await poll()
  if (ended.state !== 'succeeded') broken(`a run that has ended is ${ended.state}`)
  if (!ended.billed) broken('a run that has ended does not say what was billed')
  const inWords = mirror.observer.of(bench.name, 'poll').some(saysItByWord) ? [UNKNOWN_WORDS] : []
  for (const damage of [...DAMAGES, ...inWords, DELETED]) {
    const [answer] = first.start.answers
    const trouble = damage.trouble(
      { answers: [], page: { records: [] } },
      { url: new URL(answer?.url ?? bench.stage.baseUrl) },
    )
    const state = trouble && (await poll(trouble).catch(() => undefined))?.state
    if (state === 'running') broken(`a poll that meets ${damage.words} says "running": it would be asked for ever`)
    if (state === 'succeeded') broken(`a poll that meets ${damage.words} says "succeeded"`)
  }
  await mirror.close()
  return 'a run that has ended says so, with its bill; what is no answer is no state'
}

async function brokenAnswerIsNoRun(bench: Bench): Promise<string> {
  const { mirror, first, ask } = await stepsOf(bench)
  const { intent } = first.start.request as { readonly intent: string }
  const sought = { intent, ask: { newest: 1 }, since: Date.now() - 3_600_000, until: Date.now() + 3_600_000 }
  const found = await ask('find', undefined, (job, way) => job.find({ ...way, ...sought }))
  if (found !== first.id) return notStaged('`find` does not find a run that there is')
  let tried = 0
  for (const damage of DAMAGES) {
    const { result, answers, request } = first.rows
    const sample = { answers, page: { records: result?.records ?? [] } }
    for (const [what, words] of [
      ['find', 'no run'],
      ['rows', 'no rows'],
    ] as const) {
      const [answer] = what === 'rows' ? answers : []
      const place = { url: new URL(answer?.url ?? bench.stage.baseUrl) }
      const trouble = damage.trouble(what === 'rows' ? sample : { answers: [], page: { records: [] } }, place)
      if (!trouble) continue
      tried++
      const act = (job: Steps, way: Way): Promise<unknown> =>
        what === 'find'
          ? job.find({ ...way, ...sought })
          : job.read({ ...way, id: first.id, ask: request['ask'] as AskNewest, page: undefined })
      const isTaken = await ask(what, trouble, act).then(
        () => true,
        () => false,
      )
      if (isTaken) broken(`\`${what === 'rows' ? 'read' : 'find'}\` makes ${words} of ${damage.words}; it must throw`)
    }
  }
  await mirror.close()
  return `refused ${tried} times`
}

/** Rows in which services say that they have none, instead of saying it by their status. */
const SENTINELS = ['{"demo":true}', '{"noResults":true}', '{"error":"not_found","errorDescription":"nothing there"}']

async function sentinelsAreErrors(bench: Bench): Promise<string> {
  const { mirror: healthy } = await mirrored(bench)
  const [rows] = healthy.observer.of(bench.name, 'rows')
  const place = rows?.answers.map(({ body }) => placeOfRows(body, rows.result?.records ?? [])).find(Boolean)
  if (!place) return notStaged('the rows are not found in an answer as they are')
  for (const sentinel of SENTINELS) {
    const mirror = await bench.stage.mirror()
    bench.stage.proxy.plan = ({ read }) =>
      mirror.observer.read(read)?.what === 'rows'
        ? { kind: 'edit', edit: (text) => replaceAt(text, place.list, `[${sentinel}]`) }
        : undefined
    const report = await mirror.sync(bench.name)
    bench.stage.proxy.plan = undefined
    if (report?.status === 'succeeded') broken(`an upstream run that delivers ${sentinel} makes the sync complete`)
    const stored = await mirror.content(bench.name)
    if (stored.size > 0) broken(`${sentinel} is stored as the record ${some([...stored.keys()])}`)
    if (report?.status === 'paused') await mirror.connect()
    // Where it was set aside as a row without a key, it stays there until a person looks at it.
    await mirror.sync(bench.name)
    await mustEqual(bench, mirror, `after an upstream run that delivered ${sentinel}`)
    await mirror.close()
  }
  return 'rows that say that there are none make no sync complete'
}

// ── money ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What rounding may make of an amount. */
const ROUNDING = 1e-6

async function costsAreTold(bench: Bench): Promise<string> {
  const { bill } = bench.knowledge
  paidPass(bench)
  await bench.control()
  const before = await bill?.()
  const { mirror, report } = await mirrored(bench)
  const { billedItems, cost } = report
  const { size } = await mirror.content(bench.name)
  if (billedItems < size) broken(`${size} records were delivered, and the report says that ${billedItems} were billed`)
  if (cost === null) broken('neither `poll` says what a run has cost, nor has the job a `price`: no limit could hold')
  const after = await bill?.()
  if (before && after) {
    const [items, money] = [after.items - before.items, after.cost - before.cost]
    if (Math.abs(money - cost) > ROUNDING) broken(`the vendor has charged ${money}, and the report says ${cost}`)
    if (billedItems < items) broken(`the vendor has billed ${items} rows, and the report says ${billedItems}`)
  }
  await mirror.close()
  return `${billedItems} rows for ${cost}${before ? ', as the vendor says' : ''}`
}

async function costLimitHolds(bench: Bench): Promise<string> {
  const { bill } = bench.knowledge
  const { report } = await mirrored(bench)
  const { size } = (await bench.control()).content
  const whole = report.cost ?? 0
  if (whole <= 0 || size < 2) return notStaged('a first sync costs nothing')
  // The money for half of what there is.
  const maxCost = ((whole / report.billedItems) * size) / 2
  const before = await bill?.()
  const mirror = await bench.stage.mirror()
  const cut = await mirror.sync(bench.name, { maxCost })
  const spent = before && bill ? (await bill()).cost - before.cost : (cut?.cost ?? 0)
  if (spent > maxCost + ROUNDING) {
    broken(
      `a sync that may cost ${maxCost} has cost ${spent}: \`costLeft\` has to reach the vendor as its own cap of the run`,
    )
  }
  if (cut?.status === 'succeeded') broken(`a sync with the money for half of the records is ${describeRun(cut)}`)
  await mustComplete(bench, mirror, `after a sync that might cost ${maxCost}`)
  await mirror.close()
  return `a sync that may cost ${maxCost} costs ${spent}, and the next one goes on`
}

export const UPSTREAM_CHECKS: readonly Check[] = [
  { name: 'everything-is-read', level: 4, run: everythingIsDelivered },
  { name: 'order-is-as-declared', level: 5, run: orderIsAsDeclared },
  { name: 'lost-start-is-found', level: 6, run: lostStartIsFound },
  { name: 'other-run-is-not-adopted', level: 6, run: otherRunIsNotAdopted },
  { name: 'failed-run-is-kept', level: 6, run: failedRunIsKept },
  { name: 'poll-ends', level: 6, run: pollEnds },
  { name: 'broken-answer-is-no-run', level: 6, run: brokenAnswerIsNoRun },
  { name: 'sentinels-are-errors', level: 6, run: sentinelsAreErrors },
  { name: 'costs-are-told', level: 6, run: costsAreTold },
  { name: 'cost-limit-holds', level: 6, run: costLimitHolds },
]
