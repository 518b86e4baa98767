// Owns the proof that testConnector judges uploads and upstream runs: a sound connector passes, and of connectors with one
// planted fault each, exactly the check of that fault fails.

import { csvRows, TidemarkError } from 'tidemark'
import { type CheckName, PromisesBroken, testConnector } from 'tidemark/testing'
import { expect, test } from 'vitest'
import { paidVendor, type Vendor, vendorJob, vendorPosts } from '../support/paid-vendor.ts'
import { type DiaryParts, diaryConnector, diaryFile, type Entry, entries, readEntries } from './diary.ts'

const SOURCE = { url: 'http://127.0.0.1:9' }

const written = entries(40)
const uploads = {
  entries: {
    file: diaryFile(written.filter(({ id }) => id !== 'e7')),
    name: 'diary.json',
    holds: written.flatMap(({ id }) => (id === 'e7' ? [] : [id])),
    older: diaryFile(written.slice(0, 30)),
    without: diaryFile(undefined),
  },
}

function brokenOf(error: unknown) {
  if (!(error instanceof PromisesBroken)) throw error
  return error.report.checks.filter(({ ok }) => !ok)
}

async function brokenDiary(parts: DiaryParts) {
  const tested = testConnector(diaryConnector(parts), SOURCE, { options: {}, uploads })
  return tested.then(() => [], brokenOf)
}

test('a sound connector that reads files keeps every promise', async () => {
  const report = await testConnector(diaryConnector(), SOURCE, { options: {}, uploads })
  const skipped = report.checks.filter((check) => check.skipped).map(({ name }) => name)
  expect({ failed: report.failed, skipped }).toEqual({ failed: 0, skipped: ['secrets-stay-secret'] })
  expect(report.checks.map(({ name }) => name)).toContain('file-is-streamed')
})

test('a file may end in empty lines', async () => {
  const spaced = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('\r\n\r\n')])
  const { file, older, without, ...said } = uploads.entries
  const given = { ...said, file: spaced(file), older: spaced(older), without: spaced(without) }
  const report = await testConnector(diaryConnector(), SOURCE, { options: {}, uploads: { entries: given } })
  expect(report.failed).toBe(0)
})

test.each([
  ['its key last', 'at,text,id'],
  ['its time last', 'id,text,at'],
])('a table that is cut where nobody can see it, with %s, is no fault of its connector', async (_what, header) => {
  const tableOf = (list: readonly Entry[]) => {
    const lines = list.map((entry) => header.split(',').map((name) => entry[name as keyof Entry]))
    return Buffer.from([header, ...lines.map((cells) => cells.join())].join('\n'))
  }
  const read: Read = async function* ({ files }) {
    for (const file of files) {
      const judge = (names: readonly string[]) => {
        if (names.includes('id')) return
        throw new TidemarkError('section_missing', 'There are no entries.', { scope: 'stream' })
      }
      yield* csvRows(file.bytes(), { header: judge })
    }
  }
  const table = { file: tableOf(written), name: 'diary.csv', holds: 40, older: tableOf(written.slice(0, 30)) }
  const tested = testConnector(diaryConnector({ read }), SOURCE, { options: {}, uploads: { entries: table } })
  expect(await tested.then(() => [], brokenOf)).toEqual([])
})

test('without a file, nothing of an upload is judged, and the report says what to give', async () => {
  const report = await testConnector(diaryConnector(), SOURCE, { options: {} })
  expect(report.checks.find(({ name }) => name === 'file-is-read-whole')).toMatchObject({
    skipped: true,
    message: 'give a file of the stream in `uploads` to testConnector',
  })
})

type Read = NonNullable<DiaryParts['read']>

/** All rows, once the file has come to its end. */
async function collected(files: Parameters<Read>[0]): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for await (const row of readEntries(files)) rows.push(row)
  return rows
}

function ignoring(code: string): Read {
  return async function* (files) {
    try {
      yield* readEntries(files)
    } catch (error) {
      if (!(error instanceof TidemarkError && error.code === code)) throw error
    }
  }
}

