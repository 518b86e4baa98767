// Owns a real `tidemark serve` in a process of its own, as a test calls it: a call, its event streams, and its end.

import type { Place } from '../cli/program.ts'

// An answer is looked at, not typed.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = any

export interface Serving {
  readonly token: string
  readonly pid: number
  readonly api: (method: string, path: string, body?: object) => Promise<{ status: number; json: Answer }>
  /** All that an event stream tells until it ends or breaks off. */
  readonly events: (path: string, lastEventId?: string) => Heard
  readonly end: (signal: NodeJS.Signals) => Promise<unknown>
}

export interface Told {
  readonly id: string
  readonly event: string
  readonly data: Answer
}

export interface Heard {
  readonly told: () => readonly Told[]
  readonly ended: Promise<void>
}

/** `token`: of a server before it; the first one of a database makes it. */
export async function serve(
  here: Place,
  token: string | undefined,
  more: { readonly env?: Record<string, string | undefined>; readonly args?: readonly string[] } = {},
): Promise<Serving> {
  const { env = {}, args = [] } = more
  const server = here.start(['serve', '--port', '0', '--json', ...args], { env })
  let text = ''
  server.child.stdout?.on('data', (part: string) => (text += part))
  await server.saw(/\n}/)
  const { url, adminToken } = JSON.parse(text) as { url: string; adminToken?: string }
  const own = token ?? adminToken ?? ''
  return {
    token: own,
    pid: Number(server.child.pid),
    api: async (method, path, body) => {
      const headers = { authorization: `Bearer ${own}`, 'content-type': 'application/json' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await fetch(url + path, { method, headers, ...sent })
      return { status: answer.status, json: await answer.json() }
    },
    events: (path, lastEventId) => hear(url + path, own, lastEventId),
    end: async (signal) => {
      server.child.kill(signal)
      return server.ended
    },
  }
}

function hear(url: string, token: string, lastEventId: string | undefined): Heard {
  let text = ''
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  }
  const read = async () => {
    const { body } = await fetch(url, { headers })
    for await (const part of body ?? []) text += Buffer.from(part).toString()
  }
  return {
    told: () =>
      [...text.matchAll(/id: (.+)\nevent: (.+)\ndata: (.+)\n\n/g)].map(([, id = '', event = '', data = '']) => ({
        ...{ id, event, data: JSON.parse(data) },
      })),
    ended: read().catch(() => {}),
  }
}
