// Owns the proof that the file of a form is what the form has, however its bytes arrive, and that it is read as it comes.

import { once } from 'node:events'
import { request } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileOfForm } from '../../src/server/api/form.ts'
import { apiWorld } from './api-world.ts'

const BOUNDARY = '----x'
const headers = new Headers({ 'content-type': `multipart/form-data; boundary="${BOUNDARY}"` })

function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(form: Uint8Array, size = form.length) {
  const { file, name } = await fileOfForm({ headers, body: ReadableStream.from(pieces(form, size)) as never })
  const parts: Uint8Array[] = []
  for await (const part of file) parts.push(part)
  return { name, bytes: Buffer.concat(parts) }
}

const form = (content: Uint8Array, end = `\r\n--${BOUNDARY}--\r\n`, filename = 'a.json') =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`),
    content,
    Buffer.from(end),
  ])

/** Bytes among which there is much that looks like the beginning of a boundary. */
const tricky = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', '\r\n------', 'x', '\u00ff'), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))
  .filter((bytes) => !`\r\n${bytes.toString('latin1')}`.includes(`\r\n--${BOUNDARY}`))

test('a file is what stands between the boundaries, in whatever pieces it comes', async () => {
  const property = fc.asyncProperty(tricky, fc.integer({ min: 1, max: 40 }), async (content, size) => {
    const { bytes } = await read(form(content), size)
    expect(bytes.toString('hex')).toBe(content.toString('hex'))
  })
  await fc.assert(property)
})

test('a file has the name that the form gives it', async () => {
  for (const name of ['a.json', 'häuser & "türme".csv', '100%.json', 'a\\b.csv']) {
    const given = new FormData()
    given.set('file', new Blob(['x']), name)
    const sent = new Request('http://localhost', { method: 'POST', body: given })
    expect((await fileOfForm(sent)).name).toBe(name)
  }
  // As curl wrote it before it wrote it as browsers do.
  expect((await read(form(Buffer.from('x'), undefined, 'a \\"b\\".csv'))).name).toBe('a "b".csv')
})

test.each([
  ['cut in its file', form(Buffer.from('abc'), '')],
  ['cut in its last boundary', form(Buffer.from('abc'), `\r\n--${BOUNDARY}-`)],
  ['with something before its parts', Buffer.concat([Buffer.from('abc'), form(Buffer.from('abc'))])],
  ['with a head that has no end', Buffer.from(`--${BOUNDARY}\r\n${'a: b\r\n'.repeat(9_000)}`)],
  ['with a part without a name', Buffer.from(`--${BOUNDARY}\r\nA: b\r\n\r\nabc\r\n--${BOUNDARY}--\r\n`)],
])('a form %s is refused', async (_what, bytes) => {
  for (const size of [1, 100_000]) await expect(read(bytes, size)).rejects.toMatchObject({ code: 'body_invalid' })
})

test('a form is looked at before all of it has come', async () => {
  const { server, tokens, connected, synced } = await apiWorld({ stars: 3 })
  await connected()
  await synced()
  const call = request(`${server.url}/api/connections/me/streams/stars/uploads`, {
    method: 'POST',
    headers: { ...Object.fromEntries(headers), authorization: `Bearer ${tokens.sync}` },
  })
  call.write(form(Buffer.from('the beginning of a file that never ends'), ''))
  const [answer] = await once(call, 'response')
  expect(answer).toMatchObject({ statusCode: 400 })
  expect((await answer.setEncoding('utf8').toArray()).join('')).toContain('upload_unsupported')
  call.destroy()
})
