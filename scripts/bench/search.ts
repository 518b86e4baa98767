// Owns the benchmark of search by meaning: how many of 100 records are among the first ten answers to a question that shares no
// stem with them, among 5,000; the same of 60 others, which nothing was chosen by; and how long a search over 100,000 takes.
//
//   npm run bench -- search
//   npm run bench -- search --records 1000000
//   TIDEMARK_BENCH_EMBEDDER=http://127.0.0.1:11434/v1 TIDEMARK_BENCH_MODEL=all-minilm npm run bench -- search

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { openTidemark } from '../../src/open.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import type { Figure } from './figure.ts'
import { median } from './ingest.ts'
import { HELD_OUT } from './search/held-out.ts'
import { PAIRS, type Pair } from './search/pairs.ts'
import { type Note, otherRecords } from './search/records.ts'

const JUDGED = 5_000
const PAGE = 1_000
const FIRST = 10
const RECALL_AIM = 0.85
const MEDIAN_AIM_MS = 50

export async function search(records = 100_000): Promise<readonly Figure[]> {
  const own = process.env['TIDEMARK_BENCH_EMBEDDER']
  const figures: Figure[] = []
  for (const baseUrl of own === undefined ? [undefined] : [undefined, own]) {
    figures.push(...(await recall(PAIRS, 'questions without a common stem', baseUrl)))
    figures.push(...(await recall(HELD_OUT, 'held-out questions', baseUrl)))
  }
  return [...figures, ...(await latency(records))]
}

/** By the embedder that is built in, or by a service. */
async function recall(pairs: readonly Pair[], questions: string, baseUrl?: string): Promise<readonly Figure[]> {
  const sought = pairs.map(({ title, body }, i): Note => ({ id: i + 1, title, body }))
  await using mirror = await mirrorOf([...sought, ...otherRecords(JUDGED - sought.length, sought.length + 1)], baseUrl)
  const ranks: number[] = []
  for (const [i, { question }] of pairs.entries()) {
    const { results } = await mirror.tidemark.search(question, { semantic: true, limit: FIRST })
    ranks.push(results.findIndex(({ key }) => key === String(i + 1)))
  }
  const within = (most: number) => ranks.filter((rank) => rank >= 0 && rank < most).length / pairs.length
  const of = `of ${pairs.length} ${questions}, ${JUDGED.toLocaleString('en')} records, ${baseUrl ?? 'built in'}`
  return [
    {
      name: `recall@${FIRST} ${of}`,
      value: within(FIRST),
      unit: '',
      aim: `>= ${RECALL_AIM}`,
      met: within(FIRST) >= RECALL_AIM,
    },
    { name: `recall@1 ${of}`, value: within(1), unit: '' },
  ]
}

async function latency(records: number): Promise<readonly Figure[]> {
  await using mirror = await mirrorOf(otherRecords(records, 1))
  const took: number[] = []
  for (const { question } of PAIRS) {
    const start = performance.now()
    await mirror.tidemark.search(question, { semantic: true })
    took.push(performance.now() - start)
  }
  const [first = 0, ...later] = took
  const over = `over ${records.toLocaleString('en')} records`
  return [
    { name: `first search of a process ${over}`, value: first, unit: 'ms' },
    {
      name: `hybrid search ${over}, median`,
      value: median(later),
      unit: 'ms',
      aim: `<= ${MEDIAN_AIM_MS}`,
      met: median(later) <= MEDIAN_AIM_MS,
    },
  ]
}

async function mirrorOf(
  notes: readonly Note[],
  baseUrl?: string,
): Promise<{ readonly tidemark: Tidemark } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const connector = defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string(), body: z.string() }),
        key: ({ id }) => String(id),
        text: { title: 'title', body: ['body'] },
        passes: [
          fullPass<unknown, Note>({
            pageSize: PAGE,
            read: async ({ page }) => {
              const from = Number(page ?? 0)
              const records = notes.slice(from, from + PAGE)
              return { records, ...(from + PAGE < notes.length ? { next: from + PAGE } : {}), total: notes.length }
            },
          }),
        ],
      }),
    },
  )
  const tidemark = await openTidemark({ database: join(folder, 'bench.db'), key: new Uint8Array(32).fill(1) })
  const me = await tidemark.connect(connector, { id: 'me' })
  if (baseUrl !== undefined) {
    const { TIDEMARK_BENCH_MODEL: model = 'all-minilm', TIDEMARK_BENCH_KEY: key } = process.env
    const options = { baseUrl, model, key, allowPrivateNetwork: true }
    await tidemark.connect('embeddings', { id: 'vectors', options })
  }
  const { status, error } = await me.sync()
  if (status !== 'succeeded') throw new Error(`the sync has ${status}: ${error?.message ?? ''}`)
  await tidemark.settled()
  return {
    tidemark,
    async [Symbol.asyncDispose]() {
      await tidemark.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
