// Owns the proof that testConnector finds what it is for: a sound connector passes, and of connectors with one planted
// fault each, exactly the check of that fault fails.

import { type Failure, type RawAnswer, rows, TidemarkError, z } from 'tidemark'
import { type CheckName, PromisesBroken, type TestConnectorOptions, testConnector } from 'tidemark/testing'
import { beforeAll, expect, test, vi } from 'vitest'
import {
  type Notebook,
  notebookConnector,
  notebookService,
  noteSchema,
  type Options,
  PAGE_SIZE,
  type Parts,
  readAgain,
  readChanges,
  readNotes,
  TOKEN,
} from './notebook.ts'

const NOTES = 50

beforeAll(() => {
  // One planted fault writes to it.
  const silent = vi.spyOn(console, 'debug').mockImplementation(() => {})
  return () => silent.mockRestore()
})

function around(notebook: Notebook, more: TestConnectorOptions<Options> = {}): TestConnectorOptions<Options> {
  return {
    options: () => ({ token: notebook.token, refresh: notebook.refresh }),
    truth: { notes: () => notebook.notes.map(({ id }) => String(id)) },
    remove: { notes: () => notebook.remove() },
    ...more,
  }
}

async function brokenChecks(parts: Parts, more: TestConnectorOptions<Options> = {}, views = false) {
  await using notebook = await notebookService(NOTES, views)
  const expire = parts.renew ? { expireLogin: () => notebook.expire() } : {}
  try {
    await testConnector(notebookConnector(parts), notebook, { ...around(notebook, expire), ...more })
    return []
  } catch (error) {
    if (!(error instanceof PromisesBroken)) throw error
    return error.report.checks.filter(({ ok }) => !ok)
  }
}

test('a sound connector keeps every promise', async () => {
  await using notebook = await notebookService(NOTES)
  const report = await testConnector(notebookConnector(), notebook, around(notebook))
  const skipped = report.checks.filter((check) => check.skipped).map(({ name }) => name)
  expect({ failed: report.failed, skipped }).toEqual({ failed: 0, skipped: ['login-is-renewed'] })
})

test('a sound connector that reads by cursor and renews its login keeps every promise', async () => {
  await using notebook = await notebookService(NOTES)
  const connector = notebookConnector({ readWindow: readChanges, renew: true, classify: refreshes })
  const report = await testConnector(connector, notebook, around(notebook, { expireLogin: () => notebook.expire() }))
  const skipped = report.checks.filter((check) => check.skipped).map(({ name }) => name)
  expect({ failed: report.failed, skipped }).toEqual({ failed: 0, skipped: ['removals-are-noticed'] })
})

test('a sound connector that reads known records again keeps every promise', async () => {
  await using notebook = await notebookService(NOTES)
  const report = await testConnector(notebookConnector({ again: readAgain }), notebook, around(notebook))
  const skipped = report.checks.filter((check) => check.skipped).map(({ name }) => name)
  expect({ failed: report.failed, skipped }).toEqual({ failed: 0, skipped: ['login-is-renewed'] })
  const names = report.checks.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['known-are-read-again', 'broken-answer-marks-nothing']))
  expect(report.checks.find(({ name }) => name === 'removals-are-noticed')?.message).toMatch(
    /is found gone by a refresh/,
  )
})

function refreshes({ status }: RawAnswer): Failure | undefined {
  return status === 401 ? { verdict: 'refresh', code: 'token_expired', message: 'the token ran out' } : undefined
}

/** Makes an empty page, and so the end, of errors with this code. */
function swallowing(code: string): NonNullable<Parts['read']> {
  return (request) =>
    readNotes(request).catch((error: unknown) => {
      if (error instanceof TidemarkError && error.code === code) return { records: [] }
      throw error
    })
}

type NotesBody = { notes: unknown; next: string | null; left: number; pages: number }

