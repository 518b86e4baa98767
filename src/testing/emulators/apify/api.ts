// Owns Apify's HTTP semantics, as far as running actors needs them: starting runs, looking at them, their input, their
// rows, and whose token it is. Each behaviour names what it is from: a file of Apify's OpenAPI document, or a page of
// docs.apify.com.

import { type Answer, type Call, type Handler, jsonAnswer, segments } from '../kit/answer.ts'
import { fixedWindow } from '../kit/limits.ts'
import type { Platform, Row, Run } from './platform.ts'

export interface ApiRules {
  /** Requests per second and resource. @default 60 */
  readonly perSecond?: number
}

/** api/v2, "Rate limiting": 60 a second and resource, told in a header; a 429 has no `Retry-After`. */
const PER_SECOND = 60

export function apifyHandler(platform: Platform, { perSecond = PER_SECOND }: ApiRules): Handler {
  const window = fixedWindow(1_000)
  return (call) => {
    const parts = segments(call.path) ?? []
    if (parts[0] !== 'v2') return notFound('page')
    const [, kind = '', id = '', ...rest] = parts
    const limit = { 'X-RateLimit-Limit': String(perSecond) }
    if (!window.take(`${kind}/${id}`, perSecond, call.now).allowed) return { ...tooMany(), headers: limit }
    const answer = route(platform, call, { kind, id, rest })
    return { ...answer, headers: { ...limit, ...answer.headers } }
  }
}

/** An error as Apify writes it. */
export function apifyError(status: number, type = TYPES[status] ?? 'internal-server-error', message = type): Answer {
  return jsonAnswer(status, { error: { type, message } })
}

/** Of ErrorType.yaml. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid-request',
  401: 'user-or-token-not-found',
  402: 'not-enough-usage-to-run-paid-actor',
  403: 'insufficient-permissions',
  404: 'record-not-found',
  408: 'run-timeout-exceeded',
  413: 'request-too-large',
  429: 'rate-limit-exceeded',
}

function tooMany(): Answer {
  return apifyError(429, 'rate-limit-exceeded', 'You have exceeded the rate limit of 60 requests per second')
}

function notFound(what: string): Answer {
  return apifyError(404, 'record-not-found', `${what} was not found`)
}

interface Place {
  readonly kind: string
  readonly id: string
  readonly rest: readonly string[]
}

function route(platform: Platform, call: Call, { kind, id, rest }: Place): Answer {
  const isOwner = tokenOf(call) === platform.token
  const run = kind === 'actor-runs' && id !== '' ? platform.list().find((one) => one.id === id) : undefined
  // actor-runs@{runId}.yaml: the id is the secret, so that a run may be looked at without a token; its costs are then left out.
  if (run && rest.length === 0 && call.method === 'GET') return data(runObject(platform, run, isOwner))
  if (!isOwner) return refused(call)
  const path = [kind, id === '' ? '' : '*', ...rest].filter((part) => part !== '').join('/')
  switch (`${call.method} ${path}`) {
    case 'GET users/*':
      return id === 'me' ? data(userObject(platform)) : notFound('User')
    case 'GET actor-runs':
      return runList(platform, call, platform.list())
    case 'GET actor-runs/*/dataset/items':
      return run ? items(platform, call, run) : notFound('Actor run')
    case 'POST actor-runs/*/abort':
      return run ? aborted(platform, run) : notFound('Actor run')
    // openapi.yaml: `acts` is "deprecated but still fully functional".
    case 'GET acts/*/runs':
    case 'GET actors/*/runs':
      return runList(
        platform,
        call,
        platform.list().filter(({ actor }) => [actor.id, actor.name].includes(id)),
      )
    case 'GET acts/*':
    case 'GET actors/*': {
      const actor = platform.actors.find((one) => one.name === id || one.id === id)
      const [username, name] = actor?.name.split('~') ?? []
      return actor ? data({ id: actor.id, username, name, isPublic: true }) : notFound('Actor')
    }
    case 'POST acts/*/runs':
    case 'POST actors/*/runs':
      return start(platform, call, id)
    case 'GET datasets/*/items': {
      const owner = platform.list().find(({ datasetId }) => datasetId === id)
      return owner ? items(platform, call, owner) : notFound('Dataset')
    }
    case 'GET key-value-stores/*/records/INPUT': {
      const owner = platform.list().find(({ storeId }) => storeId === id)
      return owner ? jsonAnswer(200, owner.input) : notFound('Record')
    }
    default:
      return notFound('page')
  }
}

