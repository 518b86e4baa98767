// Owns simulated time, and the one choice that makes a run: which of the pending operations goes on next. Every port of
// every simulated process ends here, so that nothing happens but what was chosen, and the seed chooses.

import type { Random } from '../../src/testing/emulators/kit/random.ts'

/** Who waits for an operation: a process, or the world outside of all processes. */
export interface Owner {
  readonly name: string
  /** The operations of a paused owner wait; those of a dead one are forgotten. */
  state: 'live' | 'paused' | 'dead'
}

/** What becomes of an operation that was chosen. `before` its effect, or `after` it and before anybody hears of it. */
export type Fate = 'run' | 'crash-before' | 'crash-after' | 'pause-before' | 'pause-after'

interface Op {
  readonly owner: Owner
  readonly label: string
  due: number
  perform: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Operations of one seed, at most: more means that something goes round in circles. */
const STEPS_MAX = 60_000
const TRACE_LINES = 200
/** What a process does all the time while a run of its is under way. */
const BEATS = /^(?:sleeps|now$|leases\.renew|runs\.cancelRequested)/
/** How long is waited for work that can't be seen, at most. */
const WORK_MS_MAX = 2_000

export class Scheduler {
  /** Milliseconds since the simulation began; never steps. */
  now = 0
  /** Decides what becomes of the operation that was chosen. */
  fate: (owner: Owner, label: string) => Fate = () => 'run'
  /** Told of everything, for verbose replays. */
  onLine: ((line: string) => void) | undefined
  /** Told when an owner was killed. */
  onDeath: (owner: Owner) => void = () => {}
  steps = 0
  /** Owners who are at work where nothing can be seen of it, as a compressor is; each goes on by itself. */
  readonly #working = new Set<Owner>()
  readonly #random: Random
  readonly #lines: string[] = []
  #pending: Op[] = []
  #hash = 0x811c9dc5

  constructor(random: Random) {
    this.#random = random
  }

  /** Two runs that made the same choices have the same digest. */
  get digest(): string {
    return `${this.steps}:${(this.#hash >>> 0).toString(16)}`
  }

  get tail(): readonly string[] {
    return this.#lines
  }

  /** Writes a line into the trace. */
  note(line: string): void {
    const text = `${String(Math.round(this.now)).padStart(9)} ${line}`
    let hash = this.#hash
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    this.#hash = hash
    this.#lines.push(text)
    if (this.#lines.length > 2 * TRACE_LINES) this.#lines.splice(0, TRACE_LINES)
    this.onLine?.(text)
  }

  /** An operation that is done when it is chosen, `delay` from now at the earliest. `cancel` ends the wait for it. */
  submit<T>(
    owner: Owner,
    label: string,
    delay: number,
    perform: () => T | Promise<T>,
    cancel?: { readonly signal: AbortSignal | undefined; readonly perform: () => T },
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (owner.state === 'dead') return
      const op: Op = { owner, label, due: this.now + delay, perform, resolve: resolve as Op['resolve'], reject }
      const onAbort = () => {
        op.due = Math.min(op.due, this.now)
        op.perform = cancel!.perform
      }
      if (cancel?.signal?.aborted) onAbort()
      else cancel?.signal?.addEventListener('abort', onAbort, { once: true })
      this.#pending.push(op)
    })
  }

  /** Lets time pass in which nothing that is pending is done, as if all processes were busy elsewhere. */
  advance(ms: number): void {
    this.now += ms
  }

  /** Does one operation after the other until `done` says so. */
  async drive(done: () => boolean): Promise<void> {
    for (;;) {
      await quiet()
      for (let ms = 0; ms < WORK_MS_MAX && this.#isWorking(); ms++) await aMoment()
      if (done()) return
      if (++this.steps > STEPS_MAX) throw new Error(`stuck: more than ${STEPS_MAX} operations`)
      await this.#step()
    }
  }

  /** Nothing is chosen until the owner has gone on with something else than what it does all the time. */
  works(owner: Owner, isWorking: boolean): void {
    if (isWorking) this.#working.add(owner)
    else this.#working.delete(owner)
  }

  #isWorking(): boolean {
    const goesOn = (owner: Owner) => this.#pending.some((op) => op.owner === owner && !BEATS.test(op.label))
    return [...this.#working].some((owner) => owner.state === 'live' && !goesOn(owner))
  }

  async #step(): Promise<void> {
    const op = this.#choose()
    const fate = this.fate(op.owner, op.label)
    this.note(`${op.owner.name} ${op.label}${fate === 'run' ? '' : ` !${fate}`}`)
    if (fate === 'crash-before') return this.kill(op.owner)
    if (fate === 'pause-before') {
      op.owner.state = 'paused'
      return
    }
    this.#pending.splice(this.#pending.indexOf(op), 1)
    let finish: () => void
    try {
      const value = await op.perform()
      finish = () => op.resolve(value)
    } catch (error) {
      this.note(`${op.owner.name}   threw ${(error as { code?: string }).code ?? String(error)}`)
      finish = () => op.reject(error)
    }
    if (fate === 'crash-after') return this.kill(op.owner)
    if (fate === 'pause-after') {
      op.owner.state = 'paused'
      this.#pending.push({ ...op, label: `${op.label} (late)`, perform: () => {}, resolve: finish, reject: finish })
      return
    }
    finish()
  }

  kill(owner: Owner): void {
    owner.state = 'dead'
    this.#pending = this.#pending.filter((op) => op.owner !== owner)
    this.onDeath(owner)
  }

  /** One of those whose time has come; when there is none, time goes on to the next. */
  #choose(): Op {
    let next = Number.POSITIVE_INFINITY
    let ready: Op[] = []
    for (const op of this.#pending) {
      if (op.owner.state !== 'live') continue
      if (op.due <= this.now) ready.push(op)
      else if (op.due < next) next = op.due
    }
    if (ready.length === 0) {
      if (next === Number.POSITIVE_INFINITY) throw new Error('stuck: nothing is pending, and the sync has not ended')
      this.now = next
      ready = this.#pending.filter((op) => op.owner.state === 'live' && op.due <= next)
    }
    return (ready.length === 1 ? ready[0] : ready[this.#random.int(0, ready.length - 1)]) as Op
  }
}

function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

/** Comes back when every promise that can go on without us has done so: nothing here does real input or output. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
