// Owns the demo after its story: the server stays up, the world goes on, every now and then a sync keeps up with it, and
// schedules are kept, those that somebody sets meanwhile too; one line each, until Ctrl-C.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../connection.ts'
import type { RunProgress } from '../../engine/runs/progress.ts'
import type { ScheduledRun } from '../../engine/schedules/scheduler.ts'
import { errorReport, TidemarkError } from '../../model/errors.ts'
import { addCounts, NO_COUNTS, type RunReport } from '../../model/run.ts'
import { type AppOptions, createApp } from '../../server/app.ts'
import { type Listening, listen } from '../../server/listen.ts'
import { complaint } from '../terminal/complaint.ts'
import { wrapped } from '../terminal/printable.ts'
import { describeCounts, statusText } from '../terminal/runs.ts'
import type { Stage } from './story.ts'

export const PORT = 4600
/** Ports after the usual one that are tried when it is taken. */
const MORE_PORTS = 20
const PAUSE_MS = 15_000

/** The server on the port that was asked for, or from the usual one on the first that is free. */
export async function demoServer(asked: number | undefined, served: Pick<AppOptions, 'api'>): Promise<Listening> {
  const app = createApp(served)
  if (asked !== undefined) return listen(app, { port: asked })
  for (let port = PORT; ; port++) {
    try {
      return await listen(app, { port })
    } catch (error) {
      const isBusy = error instanceof TidemarkError && error.code === 'port_busy'
      if (!isBusy || port >= PORT + MORE_PORTS) throw error
    }
  }
}

export async function stay(stage: Stage): Promise<void> {
  const { cli, tidemark, world, connections } = stage
  const stop = cli.interruption.graceful()
  cli.staysUp = true
  const tell = (told: readonly string[]) => {
    const time = new Date(cli.now()).toTimeString().slice(0, 8)
    if (cli.options.json || cli.options.quiet) return
    const { out } = cli
    const text = wrapped(told.length > 0 ? told.join(' · ') : 'nothing new', out.width - time.length - 2)
    for (const [place, line] of text.split('\n').entries()) {
      out.line(`${place === 0 ? out.paint('dim', time) : ' '.repeat(time.length)}  ${line}`)
    }
  }
  const onRun = ({ report }: ScheduledRun) => tell([`${report.connection} ${summary(report)}, by its schedule`])
  const scheduled = tidemark.start({ signal: stop, onRun }).catch((error: unknown) => {
    cli.err.line(complaint(errorReport(error), cli.err.paint))
  })
  const long = stage.long.map((connection) => new LongSync(connection, stop))
  while (!stop.aborted) {
    world.live()
    for (const sync of long) sync.begin()
    await sleep(PAUSE_MS, undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) break
    const told = long.map(({ id, said }) => `${id} ${said}`)
    const files = await world.files()
    for (const connection of connections) {
      // Somebody may sync it from another terminal, to try it out.
      const file = files.find(({ id }) => id === connection.id)
      const run = file ? connection.upload(file.stream, file.path, { signal: stop }) : connection.sync({ signal: stop })
      const said = await run.then(summary, (error: unknown) => errorReport(error).code)
      if (stop.aborted) break
      if (said !== NOTHING_NEW) told.push(`${connection.id} ${said}`)
    }
    if (stop.aborted) break
    tell(told)
  }
  await Promise.all([scheduled, ...long.map((sync) => sync.ended)])
}

/** A sync that goes on for longer than a pause. */
class LongSync {
  readonly id: string
  said = 'begins'
  ended: Promise<void> = Promise.resolve()
  readonly #connection: Connection
  readonly #signal: AbortSignal
  #isRunning = false

  constructor(connection: Connection, signal: AbortSignal) {
    this.id = connection.id
    this.#connection = connection
    this.#signal = signal
  }

  /** Begins one unless it goes on still. */
  begin(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.ended = this.#run()
  }

  async #run(): Promise<void> {
    const onProgress = ({ streams }: RunProgress) => {
      const now = streams.findLast(({ processed }) => processed > 0)
      if (now) this.said = `${now.stream} ${processedText(now)}`
    }
    const run = this.#connection.sync({ signal: this.#signal, onProgress })
    this.said = await run.then(summary, (error: unknown) => errorReport(error).code)
    this.#isRunning = false
  }
}

/** `12,040 of 45,012`. */
function processedText({ processed, total }: { readonly processed: number; readonly total: number | null }): string {
  const all = total === null ? '' : ` of ${total.toLocaleString('en')}`
  return `${processed.toLocaleString('en')}${all}`
}

const NOTHING_NEW = describeCounts(NO_COUNTS)

function summary(run: Omit<RunReport, 'id'>): string {
  const { status, streams } = run
  if (status !== 'succeeded') return statusText(run)
  const counts = streams.reduce((sum, stream) => addCounts(sum, stream.counts), NO_COUNTS)
  return describeCounts({ ...counts, unchanged: 0 })
}
