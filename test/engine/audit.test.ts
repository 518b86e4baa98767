// What an audit finds in rows that were made for it, and in a mirror of an emulator that hides things.

import { describe, expect, onTestFinished, test } from 'vitest'
import { audit } from '../../src/engine/health/audit.ts'
import type { AuditConnection, AuditStream } from '../../src/engine/health/findings.ts'
import { standingOf } from '../../src/engine/runs/standing.ts'
import { NOTHING_COUNTED } from '../../src/model/coverage.ts'
import { NO_COUNTS } from '../../src/model/run.ts'
import type { RunRow, StreamRow } from '../../src/store/store.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const NOW = Date.UTC(2026, 10, 21)
const HOUR = 3_600_000

const ROW: StreamRow = {
  no: 7,
  connectionNo: 3,
  stream: 'orders',
  shape: { connector: 'shop', stream: 'orders', version: '1', columns: [{ name: 'id', type: 'text' }], metrics: [] },
  lastRunAt: NOW - HOUR,
  lastSuccessAt: NOW - HOUR,
  lastFullAt: NOW - HOUR,
  runsSinceFull: 0,
  lastRecordAt: NOW - HOUR,
  lastMode: 'auto',
  lastRecords: 10,
  totalRecords: 10,
  coverage: { kind: 'complete', note: '' },
  counts: NOTHING_COUNTED,
  reading: { kind: 'complete', note: '' },
  unfilled: [],
  unreadable: [],
}

type Pass = RunRow['passes'][number]

function pass(more: Partial<Pass> & { fetched?: number; inserted?: number } = {}): Pass {
  const { fetched = 10, inserted = 0, ...rest } = more
  const place = { streamNo: 7, stream: 'orders', ordinal: 0, kind: 'fullPass', ended: 'exhausted' } as const
  return { ...place, pages: 1, requests: 1, expected: null, counts: { ...NO_COUNTS, fetched, inserted }, ...rest }
}

function run(passes: readonly Pass[], more: Partial<RunRow> = {}): RunRow {
  return {
    no: 1,
    id: 'run-1',
    project: 'default',
    connectionNo: 3,
    connection: 'shop',
    connectorVersion: '1',
    mode: 'auto',
    status: 'succeeded',
    startedAt: NOW - HOUR,
    finishedAt: NOW - HOUR + 1,
    error: null,
    notes: [],
    requests: 1,
    billedItems: 0,
    cost: null,
    streams: [],
    holder: { id: 'h', host: 'h', pid: 1, startedAt: 1 },
    passes,
    ...more,
  } as RunRow
}

interface Made {
  readonly row?: Partial<StreamRow>
  readonly state?: Partial<AuditStream['state']>
  readonly stream?: Partial<AuditStream>
  readonly counts?: Partial<StreamRow['counts']>
  readonly connection?: Partial<Omit<AuditConnection, 'standing'>>
}

function findings({ row, state, stream, counts, connection }: Made) {
  const none = { openWalks: [], fields: [] }
  const counted = { ...ROW, counts: { ...ROW.counts, ...counts } }
  const one = { row: { ...counted, ...row }, state: { ...none, ...state }, sample: [], unstored: 0, ...stream }
  const owner = { id: 'shop', connector: 'shop', paused: [], runs: [run([pass()])], streams: [one], ...connection }
  const all = audit([{ ...owner, standing: standingOf(owner, [{ name: 'token', secret: true }]) }], NOW)
  return all.map(({ finding, severity, message }) => `${severity} ${finding}: ${message}`)
}