const FILE_FAULTS: readonly [fault: string, check: CheckName, parts: () => DiaryParts, says: RegExp][] = [
  [
    'the last row that is left out',
    'file-is-read-whole',
    () => ({
      async *read(files) {
        let before: unknown
        for await (const row of readEntries(files)) {
          if (before) yield before
          before = row
        }
      },
    }),
    /1 records of the file are missing: "e40"/,
  ],
  [
    'pieces that are decoded one by one',
    'file-is-read-whole',
    () => ({
      async *read({ files, ...rest }) {
        const inTexts = files.map((file) => ({
          name: file.name,
          size: file.size,
          async *bytes() {
            for await (const piece of file.bytes()) yield Buffer.from(Buffer.from(piece).toString())
          },
        }))
        yield* readEntries({ files: inTexts, ...rest })
      },
    }),
    /in pieces of 7 bytes/,
  ],
  [
    'a file that is kept as a whole',
    'file-is-streamed',
    () => ({
      async *read(files) {
        yield* await collected(files)
      },
    }),
    /before the whole file was read/,
  ],
  [
    'a reading that now and then forgets a row',
    'dry-run-writes-nothing',
    () => {
      let reads = 0
      return {
        async *read(files) {
          const skips = ++reads === 6
          for await (const row of readEntries(files)) if (!(skips && (row as { id: string }).id === 'e3')) yield row
        },
      }
    },
    /tells of 38 new records, and the upload after it adds 39/,
  ],
  [
    'rows with the number of their reading',
    'same-file-changes-nothing',
    () => {
      let reads = 0
      return {
        async *read(files) {
          reads++
          for await (const row of readEntries(files)) yield { ...(row as object), reads }
        },
      }
    },
    /changes 39 records: "e\d+" first \(update\); its reads differs/,
  ],
  [
    'files that all seem to be of one day',
    'older-file-changes-nothing',
    () => ({ order: () => '2026-01-01' }),
    /an older file counts as same/,
  ],
  [
    'half a file taken for a whole one',
    'damaged-file-loses-nothing',
    () => ({ read: ignoring('upload_unreadable') }),
    /the upload of half a file is complete/,
  ],
  [
    'a missing list taken for an empty one',
    'missing-section-is-said',
    () => ({ read: ignoring('section_missing') }),
    /must end with section_missing/,
  ],
]

test.each(FILE_FAULTS)('%s: %s fails', async (_fault, check, parts, says) => {
  const broken = await brokenDiary(parts())
  expect(broken.map(({ name }) => name)).toEqual([check])
  expect(broken[0]?.message).toMatch(says)
})

// ── upstream runs ─────────────────────────────────────────────────────────────────────────────────────────────────────

type JobParts = Parameters<typeof vendorPosts>[0]

async function judged(parts: JobParts, tellsState: Vendor['tellsState'] = 'word') {
  await using vendor = await paidVendor()
  vendor.tellsState = tellsState
  vendor.add(60, 1_760_000_000)
  return await testConnector(vendorPosts({ batch: 30, ...parts }), vendor, {
    options: {},
    truth: { posts: () => vendor.posts.map(({ id }) => id) },
    remove: { posts: () => vendor.posts.splice(3, 1)[0]?.id },
    bill: () => ({ items: vendor.billed, cost: vendor.billed * vendor.price }),
    failNextRun() {
      vendor.ends = 'FAILED'
      vendor.onStart = () => void (vendor.ends = 'SUCCEEDED')
    },
  })
}

test('a sound connector that reads through upstream runs keeps every promise', async () => {
  const report = await judged({})
  const skipped = report.checks.filter((check) => check.skipped).map(({ name }) => name)
  expect({ failed: report.failed, skipped }).toEqual({
    failed: 0,
    skipped: ['login-is-renewed', 'broken-answer-marks-nothing', 'secrets-stay-secret'],
  })
})

const sound = vendorJob()
type Body = { readonly id: string; readonly status?: string; readonly items: number; readonly cost: number }

