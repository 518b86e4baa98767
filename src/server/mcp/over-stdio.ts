// Owns the tools for an agent that starts this program and talks to it through its standard input and output, where nothing
// else is written then.

import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { Desk } from './call-tool.ts'
import { openTools } from './tool-server.ts'

interface Pipes {
  readonly stdin: Readable
  readonly stdout: Writable
  /** Ends it. */
  readonly stop: AbortSignal
}

/** Serves until the agent closes the input, or `stop`; what it has asked until then is answered first. */
export async function serveTools(desk: Desk, { stdin, stdout, stop }: Pipes): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const transport = new StdioServerTransport(stdin, stdout)
  const owed = owedAnswers(transport)
  const end = () => ended.resolve()
  const endWhenAnswered = () => void owed.none().then(end)
  stdin.once('end', endWhenAnswered).once('close', endWhenAnswered)
  stdout.once('error', end).once('close', end)
  stop.addEventListener('abort', end, { once: true })
  const open = await openTools(desk, transport)
  try {
    if (!stop.aborted) await ended.promise
  } finally {
    stdin.off('end', endWhenAnswered).off('close', endWhenAnswered)
    stdout.off('error', end).off('close', end)
    stop.removeEventListener('abort', end)
    await open.close()
  }
}

/** Counts the requests that wait for their answer. */
function owedAnswers(transport: StdioServerTransport): { none(): Promise<void> } {
  const owed = new Set<string | number>()
  const settled = Promise.withResolvers<void>()
  let isOver = false
  const paid = (id: unknown) => {
    owed.delete(id as string | number)
    if (isOver && owed.size === 0) settled.resolve()
  }
  // It is no EventTarget.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  transport.onmessage = (message) => {
    if (!('method' in message)) return
    if ('id' in message) owed.add(message.id)
    // Nobody answers what was taken back.
    else if (message.method === 'notifications/cancelled') paid(message.params?.['requestId'])
  }
  const send = transport.send.bind(transport)
  transport.send = async (message) => {
    await send(message)
    if (!('method' in message)) paid(message.id)
  }
  return {
    none() {
      isOver = true
      if (owed.size === 0) settled.resolve()
      return settled.promise
    },
  }
}
