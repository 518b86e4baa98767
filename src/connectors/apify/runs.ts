// Owns runs of Apify's actors: started, found again by what is in their INPUT, and looked at.

import type { JobFind, JobPoll, JobStart, JobState } from '../../connector/job.ts'
import { rows } from '../../connector/page.ts'
import { sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

/** Where the id of ours stands in the input of a run. */
const INTENT = 'tidemarkIntent'
/** A run that has not ended by then never will; in seconds. */
const RUN_MAX_S = 3_600
/** How long Apify may hold a look at a run until it has ended; in seconds. */
const HOLD_S = 15
/** How many of the newest runs are looked through to find one again, and how many in one list. */
const RECENT_MAX = 10_000
const RECENT_PAGE = 250
/** So many of the newest are looked at whatever time they say: clocks may be wrong. */
const NEWEST = 10

/** What a run is started with. */
export interface Order {
  readonly actor: string
  readonly input: Readonly<Record<string, unknown>>
  readonly items: number
}

export async function start(
  { http, intent, costLeft }: Pick<JobStart<unknown>, 'http' | 'intent' | 'costLeft'>,
  { actor, input, items }: Order,
): Promise<{ readonly id: string }> {
  const { body } = await http.post(`/v2/actors/${encodeURIComponent(actor)}/runs`, {
    query: { maxItems: items, maxTotalChargeUsd: costLeft, timeout: RUN_MAX_S },
    json: { ...input, [INTENT]: intent },
    once: true,
  })
  const id = jobIdOf(dataOf(body, 'run'))
  if (id !== undefined) return { id }
  throw new TidemarkError('unexpected_shape', 'Apify started a run and did not say which.', { scope: 'stream' })
}

/** A run, and where its rows are: both are told with its start, so that neither has to be asked for. */
export function jobIdOf({ id, defaultDatasetId: dataset }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined
  return typeof dataset === 'string' && dataset !== '' ? `${id}/${dataset}` : id
}

const runPath = (job: string) => `/v2/actor-runs/${encodeURIComponent(job.split('/')[0] ?? '')}`

/** Where the rows of a run are. */
export function rowsPath(job: string): string {
  const [, dataset] = job.split('/')
  return dataset === undefined ? `${runPath(job)}/dataset/items` : `/v2/datasets/${encodeURIComponent(dataset)}/items`
}

export async function find({
  http,
  intent,
  since,
  until,
}: Omit<JobFind<unknown>, 'ask' | 'options'>): Promise<string | undefined> {
  for (let offset = 0; offset < RECENT_MAX; ) {
    const { body } = await http.get('/v2/actor-runs', {
      query: { desc: true, limit: RECENT_PAGE, offset },
      once: false,
    })
    const list = rows(dataOf(body, 'list of runs')['items'], 'runs').filter(isObject)
    for (const [i, run] of list.entries()) {
      const { startedAt, defaultKeyValueStoreId: store } = run
      const at = Date.parse(String(startedAt))
      const isOf = offset + i < NEWEST || !(at < since || at > until)
      if (!isOf || typeof store !== 'string') continue
      const path = `/v2/key-value-stores/${encodeURIComponent(store)}/records/INPUT`
      const { body: input } = await http.get(path, { accept: [404], once: false })
      if (isObject(input) && input[INTENT] === intent) return jobIdOf(run)
    }
    if (list.length === 0 || Date.parse(String(list.at(-1)?.['startedAt'])) < since) return undefined
    offset += list.length
  }
  return undefined
}

const STATES = new Map<unknown, JobState['state']>(
  Object.entries({
    READY: 'running',
    RUNNING: 'running',
    'TIMING-OUT': 'running',
    ABORTING: 'running',
    SUCCEEDED: 'succeeded',
    FAILED: 'failed',
    'TIMED-OUT': 'failed',
    ABORTED: 'failed',
  } as const),
)

type Look = Pick<JobPoll<unknown>, 'http' | 'id'>

/** A run as Apify shows it; undefined: it knows no such run. */
export async function look({ http, id }: Look): Promise<Readonly<Record<string, unknown>> | undefined> {
  const query = { waitForFinish: HOLD_S }
  const { status, body } = await http.get(runPath(id), { query, accept: [404], once: false })
  return status === 404 ? undefined : dataOf(body, 'run')
}

export async function poll({ http, id }: Look): Promise<JobState> {
  const run = await look({ http, id })
  if (run === undefined) return { state: 'gone' }
  const { status, statusMessage, usageTotalUsd: cost, chargedEventCounts: events } = run
  const state = STATES.get(status)
  if (state === undefined) {
    throw new TidemarkError('unexpected_shape', `Apify gives run ${id} the unknown status "${String(status)}".`)
  }
  if (state === 'running') return { state }
  const charged = isObject(events) ? events['apify-default-dataset-item'] : undefined
  // Actors that charge by events of their own tell no rows.
  const billed = {
    items: typeof charged === 'number' ? charged : null,
    cost: typeof cost === 'number' ? cost : null,
  }
  if (state === 'succeeded') return { state, billed }
  const why = typeof statusMessage === 'string' && statusMessage !== '' ? `: ${statusMessage}` : ''
  return { state, why: `${String(status)}${why}`, billed }
}

/** Apify's envelope. */
export function dataOf(body: unknown, what: string): Readonly<Record<string, unknown>> {
  const data = isObject(body) ? body['data'] : undefined
  if (isObject(data)) return data
  throw new TidemarkError('unexpected_shape', sentence(`the answer has no ${what} in its "data"`), { scope: 'page' })
}