/** api/v2, "Authentication": in the header, or in the query. */
function tokenOf({ headers, query }: Call): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? query.get('token') ?? undefined
}

function refused(call: Call): Answer {
  if (tokenOf(call) === undefined) {
    return apifyError(401, 'token-not-provided', 'Authentication token was not provided')
  }
  return apifyError(401, 'user-or-token-not-found', 'User was not found or authentication token is not valid')
}

function data(value: unknown, status = 200): Answer {
  return jsonAnswer(status, { data: value })
}

function userObject({ userId, rules }: Platform) {
  const id = rules.freePlan ? 'FREE' : 'STARTER'
  return {
    id: userId,
    username: 'ada',
    profile: { name: 'Ada' },
    email: 'ada@example.com',
    plan: { id },
    isPaying: !rules.freePlan,
  }
}

// ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** runs.yaml of an actor: the body is its input; `timeout`, `memory` (a power of 2 from 128), and the two caps are parameters. */
function start(platform: Platform, call: Call, name: string): Answer {
  const actor = platform.actors.find((one) => one.name === name || one.id === name)
  if (!actor) return notFound('Actor')
  let input: unknown
  try {
    input = call.body === '' ? {} : JSON.parse(call.body)
  } catch {
    return apifyError(400, 'invalid-input', 'Input is not valid JSON')
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return apifyError(400, 'invalid-input', 'Input must be an object')
  }
  const number = (key: string): number | undefined => {
    const text = call.query.get(key)
    return text === null ? undefined : Number(text)
  }
  const memoryMbytes = number('memory') ?? 1_024
  if (memoryMbytes < 128 || !Number.isInteger(Math.log2(memoryMbytes))) {
    return apifyError(400, 'invalid-value', 'Memory must be a power of 2 and at least 128')
  }
  const [maxItems, maxTotalChargeUsd] = [number('maxItems'), number('maxTotalChargeUsd')]
  const options = { timeoutSecs: number('timeout') ?? 3_600, memoryMbytes, maxItems, maxTotalChargeUsd }
  const started = platform.start(actor, input as Row, options)
  if ('type' in started) return apifyError(started.status, started.type, started.message)
  return data(runObject(platform, started, true), 201)
}

function aborted(platform: Platform, run: Run): Answer {
  platform.abort(run)
  return data(runObject(platform, run, true))
}

/** As the documented example of a list of runs: brief, the oldest first unless `desc`, 1,000 at most. */
function runList(platform: Platform, { query }: Call, runs: readonly Run[]): Answer {
  const desc = ['1', 'true'].includes(query.get('desc') ?? '')
  const offset = Number(query.get('offset') ?? 0)
  const limit = Math.min(Number(query.get('limit') ?? 1_000), 1_000)
  const status = query.get('status')
  const all = runs.filter((run) => status === null || status.split(',').includes(platform.statusOf(run)))
  const shown = (desc ? all.toReversed() : all).slice(offset, offset + limit)
  const list = shown.map((run) => {
    const { stats: _s, options: _o, usage: _u, usageUsd: _d, storageIds: _i, ...brief } = runObject(platform, run, true)
    return { ...brief, buildNumber: '0.0.2' }
  })
  return data({ total: all.length, offset, limit, desc, count: list.length, items: list })
}

