// Owns the threads that do the long reads of a SQLite file (long-reads.ts), each over a read-only connection of its own: whoever
// serves goes on meanwhile. They are made when they are first needed, and keep no process alive that has nothing else to do.

import { Worker } from 'node:worker_threads'
import { TidemarkError } from '../../model/errors.ts'
import { ownFile } from '../../program-files.ts'
import type { Store } from '../store.ts'
import { type LongRead, withLongReads } from './long-reads.ts'
import { errorOf, type SentError } from './sent-error.ts'

/** Long reads at the same time; others wait for their turn, in their order. */
const THREADS = 2

/** What a thread says of the read that it was given. */
export type ReadAnswer = { readonly value: unknown } | { readonly error: SentError }

interface Waiting {
  readonly asked: LongRead
  readonly done: (value: unknown) => void
  readonly failed: (error: unknown) => void
}

/** A store over the file at `path`, whose long reads hold nobody up. Closing it ends those that are under way. */
export function readingApart(store: Store, path: string): Store {
  const threads = new ReadingThreads(path)
  return {
    ...withLongReads(store, (asked) => threads.read(asked)),
    close: async () => {
      await threads.close()
      await store.close()
    },
  }
}

class ReadingThreads {
  readonly #path: string
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Waiting>()
  readonly #waiting: Waiting[] = []
  #isClosed = false

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined where the process may start no threads, as under `node --permission`. */
  read(asked: LongRead): Promise<unknown> | undefined {
    if (!this.#isClosed && this.#idle.length + this.#busy.size === 0) {
      const first = this.#started()
      if (!first) return undefined
      this.#idle.push(first)
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ asked, done, failed })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const all = [...this.#idle, ...this.#busy.keys()]
    for (const one of this.#busy.values()) one.failed(closed())
    this.#failAll(closed())
    this.#busy.clear()
    await Promise.all(all.map((thread) => thread.terminate()))
  }

  #next(): void {
    if (this.#isClosed) return this.#failAll(closed())
    if (this.#waiting.length === 0 || (this.#idle.length === 0 && this.#busy.size === THREADS)) return
    const thread = this.#idle.pop() ?? this.#started()
    // Where one can't be started, those that are at work go on.
    if (!thread) return this.#busy.size === 0 ? this.#failAll(ended()) : undefined
    const next = this.#waiting.shift() as Waiting
    this.#busy.set(thread, next)
    thread.ref()
    thread.postMessage(next.asked)
  }

  #failAll(error: TidemarkError): void {
    for (const one of this.#waiting.splice(0)) one.failed(error)
  }

  #started(): Worker | undefined {
    let thread: Worker
    try {
      const how = { workerData: this.#path, execArgv: ['--no-warnings'] }
      thread = new Worker(ownFile('store/sqlite/reading-thread'), how)
    } catch {
      return undefined
    }
    thread.on('message', (answer: ReadAnswer) => {
      const asked = this.#busy.get(thread)
      this.#busy.delete(thread)
      this.#idle.push(thread)
      thread.unref()
      if ('value' in answer) asked?.done(answer.value)
      else asked?.failed(errorOf(answer.error))
      this.#next()
    })
    const gone = (error: unknown) => {
      const asked = this.#busy.get(thread)
      this.#busy.delete(thread)
      const place = this.#idle.indexOf(thread)
      if (place >= 0) this.#idle.splice(place, 1)
      asked?.failed(error)
      this.#next()
    }
    thread.on('error', gone)
    thread.on('exit', () => gone(ended()))
    return thread
  }
}

function ended(): TidemarkError {
  return new TidemarkError('database_busy', 'A thread that was reading the database has ended.')
}

function closed(): TidemarkError {
  return new TidemarkError('closed', 'This was called after close().')
}