async function pageOf(
  request: Parameters<NonNullable<Parts['read']>>[0],
  query: Record<string, unknown>,
): Promise<NotesBody> {
  return (await request.http.get('/notes', { query: query as never })).body as NotesBody
}

const PLANTED: readonly [fault: string, check: CheckName, parts: Parts, says: RegExp][] = [
  ['metrics that measure nothing', 'schema-is-valid', { metrics: ['nothing'] }, /metric "nothing"/],
  [
    'a listing that never ends',
    'pages-end',
    {
      async read(request) {
        const page = Number(request.page ?? 0)
        const { notes } = await pageOf(request, { page, limit: PAGE_SIZE })
        return { records: rows(notes, 'notes'), next: page + 1 }
      },
    },
    /page \d+ .* empty page/,
  ],
  [
    'a token that does not move',
    'pages-end',
    { read: async (request) => ({ ...(await readNotes({ ...request, page: undefined })), next: 'again' }) },
    /page 2 has the same next page as page 1/,
  ],
  [
    'keys that come twice',
    'keys-are-unique',
    { key: (note: { title: string }) => note.title },
    /page 1: the key "Note \d" comes again/,
  ],
  ['a key that is empty', 'keys-are-unique', { key: () => '' }, /page 1: .*has no key/],
  [
    'a token that JSON does not keep',
    'tokens-survive-json',
    {
      async read(request) {
        const page = await readNotes({
          ...request,
          page: (request.page as unknown as Map<string, string>)?.get('after'),
        })
        return { ...page, next: page.next === undefined ? undefined : (new Map([['after', page.next]]) as never) }
      },
    },
    /token of page 2/,
  ],
  [
    'an order that is none',
    'order-is-as-declared',
    { order: (note: { likes: number }) => note.likes },
    /page 1: "\d+" \(\d+\) stands below "\d+"/,
  ],
  [
    'a window that goes down',
    'order-is-as-declared',
    { readWindow: (request) => readChanges(request, { order: 'desc' }) },
    /not ascending/,
  ],
  [
    'a window without its lower bound',
    'order-is-as-declared',
    {
      readWindow: (request) =>
        readChanges(request, { since: request.since === undefined ? undefined : request.since + 1 }),
    },
    /window \[\d+, \d+\) lacks "\d+"/,
  ],
  [
    'a listing that ends one page early',
    'everything-is-read',
    {
      async read(request) {
        const { notes, next, left } = await pageOf(request, { after: request.page, limit: PAGE_SIZE })
        return { records: rows(notes, 'notes'), next: left > PAGE_SIZE ? (next ?? undefined) : undefined }
      },
    },
    /after 2 pages 10 records are missing/,
  ],
  [
    'a total that is a guess',
    'everything-is-read',
    { total: async () => 1 },
    /3 pages hold 50 records, and the source has 1$/,
  ],
  [
    'a schema that the rows do not fit',
    'first-run-completes',
    { schema: noteSchema.extend({ likes: z.string() }) },
    /quarantine/,
  ],
  [
    'a page that is the end when the run is killed',
    'resumes-from-every-page',
    { read: swallowing('lease_lost') },
    /killed after page 1 of 3/,
  ],
  [
    'a page that is the last because it is short',
    'page-size-changes-nothing',
    {
      async read(request) {
        const page = await readNotes(request)
        return { ...page, next: page.records.length < PAGE_SIZE ? undefined : page.next }
      },
    },
    /with 10 records a page instead of 20/,
  ],
  [
    'a refresh that asks for the first key only',
    'known-are-read-again',
    { again: ({ keys, ...request }) => readAgain({ ...request, keys: keys.slice(0, 1) }) },
    /does not return 43 of 50 records/,
  ],
  [
    'a refresh without a list that has found nothing',
    'broken-answer-marks-nothing',
    {
      async again({ http, keys }) {
        const { body } = await http.get('/notes', { query: { ids: keys.join() } })
        return (body as { notes?: readonly unknown[] }).notes ?? []
      },
    },
    /takes 50 records for gone/,
  ],
  [
    'pages that are only counted',
    'loop-is-an-error',
    {
      async read(request) {
        const page = Number(request.page ?? 0)
        const { notes, pages } = await pageOf(request, { page, limit: PAGE_SIZE })
        return { records: rows(notes, 'notes'), next: page + 1 < pages ? page + 1 : undefined }
      },
    },
    /first page for ever is complete after 3 pages/,
  ],
  [
    'half a body taken for the end',
    'cut-body-is-no-page',
    { read: swallowing('body_incomplete') },
    /page 1: .* makes a page of no records/,
  ],
  [
    'half a document taken for the end',
    'cut-body-is-no-page',
    { read: swallowing('invalid_json') },
    /page 1: .* ends in its middle/,
  ],
  [
    'a web page taken for an empty list',
    'html-is-no-page',
    { read: swallowing('unexpected_html') },
    /page 1: .* web page/,
  ],
  [
    'an empty body taken for an empty list',
    'empty-body-is-no-page',
    { read: swallowing('empty_body') },
    /page 1: .* empty body/,
  ],
  [
    'a missing list taken for an empty one',
    'wrong-shape-is-no-page',
    {
      async read(request) {
        const { notes, next } = ((await pageOf(request, { after: request.page, limit: PAGE_SIZE })) ??
          {}) as Partial<NotesBody>
        return { records: (notes ?? []) as unknown[], next: next ?? undefined }
      },
    },
    /page 1: .* must throw/,
  ],
  [
    'a limit that costs attempts',
    'rate-limit-is-waited-for',
    {
      classify: ({ status }) =>
        status === 429 ? { verdict: 'retry', code: 'server_error', message: 'busy' } : undefined,
    },
    /429 \d times/,
  ],
  [
    'a login that ends as a failure',
    'login-expiry-pauses',
    { classify: ({ status }) => (status === 401 ? { verdict: 'stop', code: 'forbidden', message: 'no' } : undefined) },
    /not paused/,
  ],
  [
    'a rotated refresh token that is lost',
    'login-is-renewed',
    { classify: refreshes, renew: (found) => ({ token: found.access_token }) },
    /renewed access token that ran out/,
  ],
  [
    'ids made numbers',
    'big-ids-stay-exact',
    { schema: noteSchema.extend({ id: z.coerce.number() }) },
    /9007199254740992 \(id\) is set aside: .*The key is the number/,
  ],
  [
    'a schema that knows no other fields',
    'unknown-fields-stay-raw',
    { schema: z.strictObject(noteSchema.shape) },
    /tidemark_added_later/,
  ],
  [
    'rows that are copied',
    'unknown-fields-stay-raw',
    {
      async read(request) {
        const page = await readNotes(request)
        return { ...page, records: page.records.map((row) => noteSchema.parse(row)) }
      },
      // With the copies, what is copied is all there is.
    },
    /not in _raw/,
  ],
  [
    'a page that is refused for one record',
    'wrong-type-is-set-aside',
    {
      async read(request) {
        const page = await readNotes(request)
        z.array(noteSchema).parse(page.records)
        return page
      },
    },
    /costs \d+ other records/,
  ],
  [
    'removed records that stay listed',
    'removals-are-noticed',
    { read: (request) => readNotes(request, { removed: 'yes' }) },
    /3 full passes keep it/,
  ],
  [
    'a secret in the log of the console',
    'secrets-stay-secret',
    {
      read(request) {
        console.debug('reading', { with: request.options.token })
        return readNotes(request)
      },
    },
    /"token" stands in what the connector writes to the console/,
  ],
]