/** Field by field the documented example of a run (Run.yaml). */
function runObject(platform: Platform, run: Run, isOwner: boolean) {
  const { id, actor, startedAt, endsAt, options, datasetId, storeId, queueId, buildId, message } = run
  const status = platform.statusOf(run)
  const isOver = status === run.outcome
  const { items: charged, usd } = platform.chargedBy(run)
  const { maxItems, maxTotalChargeUsd, ...given } = options
  const seconds = (Math.max(startedAt, isOver ? endsAt : startedAt) - startedAt) / 1_000
  return {
    id,
    actId: actor.id,
    userId: platform.userId,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: isOver ? new Date(endsAt).toISOString() : null,
    status,
    statusMessage: isOver ? message : 'Actor is running',
    isStatusMessageTerminal: isOver,
    meta: { origin: 'API', clientIp: '172.234.12.34', userAgent: 'tidemark' },
    pricingInfo: { pricingModel: 'PAY_PER_EVENT' },
    stats: statsOf(JSON.stringify(run.input).length, seconds),
    chargedEventCounts: { 'apify-actor-start': usd > 0 ? 1 : 0, 'apify-default-dataset-item': charged },
    options: {
      build: 'latest',
      ...given,
      diskMbytes: 2 * options.memoryMbytes,
      ...(maxItems === undefined ? {} : { maxItems }),
      ...(maxTotalChargeUsd === undefined ? {} : { maxTotalChargeUsd }),
    },
    buildId,
    exitCode: isOver ? (status === 'SUCCEEDED' ? 0 : 1) : null,
    generalAccess: 'RESTRICTED',
    defaultKeyValueStoreId: storeId,
    defaultDatasetId: datasetId,
    defaultRequestQueueId: queueId,
    storageIds: {
      datasets: { default: datasetId },
      keyValueStores: { default: storeId },
      requestQueues: { default: queueId },
    },
    isContainerServerReady: false,
    gitBranchName: 'master',
    ...(isOwner ? { usage: usageOf(charged), usageTotalUsd: usd, usageUsd: usageOf(0.000_1) } : {}),
  }
}

function statsOf(inputBodyLen: number, runTimeSecs: number) {
  return {
    inputBodyLen,
    migrationCount: 0,
    restartCount: 0,
    resurrectCount: 0,
    memAvgBytes: 35_914_228.4,
    memMaxBytes: 38_244_352,
    memCurrentBytes: 0,
    cpuAvgUsage: 0.009_559_65,
    cpuMaxUsage: 3.1546,
    cpuCurrentUsage: 0,
    netRxBytes: 2_652,
    netTxBytes: 1_338,
    durationMillis: Math.round(runTimeSecs * 1_000),
    runTimeSecs: runTimeSecs + 0.239,
    metamorph: 0,
    computeUnits: 0.007_288_6,
  }
}

function usageOf(value: number) {
  return {
    ACTOR_COMPUTE_UNITS: value,
    DATASET_READS: value,
    DATASET_WRITES: value,
    KEY_VALUE_STORE_READS: value,
    KEY_VALUE_STORE_WRITES: value,
    KEY_VALUE_STORE_LISTS: value,
    REQUEST_QUEUE_READS: value,
    REQUEST_QUEUE_WRITES: value,
    DATA_TRANSFER_INTERNAL_GBYTES: value,
    DATA_TRANSFER_EXTERNAL_GBYTES: value,
    PROXY_RESIDENTIAL_TRANSFER_GBYTES: value,
    PROXY_SERPS: value,
  }
}

// ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * datasets/{datasetId}/items.yaml: a bare array in the order in which the rows were pushed, with its place in headers. A page that
 * was cleaned may be shorter than its limit, so that only the total tells the end.
 */
function items(platform: Platform, { query }: Call, run: Run): Answer {
  const rows = platform.rowsOf(run)
  const offset = Number(query.get('offset') ?? 0)
  const limit = query.get('limit')
  const size = limit === null ? rows.length : Number(limit)
  const shown = rows.slice(offset, offset + size)
  const isClean = ['1', 'true'].includes(query.get('clean') ?? query.get('skipEmpty') ?? '')
  const kept = isClean ? shown.filter((row) => Object.keys(row).length > 0) : shown
  const headers = {
    'X-Apify-Pagination-Offset': String(offset),
    'X-Apify-Pagination-Limit': String(size),
    'X-Apify-Pagination-Count': String(kept.length),
    'X-Apify-Pagination-Total': String(rows.length),
  }
  return { ...jsonAnswer(200, kept, headers), page: true }
}
