// Owns the proof that recordings fit together without anything secret in them: what `connect --record` writes is looked
// through for every secret in every form, and replayed to testConnector and to the library.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openTidemark } from 'tidemark'
import github from 'tidemark/connectors/github'
import tiktokShop from 'tidemark/connectors/tiktok-shop'
import { githubEmulator, recording, testConnector, tiktokShopEmulator } from 'tidemark/testing'
import { expect, test } from 'vitest'
import { nodeTransport } from '../../src/http/node-transport.ts'
import { createRecorder, RECORDED_BODY_MAX, RECORDED_EXCHANGES_MAX } from '../../src/http/recording/record.ts'
import { place } from '../cli/program.ts'

const KEY = { TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
const TOKEN = 'to/ken+of&ada=0815'

function allOf(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
}

/** Forms of a secret, made here by other means than in the source. */
function formsOf(secret: string): readonly string[] {
  const packed = ['', 'a', 'ab', 'user:'].flatMap((before) =>
    (['base64', 'base64url'] as const).map((encoding) => {
      // Without what depends on the text around it.
      const text = Buffer.from(`${before}${secret}`).toString(encoding).replace(/=+$/, '')
      return text.slice(Math.ceil((before.length * 4) / 3) + 1, -2)
    }),
  )
  const percent = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  return [secret, encodeURIComponent(secret), escape(secret), percent, Buffer.from(secret).toString('hex'), ...packed]
}

function expectNone(text: string, secrets: readonly string[]): void {
  const found = secrets.flatMap((secret) =>
    formsOf(secret).filter((form) => text.toLowerCase().includes(form.toLowerCase())),
  )
  expect(found).toEqual([])
}

test('connect --record keeps one sync, without a secret, and testConnector replays it', async () => {
  await using hub = await githubEmulator({ users: { ada: { stars: 230, token: TOKEN } } })
  const here = place()
  const set = ['--set', `baseUrl=${hub.url}`, '--set', 'allowPrivateNetwork=true', '--set', 'user=ada']
  const words = ['connect', 'github', '--id', 'me', ...set, '--secret-env', 'token=GITHUB_TOKEN']
  // As documents name it: in a folder that is not there yet.
  const folder = join(here.folder, 'test', 'recordings', 'tape')
  const done = await here.ask([...words, '--record', folder], { env: { ...KEY, GITHUB_TOKEN: TOKEN } })
  expect(done).toMatchObject({ code: 0 })
  const exchanges = readdirSync(folder).length - 1
  expect(done.stdout).toContain(`Recorded ${exchanges} exchanges in ${folder}`)
  expect(done.stdout).toMatch(/230 new/)
  const text = allOf(folder)
  expectNone(text + done.stdout + done.stderr, [TOKEN])
  expect(text).not.toMatch(/\/ada\b|"ada"|authorization/i)
  expect(JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8'))).toEqual({
    format: 1,
    connector: 'github',
    options: { user: 'redacted-user', token: 'redacted-token' },
    baseUrl: hub.url,
    leftOut: 0,
    exchanges,
  })
  await hub.close()

  const tape = recording(folder)
  const report = await testConnector(github, tape)
  const kept = report.checks.filter(({ skipped }) => !skipped).map(({ name }) => name)
  for (const name of ['pages-end', 'keys-are-unique', 'first-run-completes', 'resumes-from-every-page'] as const) {
    expect(kept).toContain(name)
  }
  await using mirror = await openTidemark({
    database: ':memory:',
    transport: tape.transport(),
    clock: tape.clock(),
    key: new Uint8Array(32).fill(7),
  })
  const me = await mirror.connect(github, {
    id: 'me',
    options: { ...tape.options, baseUrl: tape.baseUrl, allowPrivateNetwork: true },
  })
  expect(await me.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 230 } }] })
})

test('tokens that were renewed while it recorded, and the app’s secret in an address, are not in it', async () => {
  await using shop = await tiktokShopEmulator({ orders: 230 })
  const { accessToken, refreshToken } = shop.world.credentials()
  const before = { accessToken, refreshToken }
  shop.world.expireAccess()
  const here = place()
  const { appKey, appSecret, shopCipher, url } = shop
  const given = { appKey, appSecret, ...before, shopCipher, baseUrl: url, authUrl: url, allowPrivateNetwork: 'true' }
  const set = Object.entries(given).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const folder = join(here.folder, 'tape')
  const done = await here.ask(['connect', 'tiktok-shop', '--id', 'shop', ...set, '--record', folder, '--json'], {
    env: KEY,
  })
  expect(done.json).toMatchObject({ run: { status: 'succeeded' }, recording: { folder, leftOut: 0 } })
  const after = shop.world.credentials()
  expect(after.accessToken).not.toBe(before.accessToken)
  const text = allOf(folder)
  expect(text).toContain('/api/v2/token/refresh')
  expectNone(text, [appSecret, before.accessToken, before.refreshToken, after.accessToken, after.refreshToken])
  const options = { ...recording(folder).options, authUrl: url }
  const report = await testConnector(tiktokShop, recording(folder), { options })
  expect(report.failed).toBe(0)
  expect(report.checks.find(({ name }) => name === 'first-run-completes')).toMatchObject({
    ok: true,
    message: expect.stringMatching(/^230 records in 3 pages/),
  })
  // Behind a page of a window that can't be read the engine asks for more, which no recording has: those checks are skipped.
  const kept = report.checks.filter(({ skipped }) => !skipped).map(({ name }) => name)
  expect(kept).toEqual(
    expect.arrayContaining(['first-run-completes', 'resumes-from-every-page', 'html-is-no-page', 'big-ids-stay-exact']),
  )
})