describe('an audit', () => {
  test('finds nothing where nothing is wrong', () => {
    expect(findings({})).toEqual([])
  })

  const walk = { walk: 1, pass: 'newestFirst', openedAt: 0, closedAt: null, ended: null, position: {} } as const
  const CASES: readonly [what: string, made: Made, found: string[]][] = [
    [
      'a walk that is open',
      { state: { openWalks: [{ ...walk, pages: 3, records: 30, note: 'down to May' }] } },
      ['problem gap: a newestFirst walk stopped after 3 pages (down to May)'],
    ],
    [
      'no gap while somebody reads',
      {
        state: { openWalks: [{ ...walk, pages: 3, records: 30, note: '' }] },
        connection: { runs: [run([], { status: 'running', finishedAt: null })] },
      },
      [],
    ],
    [
      'a gap of another kind, once',
      { row: { reading: { kind: 'gap', note: 'fewer than promised' } } },
      ['problem gap: fewer than promised'],
    ],
    [
      'a total that is not reached',
      { connection: { runs: [run([pass({ expected: 12 })])] } },
      ['problem fewer_than_total: 10 records are stored, and the source said that there are 12'],
    ],
    [
      'a total of which the rest is in quarantine, as that alone',
      { connection: { runs: [run([pass({ expected: 12 })])] }, counts: { quarantined: 2 }, stream: { unstored: 2 } },
      ['problem quarantine: 2 records could not be read'],
    ],
    [
      'a total that quarantine does not explain: of one of its records another content is stored',
      { connection: { runs: [run([pass({ expected: 12 })])] }, counts: { quarantined: 2 }, stream: { unstored: 1 } },
      [
        'problem quarantine: 2 records could not be read',
        'problem fewer_than_total: 10 records are stored, 1 more in quarantine, and the source said that there are 12',
      ],
    ],
    [
      'nothing in what another pass has removed since the total was told',
      {
        row: { totalRecords: 9 },
        connection: {
          runs: [run([pass({ expected: 10 }), pass({ kind: 'refresh', counts: { ...NO_COUNTS, removed: 1 } })])],
        },
      },
      [],
    ],
    [
      'what is lacking beside that',
      {
        row: { totalRecords: 8 },
        connection: {
          runs: [
            run([pass({ kind: 'upload', counts: { ...NO_COUNTS, removed: 1 } })]),
            run([pass({ expected: 10 }), pass({ kind: 'refresh', counts: { ...NO_COUNTS, removed: 1, restored: 1 } })]),
          ],
        },
      },
      ['problem fewer_than_total: 8 records are stored, and the source said that there are 10'],
    ],
    [
      'records that were not read again',
      { row: { reading: { kind: 'stale', note: '3 records are stale' } } },
      ['problem stale: 3 records are stale'],
    ],
    [
      'more than the source counts, after a full pass',
      { connection: { runs: [run([pass({ expected: 8 })])] }, counts: { kept: 1 } },
      [
        "notice kept: 1 record stays by a person's decision, although the source no longer lists it",
        'notice more_than_total: 10 records are stored, 1 more than the source counts',
      ],
    ],
    [
      'nothing in the total of a window',
      { connection: { runs: [run([pass({ kind: 'byCursor', expected: 99 })])] } },
      [],
    ],
    [
      'a listing that ends at a round number',
      { row: { totalRecords: 1_000 }, connection: { runs: [run([pass({ fetched: 1_000 })])] } },
      ['suspicion round_count: the listing ended after exactly 1,000 records'],
    ],
    ['nothing in 999', { row: { totalRecords: 999 }, connection: { runs: [run([pass({ fetched: 999 })])] } }, []],
    [
      'nothing in a round number at which the walk was stopped',
      { row: { totalRecords: 500 }, connection: { runs: [run([pass({ fetched: 500, ended: 'met-anchored' })])] } },
      [],
    ],
    [
      'a cap that was declared',
      {
        row: { totalRecords: 1_000, reading: { kind: 'capped', note: 'the newest 1000' } },
        connection: { runs: [run([pass({ fetched: 1_000 })])] },
      },
      ['notice capped: the newest 1000'],
    ],
    [
      'what waits for a person',
      { counts: { held: 30, quarantined: 1 } },
      [
        'problem removals_held: the removal of 30 records waits for a person',
        'problem quarantine: 1 record could not be read',
      ],
    ],
    [
      'what waits for a second witness',
      { counts: { unconfirmed: 3 } },
      ['notice unconfirmed: 3 not listed any more; the next run confirms'],
    ],
    [
      'a stream that its source refuses',
      { row: { reading: { kind: 'unavailable', note: 'the scope is missing' } } },
      ['problem unavailable: its source refuses it: the scope is missing'],
    ],
    [
      'a field whose values changed their kind',
      { state: { fields: ['id:text', 'price:number', 'price:text'] } },
      ['suspicion field_drifted: the source\'s field "price" has come as number and text'],
    ],
    [
      'columns that are being filled',
      { row: { unfilled: ['a', 'b'] } },
      ['notice columns_unfilled: older records lack a, b still'],
    ],
    ['a stream that was never read', { row: { lastRunAt: null } }, ['notice unread: was never read']],
    [
      'a login that ran out, before everything else',
      { connection: { paused: ['login'] }, row: { unfilled: ['a'] } },
      [
        'problem login_needed: needs a new login: shop rejected the current one; it is not synced',
        'notice columns_unfilled: older records lack a still',
      ],
    ],
    [
      'a run that failed',
      {
        connection: {
          runs: [run([], { status: 'failed', error: { code: 'not_found', message: '', hint: null, verdict: 'stop' } })],
        },
      },
      ['problem run_failed: its last run failed: not_found'],
    ],
    [
      'no more than notices of what a person lets stand still',
      {
        connection: { paused: ['user'], runs: [run([], { status: 'failed' })] },
        state: { openWalks: [{ ...walk, pages: 3, records: 30, note: '' }] },
        counts: { quarantined: 1 },
      },
      [
        'notice paused: is paused by you',
        'notice gap: a newestFirst walk stopped after 3 pages',
        'notice quarantine: 1 record could not be read',
      ],
    ],
    [
      'that a connection is disconnected, and nothing of what nobody reads',
      { connection: { paused: ['disconnected'], runs: [run([], { status: 'failed' })] }, row: { lastRunAt: null } },
      ['notice paused: disconnected: it is no longer synced; its records are kept'],
    ],
  ]
  test.each(CASES)('finds %s', (_, made, found) => {
    expect(findings(made)).toEqual(found)
  })

  test('finds columns that are always empty, and states that are always the same', () => {
    const columns = [
      { name: 'title', type: 'text' },
      { name: 'note', type: 'text' },
      { name: 'archived', type: 'boolean' },
      { name: 'state', type: 'text' },
    ]
    const shape = { ...ROW.shape, columns } as StreamRow['shape']
    const sample = Array.from({ length: 200 }, (_, i) => ({
      _key: `${i}`,
      title: `T${i}`,
      note: null,
      archived: 0,
      state: i === 0 ? 'open' : 'closed',
    }))
    expect(findings({ row: { shape }, stream: { sample } })).toEqual([
      'notice hidden_filter: all of 200 records have archived = false',
      'notice column_empty: 1 column is empty in all of 200 records: "note"',
    ])
    expect(findings({ row: { shape }, stream: { sample: sample.slice(0, 99) } })).toEqual([])
    const bare = sample.map((record) => ({ ...record, archived: null, state: undefined }))
    expect(findings({ row: { shape }, stream: { sample: bare } })).toEqual([
      'notice column_empty: 3 columns are empty in all of 200 records: "note", "archived", "state"',
    ])
  })
})

