// Owns when blends are made again: after a run of the project, where something that feeds them has changed since, and once
// a day.

import { BLEND } from '../../model/blend-connector.ts'
import { errorReport } from '../../model/errors.ts'
import type { ConnectionRow, Store } from '../../store/store.ts'
import { dayIn } from '../due/day.ts'
import { blendConnector, definitionOf } from '../passes/blends/definition.ts'
import { positionOf, sourcesOf } from '../passes/blends/sources.ts'
import { type RunPorts, runConnection } from '../runs/run.ts'
import type { Follower } from './follower.ts'

/** Changes that are looked at together. */
const CHANGES = 500

export function blender(ports: () => RunPorts): Follower {
  /** Where the feed ended when a blend was last tried here: one that fails waits for something new. */
  const tried = new Map<number, string>()
  return {
    name: 'blends',
    async follow({ store, project, clock, logger }) {
      const rows = (await store.connections.list(project)).filter(
        ({ connector, paused }) => connector === BLEND && paused.length === 0,
      )
      for (const row of rows) {
        const { epoch, seq } = await store.feed.bounds(project)
        const feed = `${epoch}.${seq}`
        if (tried.get(row.no) === feed || !(await isDue(store, row, clock.now()))) continue
        tried.set(row.no, feed)
        try {
          // What is under way here ends before the database is closed: this is short, and asks nobody.
          const { closing: _, ...open } = ports()
          await runConnection(open, blendConnector(row.id, row.options), row, { mode: 'auto', streams: [] })
        } catch (error) {
          const { code, verdict } = errorReport(error)
          // Made by another run just now, perhaps of what was there before: the next look is due whatever comes.
          if (verdict === 'wait') tried.delete(row.no)
          logger.event('warn', 'blend.failed', { project, connection: row.id, code })
        }
      }
    },
  }
}

/** Whether anything that feeds it has changed since, or a new day has begun. */
async function isDue(store: Store, { no, project, options }: ConnectionRow, now: number): Promise<boolean> {
  const name = positionOf(no)
  const at = (await store.feed.consumers(project)).find((consumer) => consumer.name === name)
  const feed = await store.feed.bounds(project)
  if (!at || at.epoch !== feed.epoch || at.seq < feed.prunedTo) return true
  const zone = (await store.projects.list()).find(({ id }) => id === project)?.timezone ?? 'UTC'
  const dayOf = dayIn(zone)
  if (dayOf(at.at) !== dayOf(now)) return true
  const sources = new Set((await sourcesOf(store, project, definitionOf(options))).map((source) => source.name))
  for (let after = at.seq; after < feed.seq; ) {
    const changes = await store.feed.changes({ project, after, limit: CHANGES })
    if (changes.some(({ connection, stream }) => sources.has(`${connection}/${stream}`))) return true
    const last = changes.at(-1)
    if (!last) return false
    after = last.seq
  }
  return false
}
