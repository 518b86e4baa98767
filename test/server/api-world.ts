// Owns a server for tests of the API, over a real socket: a mirror in a file, a service that is emulated, and tokens of
// several kinds.

import { onTestFinished } from 'vitest'
import type { OpenOptions } from '../../src/open.ts'
import { loginLink, newLoginCode } from '../../src/server/api/login-links.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { type GitHubOptions, githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

/** No answer may show them. */
export const CANARIES = ['token-of-ada', 'another-secret-of-ada']

export interface Sent {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly raw?: string | FormData
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // An answer is looked at, not typed.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

export async function apiWorld({
  stars = 30,
  users,
  push,
}: Pick<GitHubOptions, 'stars' | 'users'> & Pick<OpenOptions, 'push'> = {}) {
  const github = await githubEmulator({ limits: false, ...(users === undefined ? { stars } : { users }) })
  const mirror = await openMirror({ push })
  const { tidemark } = mirror
  const closing = new AbortController()
  const failures: unknown[] = []
  const api = {
    tidemark: () => tidemark,
    closing: closing.signal,
    onFailure: (error: unknown) => void failures.push(error),
    loginCode: newLoginCode(),
  }
  const app = createApp({ api })
  /** Event streams that are open at the server now. */
  const streams = { open: 0 }
  const counted = {
    fetch(request: Request) {
      if (new URL(request.url).pathname === '/api/events') {
        streams.open++
        request.signal.addEventListener('abort', () => streams.open--)
      }
      return app.fetch(request)
    },
  }
  const server = await listen(counted, { port: 0 })
  onTestFinished(async () => {
    closing.abort()
    await server.close()
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
  const tokenOf = async (project: string, ...scopes: string[]) =>
    (await tidemark.performFor(project, 'createToken', {}, { scopes })).token
  await tidemark.createProject('lab')
  const tokens = {
    admin: await tokenOf('default', 'admin'),
    read: await tokenOf('default', 'read'),
    sync: await tokenOf('default', 'sync'),
    write: await tokenOf('default', 'write'),
    lab: await tokenOf('lab', 'read', 'sync', 'write'),
  }
  const shown: string[] = []
  const call = async (path: string, token: string | undefined, sent: Sent = {}): Promise<Answered> => {
    const { method = 'GET', body, headers = {}, raw } = sent
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw }),
    })
    const text = await answer.text()
    shown.push(text, ...answer.headers.values())
    const isJson = /[/+]json$/.test((answer.headers.get('content-type') ?? '').split(';')[0] ?? '')
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }
  const connected = async () => {
    const options = { token: CANARIES[0], baseUrl: github.url, allowPrivateNetwork: true }
    return call('/api/connections', tokens.admin, { method: 'POST', body: { connector: 'github', id: 'me', options } })
  }
  /** Runs a connection to its end. */
  const synced = async (id = 'me') => {
    const { json: run } = await call(`/api/connections/${id}/runs`, tokens.sync, { method: 'POST', body: {} })
    return ended(run.id)
  }
  const ended = async (run: string): Promise<Answered['json']> => {
    for (;;) {
      const { json } = await call(`/api/runs/${run}`, tokens.read)
      if (json.status !== 'running') return json
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const link = loginLink(server.url, api.loginCode)
  return {
    github,
    mirror,
    tidemark,
    server,
    link,
    tokens,
    call,
    connected,
    synced,
    ended,
    shown,
    failures,
    closing,
    streams,
  }
}
