// Owns what an uploaded file may be: plain or a ZIP, given as a path, bytes or a stream, and every way in which it is refused.

import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { UPLOAD_LIMITS } from '../../src/uploads/limits.ts'
import { openUpload, type UploadSource } from '../../src/uploads/open.ts'
import { KeptRows, ROWS_IN_MEMORY_CHARS } from '../../src/uploads/rows.ts'
import { type ZipEntry, zipFile } from '../support/zip-file.ts'

async function contentsOf(source: UploadSource, limits = UPLOAD_LIMITS): Promise<Record<string, string>> {
  const opened = await openUpload(source, { limits })
  try {
    const found: Record<string, string> = {}
    for (const file of opened.files) found[file.name] = await text(file.bytes())
    return found
  } finally {
    await opened.close()
  }
}

const whole = [
  { name: 'Activity/', mode: 0o040755 },
  { name: 'Activity/Likes.json', data: '{"likes":[]}' },
  { name: 'größe.txt', data: 'ü'.repeat(100_000) },
]

async function* streamed(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

test('a ZIP shows its entries, whatever it is given as', async () => {
  const zip = zipFile(whole)
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'))
  const path = join(folder, 'export.zip')
  writeFileSync(path, zip)
  const sources = [zip, path, pathToFileURL(path), new Blob([zip]), streamed(zip), new Blob([zip]).stream()]
  for (const source of sources) {
    expect(await contentsOf(source)).toEqual({
      'Activity/Likes.json': '{"likes":[]}',
      'größe.txt': 'ü'.repeat(100_000),
    })
  }
  await rm(folder, { recursive: true })
})

test('a file is read again from its beginning', async () => {
  for (const source of [Buffer.from('abc'), streamed(Buffer.from('abc'))]) {
    const opened = await openUpload(source, { name: 'my.json' })
    const { files, name } = opened
    expect([name, files[0]?.name, files[0]?.size]).toEqual(['my.json', 'my.json', 3])
    expect([await text(files[0]!.bytes()), await text(files[0]!.bytes())]).toEqual(['abc', 'abc'])
    await opened.close()
  }
})

test('links are left out', async () => {
  expect(await contentsOf(zipFile([{ name: 'link', data: '/etc/passwd', mode: 0o120777 }]))).toEqual({})
})

test('what macOS adds to a ZIP is left out', async () => {
  const added = ['__MACOSX/._a.json', '__MACOSX/x/a.json', '._b.json', 'x/._c.json'].map((name) => ({
    name,
    data: '\0\u0005',
  }))
  const own = ['a.json', '.hidden.json', 'x/a._b.json'].map((name) => ({ name, data: '{}' }))
  expect(Object.keys(await contentsOf(zipFile([...added, ...own])))).toEqual(own.map(({ name }) => name))
})

test('bytes that were given come in portions', async () => {
  const given = Buffer.alloc(600_000, 'a')
  const { files } = await openUpload(given)
  const portions: Uint8Array[] = []
  for await (const portion of files[0]!.bytes()) portions.push(portion)
  expect(portions.length).toBeGreaterThan(1)
  expect(Buffer.concat(portions).equals(given)).toBe(true)
})

describe('what is no whole ZIP is refused', () => {
  const entry = { name: 'a.json', data: 'x'.repeat(1_000) }
  test.each<[string, Uint8Array, RegExp]>([
    ['cut short', zipFile([entry]).subarray(0, 60), /can't be read/],
    ['encrypted', zipFile([{ ...entry, encrypted: true }]), /encrypted/],
    ['with another checksum', zipFile([{ ...entry, crc: 1 }]), /checksum/],
    ['longer than it says', zipFile([{ ...entry, size: 10 }]), /can't be read/],
    ['shorter than it says', zipFile([{ ...entry, size: 10_000 }]), /can't be read/],
    ['with a name twice', zipFile([entry, entry]), /two entries "a.json"/],
    [
      'with more entries than it tells of',
      zipFile([entry, { ...entry, name: 'b.json' }], 1),
      /more entries than the 1/,
    ],
    ['with a name above its folder', zipFile([{ ...entry, name: '../../a.json' }]), /can't be read/],
    ['with an absolute name', zipFile([{ ...entry, name: '/etc/a.json' }]), /can't be read/],
  ])('%s', async (_what, zip, message) => {
    await expect(contentsOf(zip)).rejects.toMatchObject({
      code: 'upload_unreadable',
      message: expect.stringMatching(message),
    })
  })
})

describe('what is too large is refused', () => {
  const bomb: ZipEntry = { name: 'bomb', data: Buffer.alloc(2_000_000) }
  test.each<[string, UploadSource, Partial<typeof UPLOAD_LIMITS>]>([
    ['a file', Buffer.alloc(101), { fileBytes: 100 }],
    ['a stream', streamed(Buffer.alloc(5_000)), { fileBytes: 100 }],
    ['the number of entries', zipFile([{ name: 'a' }, { name: 'b' }]), { entries: 1 }],
    [
      'what it unpacks to',
      zipFile([
        { name: 'a', data: 'xx' },
        { name: 'b', data: 'xx' },
      ]),
      { unpackedBytes: 3 },
    ],
    ['the list of entries', zipFile([{ name: 'a'.repeat(60) }, { name: 'b'.repeat(60) }]), { directoryBytes: 100 }],
    ['how tightly it is packed', zipFile([bomb]), { ratioFromBytes: 1_000_000 }],
  ])('%s', async (_what, source, limits) => {
    await expect(contentsOf(source, { ...UPLOAD_LIMITS, ...limits })).rejects.toMatchObject({
      code: 'upload_too_large',
    })
  })
})

test.each(['/nowhere/at/all.json', tmpdir()])('there is no file %s', async (path) => {
  await expect(openUpload(path)).rejects.toMatchObject({ code: 'file_missing' })
})

test('a temporary folder that can not be written is told by its name', async () => {
  vi.stubEnv('TMPDIR', join(tmpdir(), 'tidemark-nowhere'))
  try {
    await expect(openUpload(streamed(Buffer.from('abc')))).rejects.toMatchObject({
      code: 'output_failed',
      message: expect.stringContaining('tidemark-nowhere'),
      hint: expect.stringContaining('TMPDIR'),
    })
  } finally {
    vi.unstubAllEnvs()
  }
})

test.each([1, 100, 3_000_000])('rows of %i characters come back as they were, in their order', async (length) => {
  const rows = new KeptRows()
  const many = Math.ceil((2.5 * ROWS_IN_MEMORY_CHARS) / Math.max(length, 1_000))
  const given = Array.from({ length: many }, (_, i) => `${i} ${'ü'.repeat(length)}`)
  for (const row of given) await rows.add(row)
  for (let times = 0; times < 2; times++) {
    const found: string[] = []
    for await (const chunk of rows.chunks(1_000)) found.push(...chunk)
    expect(found).toEqual(given)
  }
  expect(rows.count).toBe(many)
  await rows.close()
})