describe('silence', () => {
  /** Runs every hour, newest first, with so many new records in each, the last one an hour ago. */
  const hourly = (arrived: readonly number[]) =>
    arrived
      .map((inserted, i) => run([pass({ inserted })], { no: i, startedAt: NOW - (arrived.length - i) * HOUR }))
      .toReversed()
  const silent = (arrived: readonly number[]) => findings({ connection: { runs: hourly(arrived) } })

  test('is found where so many should have come that chance is no excuse', () => {
    expect(silent([500, ...Array<number>(10).fill(2), ...Array<number>(30).fill(0)])).toEqual([
      'suspicion silent: nothing new for 1d 6h, where a record every 30m 0s is usual',
    ])
  })

  test('is none after a short while, for a stream that is slow, bursts, or is not read', () => {
    expect(silent([500, ...Array<number>(10).fill(2), 0, 0, 0])).toEqual([])
    expect(silent([500, ...Array<number>(30).fill(0)])).toEqual([])
    // Every twelve hours twenty at once: a pause of twenty hours is not yet unusual.
    const burst = [20, ...Array<number>(11).fill(0)]
    expect(silent([500, ...burst, ...burst, ...burst, ...Array<number>(9).fill(0)])).toEqual([])
    const read = hourly([500, ...Array<number>(10).fill(2)]).map((one) => ({
      ...one,
      startedAt: one.startedAt - 90 * HOUR,
    }))
    expect(findings({ connection: { runs: read } })).toEqual([])
  })
})

test('a real mirror: what the listing hides is found, and what is right is not', async () => {
  const github = await githubEmulator({ stars: 500, limits: false })
  onTestFinished(() => github.close())
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const found = async () => {
    return (await mirror.tidemark.audit()).findings.map(({ finding, stream }) => `${stream} ${finding}`)
  }
  const before = await found()
  expect(before).not.toContain('stars fewer_than_total')
  expect(before).not.toContain('stars gap')
  // All 500 repositories are public, as far as one can see.
  expect(before).toContain('stars hidden_filter')

  // The source gives up in the middle of a full pass.
  github.faults.when({ after: 3 }, { kind: 'status', status: 404 })
  await me.sync({ mode: 'full' })
  expect(await found()).toEqual(expect.arrayContaining(['null run_failed', 'stars gap']))
  github.faults.clear()
  await me.sync()
  expect(await found()).toEqual(before)
})