test.each(PLANTED)('%s: %s fails', async (_fault, check, parts, says) => {
  const broken = await brokenChecks(parts)
  expect(broken.map(({ name }) => name)).toEqual([check])
  expect(broken[0]?.message).toMatch(says)
})

test('a secret in a page token breaks no promise: what is stored names the option instead', async () => {
  const broken = await brokenChecks({
    async read({ http, options, page }) {
      const path = (page as string | undefined) ?? `/notes?limit=${PAGE_SIZE}`
      const { notes, next } = (await http.get(path)).body as NotesBody
      const on = `/notes?limit=${PAGE_SIZE}&after=${next}&token=${encodeURIComponent(options.token)}`
      return { records: rows(notes, 'notes'), next: next === null ? undefined : on }
    },
  })
  expect(broken).toEqual([])
})

test('content that differs from answer to answer is named', async () => {
  const broken = await brokenChecks({}, {}, true)
  expect(broken.map(({ name }) => name)).toEqual(['second-run-changes-nothing'])
  expect(broken[0]?.message).toMatch(/"\d+" first \(update\); its views differs/)
})

test('the error lists all failures, and carries the report', async () => {
  await using notebook = await notebookService(NOTES)
  const connector = notebookConnector({ read: swallowing('unexpected_html'), schema: z.strictObject(noteSchema.shape) })
  const error = await testConnector(connector, notebook, around(notebook)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PromisesBroken)
  const { message, code, report } = error as PromisesBroken
  expect(code).toBe('promises_broken')
  expect(message).toMatch(
    /^Connector notebook breaks 2 promises:\n {2}✗ notes: html-is-no-page: .*\n {2}✗ notes: unknown-fields-stay-raw: /,
  )
  expect(message).not.toContain(TOKEN)
  expect(report).toMatchObject({ connector: 'notebook', failed: 2 })
})

