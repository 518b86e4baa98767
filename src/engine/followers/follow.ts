// Owns when followers work and where each stands: after a run, one project after the other, each under its own lease.

import { errorReport } from '../../model/errors.ts'
import type { Logger } from '../../model/ports.ts'
import type { Feed } from '../../store/store.ts'
import { OWN_READER } from '../history/feed.ts'
import { giveBack, type LeasePorts, startHeartbeat, takeLease } from '../runs/lease.ts'
import type { Follower, Part, Work } from './follower.ts'

export interface FollowPorts extends LeasePorts {
  readonly logger: Logger
}

/** Changes that a follower gets at once. */
export const PART_CHANGES_MAX = 500

const readerOf = (follower: string) => `${OWN_READER}${follower}`

export class Followers {
  readonly #ports: FollowPorts
  readonly #followers: readonly Follower[]
  /** Projects with a run that has ended since, and when. */
  readonly #wanted = new Map<string, number>()
  #working: Promise<void> | undefined
  /** Until it is known which projects there are. */
  #catchingUp: Promise<void> | undefined

  constructor(ports: FollowPorts, followers: readonly Follower[]) {
    this.#ports = ports
    this.#followers = followers
  }

  /** A run of the project has ended at `now`. Returns at once. */
  after(project: string, now: number): void {
    if (this.#followers.length === 0) return
    this.#wanted.set(project, now)
    this.#working ??= this.#work()
  }

  /** What is left of runs whose process died, in every project. Returns at once, and never throws. */
  catchUp(): void {
    this.#catchingUp = this.#catchUp().catch((error: unknown) => {
      this.#ports.logger.event('warn', 'follower.failed', { follower: 'all', code: errorReport(error).code })
    })
  }

  async #catchUp(): Promise<void> {
    const { store, clock } = this.#ports
    for (const { id } of await store.projects.list()) this.after(id, clock.now())
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    await this.#catchingUp
    while (this.#working) await this.#working
  }

  async #work(): Promise<void> {
    for (;;) {
      const [wanted] = this.#wanted
      if (!wanted) {
        // Not later: what is wanted after this line begins anew.
        this.#working = undefined
        return
      }
      const [project, now] = wanted
      this.#wanted.delete(project)
      for (const follower of this.#followers) await follow(this.#ports, follower, project, now)
    }
  }
}

/** Never throws. Whoever has the lease already reads the feed to its end; what comes behind that, the next run brings. */
async function follow(ports: FollowPorts, follower: Follower, project: string, now: number): Promise<void> {
  const { store, clock, logger, closing } = ports
  const { name } = follower
  try {
    const taken = await takeLease(ports, `${readerOf(name)}:${project}`)
    if ('heldBy' in taken) return
    const lost = new AbortController()
    const heartbeat = startHeartbeat(ports, taken.lease, { lost: () => lost.abort(), beat: async () => undefined })
    const signal = closing ? AbortSignal.any([lost.signal, closing]) : lost.signal
    const place = { store, clock, project, signal }
    try {
      await follower.follow({ ...place, logger, now, parts: () => partsOf(place, name) })
    } finally {
      heartbeat.stop()
      await giveBack(ports, taken.lease)
    }
  } catch (error) {
    logger.event('warn', 'follower.failed', { follower: name, project, code: errorReport(error).code })
  }
}

async function* partsOf(
  work: Pick<Work, 'store' | 'clock' | 'project' | 'signal'>,
  name: string,
): AsyncGenerator<Part> {
  const { store, clock, project, signal } = work
  const reader = readerOf(name)
  let at: Pick<Feed, 'epoch' | 'seq'> | undefined = (await store.feed.consumers(project)).find(
    (consumer) => consumer.name === reader,
  )
  const done = async (position: Pick<Feed, 'epoch' | 'seq'>) => {
    at = { epoch: position.epoch, seq: position.seq }
    await store.feed.saveConsumer(project, { name: reader, ...at, at: clock.now() })
  }
  do {
    const changes = at ? await store.feed.changes({ project, after: at.seq, limit: PART_CHANGES_MAX }) : []
    // Asked afterwards: what was restored or pruned while the follower worked leaves no hole that nobody notices.
    const feed = await store.feed.bounds(project)
    if (at?.epoch !== feed.epoch || at.seq < feed.prunedTo || at.seq > feed.seq) {
      // Its end is asked for first: what changes while the follower looks at all that is stored comes once more.
      yield { anew: true }
      await done(feed)
      continue
    }
    const last = changes.at(-1)
    if (!last) return
    yield { anew: false, changes }
    await done({ epoch: feed.epoch, seq: last.seq })
  } while (!signal.aborted)
}
