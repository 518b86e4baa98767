// Owns the event streams (SSE) of runs: how far each has come, at least every few seconds, and its end. What they tell is
// read from the store, so that runs of other processes are told of, and a stream that begins again tells what is now.

import type { RunReport } from '../../model/run.ts'
import { type Answerer, type Call, doFor, given, jsonText } from './call.ts'

/** How often the runs are looked at, and the longest silence of a stream, in milliseconds. */
const LOOK_EVERY_MS = 500
const SILENCE_MAX_MS = 2_500
/** Runs that a stream of all of them reads at once. */
const RUNS_MAX = 100
/** Runs of which a stream that begins again is told that it has missed them, the newest, at most. */
const MISSED_MAX = 1_000

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
  const followed = new FollowedRuns(call, seenIn(call).place)
  return stream(call, () => followed.look())
}

/** The runs of a project from where a stream began: each that is under way then, or begins later, is followed to its end. */
class FollowedRuns {
  readonly #call: Call
  /** Those under way, by their number, with what was told of each. */
  readonly #active = new Map<number, { readonly id: string; said: string }>()
  /** The number of the newest that was seen. Undefined: what is there now comes first. */
  #newest: number | undefined

  constructor(call: Call, newest: number | undefined) {
    this.#call = call
    this.#newest = newest
  }

  async look(): Promise<Look> {
    const told: Told[] = []
    let isNews = false
    const [known, begun] = [[...this.#active], await this.#begun()]
    const runs = await Promise.all(
      known.map(async ([no, { id }]) => [no, await doFor(this.#call, 'run', { run: id })] as const),
    )
    for (const [no, run] of [...runs, ...begun]) {
      const said = jsonText(run.progress)
      if (run.status === 'running') {
        isNews ||= this.#active.get(no)?.said !== said
        this.#active.set(no, { id: run.id, said })
        told.push({ event: 'progress', data: { run: run.id, connection: run.connection, ...run.progress } })
      } else {
        isNews = true
        this.#active.delete(no)
        told.push({ event: 'done', data: run satisfies RunReport })
      }
    }
    // Whoever comes again with this place is told of all that have not ended by then, and of those that begin later.
    const place = Math.min(this.#newest ?? 0, ...[...this.#active.keys()].map((no) => no - 1))
    return { told, isNews, isOver: false, place }
  }

  /** Runs that have begun since the last look, in the order in which they did; at first, those that are under way. */
  async #begun(): Promise<readonly (readonly [no: number, run: RunReport])[]> {
    const since = this.#newest
    const found: (readonly [number, RunReport])[] = []
    for (let behind: number | undefined; ; ) {
      const places: number[] = []
      const asked = { limit: RUNS_MAX, onPlace: (no: number) => void places.push(no) }
      const runs = await doFor(this.#call, 'runs', {}, behind === undefined ? asked : { ...asked, behind })
      this.#newest = Math.max(this.#newest ?? 0, ...places)
      const numbered = runs.map((run, i) => [places[i] ?? 0, run] as const)
      if (since === undefined) return numbered.filter(([, { status }]) => status === 'running').toReversed()
      found.push(...numbered.filter(([no]) => no > since))
      behind = places.at(-1)
      if (behind === undefined || behind <= since || found.length >= MISSED_MAX) return found.toReversed()
    }
  }
}

/** What a stream that begins again has told: how many events, and up to which run. */
function seenIn({ context }: Call): { readonly number: number; readonly place: number | undefined } {
  const [, number, place] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(context.req.header('last-event-id') ?? '') ?? []
  return { number: Number(number ?? 0), place: place === undefined ? undefined : Number(place) }
}

interface Look {
  readonly told: readonly Told[]
  /** Whether something has changed since the last look. */
  readonly isNews?: boolean
  readonly isOver: boolean
  /** With which a stream of all runs begins again, when all of these were told. */
  readonly place?: number
}

/** The stream goes on with the number that the caller has seen last. It ends with the server or the token, or when nobody listens. */
function stream(call: Call, look: () => Promise<Look>): Response {
  const { closing, isInForce } = call
  let { number, place } = seenIn(call)
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
        // What nobody reads would be kept here: whoever reads on is told what is then.
        if ((controller.desiredSize ?? 0) <= 0) return again()
        const { told, isNews = true, isOver: ended, place: reached } = await look()
        if (isOver) return
        if (isNews || silentFor >= SILENCE_MAX_MS) {
          silentFor = 0
          for (const [i, { event, data }] of told.entries()) {
            // A stream that breaks off before the last of them begins again where it stood.
            if (i === told.length - 1) place = reached
            const id = `${++number}${place === undefined ? '' : `.${place}`}`
            write(`id: ${id}\nevent: ${event}\ndata: ${jsonText(data)}\n\n`)
          }
          if (told.length === 0) write(': still here\n\n')
        }
        if (ended) return close()
        silentFor += LOOK_EVERY_MS
        again()
      }
      const again = () => void (timer = setTimeout(turn, LOOK_EVERY_MS))
      const turn = () => void next().catch(close)
      turn()
    },
    cancel: end,
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
