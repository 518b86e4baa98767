// Owns the demo after its story: the server stays up, the world goes on, and every now and then a sync keeps up with
// it, one line each, until Ctrl-C.

import { setTimeout as sleep } from 'node:timers/promises'
import { errorReport, TidemarkError } from '../../model/errors.ts'
import { addCounts, NO_COUNTS, type RunReport } from '../../model/run.ts'
import { createApp } from '../../server/app.ts'
import { type Listening, listen } from '../../server/listen.ts'
import type { StatusView } from '../../server/status-page.ts'
import { describeCounts, statusText } from '../terminal/runs.ts'
import type { Stage } from './story.ts'

export const PORT = 4600
/** Ports after the usual one that are tried when it is taken. */
const MORE_PORTS = 20
const PAUSE_MS = 15_000

/** The server on the port that was asked for, or from the usual one on the first that is free. */
export async function demoServer(asked: number | undefined, status: () => Promise<StatusView>): Promise<Listening> {
  const app = createApp({ status })
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
  const { cli, world, connections } = stage
  const stop = cli.interruption.graceful()
  cli.staysUp = true
  for (;;) {
    world.live()
    await sleep(PAUSE_MS, undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) return
    const told: string[] = []
    const files = await world.files()
    for (const connection of connections) {
      // Somebody may sync it from another terminal, to try it out.
      const file = files.find(({ id }) => id === connection.id)
      const run = file ? connection.upload(file.stream, file.path, { signal: stop }) : connection.sync({ signal: stop })
      const said = await run.then(summary, (error: unknown) => errorReport(error).code)
      if (stop.aborted) return
      told.push(`${cli.out.paint('bold', connection.id)} ${said}`)
    }
    const time = new Date(cli.now()).toTimeString().slice(0, 8)
    if (!cli.options.json && !cli.options.quiet) cli.out.line(`${cli.out.paint('dim', time)}  ${told.join('  ·  ')}`)
  }
}

function summary(run: Omit<RunReport, 'id'>): string {
  const { status, streams } = run
  if (status !== 'succeeded') return statusText(run)
  const counts = streams.reduce((sum, stream) => addCounts(sum, stream.counts), NO_COUNTS)
  return describeCounts({ ...counts, unchanged: 0 })
}