/** A fault that matters in several ways is found by all checks that it matters to. */
const JOB_FAULTS: readonly [fault: string, checks: readonly CheckName[], parts: JobParts, says: RegExp][] = [
  [
    'a page that ends one row early',
    ['everything-is-read'],
    {
      async read(request) {
        const page = await sound.read(request)
        return 'newest' in request.ask && page.records.length > 9
          ? { ...page, records: page.records.slice(0, -1) }
          : page
      },
    },
    /lack 1 records|mirrors 59 records/,
  ],
  [
    'rows from the oldest to the newest',
    ['order-is-as-declared'],
    {
      async read(request) {
        const page = await sound.read(request)
        return { ...page, records: page.records.toReversed() }
      },
    },
    /stands below "p\d+" \(\d+\), which is older/,
  ],
  [
    'an intent that the vendor is not told',
    ['lost-start-is-found'],
    { start: (request) => sound.start({ ...request, intent: 'some' }) },
    /`find` does not find the run/,
  ],
  [
    'the newest run taken for ours',
    ['resumes-from-every-page', 'other-run-is-not-adopted'],
    {
      async find({ http }) {
        const { runs } = (await http.get('/runs')).body as { runs: { id: string }[] }
        if (!Array.isArray(runs)) throw new TidemarkError('unexpected_shape', 'There is no list of runs.')
        return runs.at(-1)?.id
      },
    },
    /`find` gives "run\d+", which is another run/,
  ],
  [
    'a failed run taken for a whole one',
    ['failed-run-is-kept'],
    {
      async poll(request) {
        const state = await sound.poll(request)
        return state.state === 'failed' ? { ...state, state: 'succeeded' } : state
      },
    },
    /makes the run succeeded/,
  ],
  [
    'everything else taken for running',
    ['poll-ends'],
    {
      async poll({ http, id }) {
        const body = (await http.get(`/runs/${id}`)).body as Body | null
        const billed = { items: body?.items ?? 0, cost: body?.cost ?? 0 }
        if (body?.status === 'FAILED') return { state: 'failed', billed }
        return body?.status === 'SUCCEEDED' ? { state: 'succeeded', billed } : { state: 'running' }
      },
    },
    /says "running"/,
  ],
  [
    'every other word taken for an end',
    ['poll-ends'],
    {
      async poll(request) {
        const { status, items, cost } = (await request.http.get(`/runs/${request.id}`)).body as Body
        if (status === undefined) throw new TidemarkError('unexpected_shape', 'This is no run.')
        if (status === 'RUNNING') return { state: 'running' }
        return { state: status === 'FAILED' ? 'failed' : 'succeeded', billed: { items, cost } }
      },
    },
    /unknown words says "succeeded"/,
  ],
  [
    'a list of runs that can not be had taken for an empty one',
    ['lost-start-is-found', 'broken-answer-is-no-run'],
    { find: (request) => sound.find(request).catch(() => undefined) },
    /`find` makes no run of/,
  ],
  [
    'rows that say that there are none left out',
    ['sentinels-are-errors'],
    {
      async read(request) {
        // Without a number, nothing else tells that they are not all.
        const { estimate: _, ...page } = await sound.read(request)
        return { ...page, records: page.records.filter((row) => 'id' in (row as object)) }
      },
    },
    /delivers \{"demo":true\} makes the sync complete/,
  ],
  [
    'a bill without its amount',
    ['costs-are-told'],
    {
      async poll(request) {
        const { billed, ...state } = await sound.poll(request)
        return billed ? { ...state, billed: { items: billed.items } } : state
      },
    },
    /neither `poll` says what a run has cost, nor has the job a `price`/,
  ],
  [
    'a cap that the vendor is not told',
    ['cost-limit-holds'],
    { start: ({ costLeft: _, ...request }) => sound.start(request) },
    /`costLeft` has to reach the vendor/,
  ],
]

test('a vendor whose runs have no word for their state keeps every promise', async () => {
  const poll: NonNullable<JobParts>['poll'] = async ({ http, id }) => {
    const { body } = await http.get(`/runs/${id}`)
    const { done, failed, items, cost } = (body ?? {}) as Body & { done?: boolean; failed?: boolean }
    if (typeof done !== 'boolean') throw new TidemarkError('unexpected_shape', 'This is no run.')
    return done ? { state: failed ? 'failed' : 'succeeded', billed: { items, cost } } : { state: 'running' }
  }
  expect(await judged({ poll }, 'flags').then(() => [], brokenOf)).toEqual([])
})

test.each(JOB_FAULTS)('%s: %j fails', async (_fault, checks, parts, says) => {
  const broken = await judged(parts).then(() => [], brokenOf)
  expect(broken.map(({ name }) => name)).toEqual(checks)
  expect(broken.at(-1)?.message).toMatch(says)
})