test('a folder with anything in it is refused before anything is asked; what is no recording is not read', async () => {
  await using hub = await githubEmulator({ stars: 3 })
  const here = place()
  const folder = join(here.folder, 'full')
  mkdirSync(folder)
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  const words = ['connect', 'github', '--id', 'me', '--set', `baseUrl=${hub.url}`, '--set', 'allowPrivateNetwork=true']
  const refused = await here.ask([...words, '--record', folder], { env: KEY })
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain('is not empty')
  expect(hub.log.count()).toBe(0)
  expect(readdirSync(folder)).toEqual(['notes.txt'])
  expect(() => recording(folder)).toThrow(expect.objectContaining({ code: 'recording_invalid' }))
})

test('a recording has limits, and says what it leaves out', async () => {
  const server = createServer((request, response) => {
    const size = request.url === '/large' ? RECORDED_BODY_MAX + 1 : 1
    response.end(JSON.stringify('x'.repeat(size)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const recorder = createRecorder(nodeTransport(), Date.now)
  const ask = (path: string) =>
    recorder.transport.send({
      method: 'GET',
      url: new URL(path, baseUrl),
      headers: {},
      body: undefined,
      timeoutMs: 120_000,
      bytesMax: 64 << 20,
      allowPrivateNetwork: true,
      signal: new AbortController().signal,
    })
  try {
    recorder.about({ connector: 'notebook', baseUrl, options: {}, secrets: [] })
    await ask('/large')
    for (let i = 0; i < RECORDED_EXCHANGES_MAX + 2; i++) await ask(`/${i}`)
    const tape = recorder.finish()
    expect(tape?.exchanges).toHaveLength(RECORDED_EXCHANGES_MAX)
    expect(tape?.leftOut).toBe(3)
    expect(tape?.exchanges[0]?.request.url).toBe(`${baseUrl}/0`)
  } finally {
    await recorder.transport.close()
    server.close()
  }
})

test('what a service repeats of secrets and credentials is not in a recording, whatever form it gives it', async () => {
  const signing = 'signing/secret+of-the-app='
  const session = 'session-0123456789'
  const server = createServer((request, response) => {
    const sent = request.headers['x-session-token'] as string
    const repeated = [signing, sent].flatMap((secret) => [
      `it is ${secret}`,
      Buffer.from(`app:${secret}`).toString('base64'),
      Buffer.from(secret).toString('hex'),
      `https://files.example/a.png?p=${encodeURIComponent(secret)}`,
    ])
    response.setHeader('link', `<http://127.0.0.1/?p=${encodeURIComponent(sent)}>; rel="next"`)
    response.setHeader('set-cookie', `sid=${sent}`)
    response.end(JSON.stringify({ repeated }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const recorder = createRecorder(nodeTransport(), Date.now)
  try {
    await recorder.transport.send({
      method: 'POST',
      url: new URL(`/me/${encodeURIComponent(signing)}?api_key=abc`, baseUrl),
      headers: { 'x-session-token': session, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ secret: 'xyz', say: signing }).toString(),
      timeoutMs: 120_000,
      bytesMax: 1 << 20,
      allowPrivateNetwork: true,
      signal: new AbortController().signal,
    })
    const options = {
      signing,
      pin: 'abc',
      user: 'ada',
      code: 81_234_567,
      keys: ['listed-key-1'],
      logins: ['ada'],
      max: 12,
    }
    recorder.about({ connector: 'notebook', baseUrl, options, secrets: ['signing', 'pin', 'code', 'keys'] })
    const text = JSON.stringify(recorder.finish())
    expectNone(text, [signing, session])
    expect(text).not.toMatch(/=abc|=xyz|"abc"|cookie/)
    expect(recorder.finish()?.options).toEqual({
      signing: 'redacted-signing',
      pin: 'redacted-pin',
      user: 'redacted-user',
      code: 90_000_001,
      keys: ['redacted-keys'],
      logins: ['redacted-user'],
      max: 12,
    })
  } finally {
    await recorder.transport.close()
    server.close()
  }
})
