// Owns how these tests ask emulators: plain fetch, and raw sockets where fetch is too polite.

import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Emulator } from '../../src/testing/emulators/index.ts'

/** Closes an emulator when the test is over. */
export async function during<E extends Emulator<unknown>>(starting: Promise<E>): Promise<E> {
  const emulator = await starting
  onTestFinished(() => emulator.close())
  return emulator
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // Bodies are looked into, not modelled: a wrong shape fails the assertion that reads it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

export async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(120_000), ...init })
  const text = await answer.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: answer.status, headers: answer.headers, text, json }
}

/** Sends bytes as they are and gives all that comes back until the other side closes. */
export function askRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write(request))
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => (text += part))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

/** The code of the network error behind a failed fetch, such as ECONNRESET. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string }
    return cause?.code ?? name
  }
  return 'no failure'
}

export function admin(emulator: { readonly url: string }, method: string, topic: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  return ask(`${emulator.url}/__emulator/${topic}`, init)
}
