// Owns the command that looks for faults with many seeds, or looks at one of them closely:
//
//   npm run simulate -- --seeds 100000                 from seed 1, or --from N; on all cores, or --workers N
//   npm run simulate -- --seeds 100000 --style lived   of one style, or one group of them: plain, lived
//   npm run simulate -- --seed 8123 --style window     one seed, with everything that happens in it
//   npm run simulate -- --seed 8123 --shrink           which faults and mutations it needs to fail
//   npm run simulate -- --plant 3 --seeds 500          with a planted fault: what does it take to notice?

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import {
  addBatch,
  type Batch,
  emptyBatch,
  failureText,
  neverReached,
  runBatch,
  seedsFrom,
} from '../test/simulation/batch.ts'
import { PLANTS } from '../test/simulation/plants.ts'
import { replayLine, runSeed } from '../test/simulation/seed.ts'
import { STATES, type State } from '../test/simulation/sometimes.ts'

/** Seeds that a worker runs before it tells what it found. */
const PORTION = 250
/** Fewer seeds than this can't be expected to reach every state. */
const REACHING = 2_000

interface Work {
  readonly from: number
  readonly count: number
  readonly style: string | undefined
  readonly plant: number | undefined
  readonly without: readonly string[]
}

if (isMainThread) await main()
else parentPort?.postMessage(await portionOf(workerData as Work), [])

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: String(REACHING) },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      style: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      without: { type: 'string', default: '' },
      plant: { type: 'string' },
      shrink: { type: 'boolean', default: false },
    },
  })
  const work: Work = {
    from: Number(values.from),
    count: Number(values.seeds),
    style: values.style,
    plant: values.plant === undefined ? undefined : Number(values.plant),
    without: values.without.split(',').filter((name) => name !== ''),
  }
  if (values.seed === undefined) return many(work, Math.max(1, Number(values.workers)))
  return values.shrink ? shrink(Number(values.seed), work) : one(Number(values.seed), work)
}

function optionsOf({ style, plant: number, without }: Work) {
  const plant = number === undefined ? undefined : PLANTS[number - 1]
  return { style: style ?? plant?.style, plant, without: new Set(without) }
}

async function one(seed: number, work: Work): Promise<void> {
  const { failure, syncs, requests } = await runSeed(seed, { ...optionsOf(work), onLine: (line) => console.log(line) })
  console.log(failure ? `\n${failure.message}` : `\nSound: ${syncs} syncs, ${requests} requests.`)
  if (failure) process.exitCode = 1
}

/** Leaves out one kind of fault or mutation after the other, as long as the seed still fails in the same way. */
async function shrink(seed: number, work: Work): Promise<void> {
  const options = optionsOf(work)
  let last = await runSeed(seed, options)
  const { style, failure } = last
  if (!failure) return console.log('Sound: there is nothing to shrink.')
  const without = new Set(work.without)
  for (const name of last.happened.keys()) {
    const next = await runSeed(seed, { ...options, without: new Set([...without, name]) })
    if (next.failure?.invariant !== failure.invariant) continue
    without.add(name)
    last = next
  }
  console.log(
    `Needed: ${[...last.happened.keys()].filter((name) => !without.has(name)).join(', ') || 'nothing at all'}.`,
  )
  console.log(`${replayLine({ seed, style })} --without ${[...without].join(',')}\n\n${last.failure?.message}`)
}

async function many(work: Work, workers: number): Promise<void> {
  const began = performance.now()
  const sum = emptyBatch()
  let left = work.count
  let next = work.from
  const portion = (): Work | undefined => {
    if (left <= 0) return undefined
    const count = Math.min(PORTION, left)
    const part = { ...work, from: next, count }
    left -= count
    next += count
    return part
  }
  const take = (batch: Batch) => {
    addBatch(sum, batch)
    for (const failed of batch.failed) console.log(`${replayLine(failed)}   ${failed.failure.message.split('\n')[0]}`)
  }
  await Promise.all(Array.from({ length: workers }, () => drain(portion, take)))
  print(sum, (performance.now() - began) / 1_000)
  if (sum.failed.length > 0) process.exitCode = 1
  const never = neverReached(sum)
  if (work.style !== undefined || work.plant !== undefined || sum.seeds < REACHING || never.length === 0) return
  console.log(`\nNever reached: ${never.join('; ')}.`)
  process.exitCode = 1
}

/** One worker after the other takes portions until there is none left. */
async function drain(portion: () => Work | undefined, done: (batch: Batch) => void): Promise<void> {
  for (let part = portion(); part; part = portion()) {
    const worker = new Worker(new URL(import.meta.url), { workerData: part })
    done(
      await new Promise<Batch>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      }),
    )
  }
}

function portionOf(part: Work): Promise<Batch> {
  return runBatch(seedsFrom(part.from, part.count), optionsOf(part))
}

function print(sum: Batch, seconds: number): void {
  const lines = (entries: Iterable<readonly [string, number]>) =>
    [...entries].sort(([, a], [, b]) => b - a).map(([name, n]) => `${String(n).padStart(9)}  ${name}`)
  const own = new Set<string>(STATES)
  console.log(`
${sum.seeds} seeds, ${sum.syncs} syncs, ${sum.operations} operations, ${sum.requests} requests
${(sum.simulatedMs / 86_400_000).toFixed(1)} simulated days in ${seconds.toFixed(1)} s: ${(sum.seeds / seconds).toFixed(0)} seeds a second
${sum.failed.length} failed

What happened
${lines(sum.happened).join('\n')}

What was reached
${lines(STATES.map((state: State) => [state, sum.sometimes.get(state) ?? 0] as const)).join('\n')}
${lines([...sum.sometimes].filter(([name]) => !own.has(name))).join('\n')}`)
  if (sum.failed.length > 0) console.log(`\n${failureText(sum)}`)
}