test('runs beside each other leave console and streams as they were', async () => {
  const before = [console.log, console.debug, Object.getOwnPropertyDescriptor(process.stdout, 'write')?.value]
  await using notebook = await notebookService(5)
  const loud = notebookConnector({
    read(request) {
      process.stdout.write('')
      console.debug(request.options.token)
      return readNotes(request)
    },
  })
  const options = { options: { token: notebook.token } }
  const both = await Promise.allSettled([
    testConnector(loud, notebook, options),
    testConnector(notebookConnector(), notebook, { ...options, streams: ['notes'] }),
  ])
  expect(both[0]).toMatchObject({ status: 'rejected', reason: { code: 'promises_broken' } })
  expect([console.log, console.debug, Object.getOwnPropertyDescriptor(process.stdout, 'write')?.value]).toEqual(before)
})

test('what can not be staged is skipped and says why', async () => {
  await using notebook = await notebookService(5)
  const report = await testConnector(notebookConnector(), notebook, {
    options: { token: notebook.token },
    skip: { 'loop-is-an-error': 'the service has one page' },
  })
  const why = Object.fromEntries(
    report.checks.filter((check) => check.skipped).map(({ name, message }) => [name, message]),
  )
  expect(why).toMatchObject({
    'tokens-survive-json': 'the source has one page only',
    'everything-is-read': 'the source tells no total; give `truth` to testConnector',
    'resumes-from-every-page': 'the source has one page only',
    'loop-is-an-error': 'the service has one page',
    'login-is-renewed': 'the connector renews no credentials',
  })
  expect(report.failed).toBe(0)
})

test('a source elsewhere, a stream that is none: refused before anything is asked', async () => {
  await using notebook = await notebookService(3)
  const given = { options: { token: notebook.token } }
  await expect(
    testConnector(notebookConnector(), { url: 'https://api.notebook.example' }, given),
  ).rejects.toMatchObject({
    code: 'source_invalid',
  })
  await expect(testConnector(notebookConnector(), notebook, { ...given, streams: ['pages'] })).rejects.toMatchObject({
    code: 'stream_unknown',
  })
  await expect(testConnector(notebookConnector(), notebook, { options: {} })).rejects.toMatchObject({
    code: 'options_invalid',
  })
  expect(notebook.requests()).toBe(0)
})
