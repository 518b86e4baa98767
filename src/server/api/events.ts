// Owns the event streams (SSE) of runs: how far each has come, at least every few seconds, and its end. What they tell is
// read from the store, so that runs of other processes are told of, and a stream that begins again tells what is now.

import type { RunReport } from '../../model/run.ts'
import { type Answerer, type Call, doFor, given, jsonText } from './call.ts'

/** How often the runs are looked at, and the longest silence of a stream, in milliseconds. */
const LOOK_EVERY_MS = 500
const SILENCE_MAX_MS = 2_500
/** Runs that a stream of all of them looks at, the newest first. */
const RUNS_MAX = 100

/** Each event as its stream tells it. */
interface Told {
  readonly event: 'progress' | 'done'
  readonly data: unknown
}

export const eventsOfRun: Answerer = async (call) => {
  const { args } = given(call)
  const id = String(args['run'])
  // Of a run that is unknown, nothing begins.
  let last = await doFor(call, 'run', { run: id })
  let said = ''
  const look = async () => {
    last = await doFor(call, 'run', { run: id })
    if (last.status !== 'running') return { told: [{ event: 'done', data: last }] as const, isOver: true }
    const data = { run: id, ...last.progress }
    const text = jsonText(data)
    const isNews = text !== said
    said = text
    return { told: [{ event: 'progress', data }] as const, isNews, isOver: false }
  }
  return stream(call, look)
}

export const events: Answerer = async (call) => {
  given(call)
  const active = new Map<string, string>()
  const look = async () => {
    const runs = await doFor(call, 'runs', {}, { limit: RUNS_MAX })
    const told: Told[] = []
    let isNews = false
    for (const run of runs) {
      const text = jsonText(run.progress)
      if (run.status === 'running') {
        isNews ||= active.get(run.id) !== text
        active.set(run.id, text)
        told.push({ event: 'progress', data: { run: run.id, connection: run.connection, ...run.progress } })
      } else if (active.delete(run.id)) {
        isNews = true
        told.push({ event: 'done', data: run satisfies RunReport })
      }
    }
    return { told, isNews, isOver: false }
  }
  return stream(call, look)
}

interface Look {
  readonly told: readonly Told[]
  /** Whether something has changed since the last look. */
  readonly isNews?: boolean
  readonly isOver: boolean
}

/** The stream goes on with the number that the caller has seen last. It ends with the server or the token, or when nobody listens. */
function stream({ context, closing, isInForce }: Call, look: () => Promise<Look>): Response {
  const seen = context.req.header('last-event-id')
  let number = seen !== undefined && /^\d{1,15}$/.test(seen) ? Number(seen) : 0
  const text = new TextEncoder()
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let close = () => {}
  const end = () => {
    isOver = true
    clearTimeout(timer)
    closing.removeEventListener('abort', close)
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (line: string) => controller.enqueue(text.encode(line))
      close = () => {
        if (isOver) return
        end()
        controller.close()
      }
      if (closing.aborted) return close()
      closing.addEventListener('abort', close)
      let silentFor = Number.POSITIVE_INFINITY
      const next = async () => {
        if (!(await isInForce())) return close()
        const { told, isNews = true, isOver: ended } = await look()
        if (isOver) return
        if (isNews || silentFor >= SILENCE_MAX_MS) {
          silentFor = 0
          for (const { event, data } of told) write(`id: ${++number}\nevent: ${event}\ndata: ${jsonText(data)}\n\n`)
          if (told.length === 0) write(': still here\n\n')
        }
        if (ended) return close()
        silentFor += LOOK_EVERY_MS
        timer = setTimeout(turn, LOOK_EVERY_MS)
      }
      const turn = () => void next().catch(close)
      turn()
    },
    cancel: end,
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
