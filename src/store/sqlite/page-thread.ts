// Owns the thread that writes pages, as seen from the thread that asks for them: its start, its answers, and its end.

import { Worker } from 'node:worker_threads'
import { ownFile } from '../../program-files.ts'
import type { Batch } from '../store.ts'
import type { OpenStream } from '../system/streams.ts'
import type { ConnectionSettings } from './connection.ts'
import type { Answer, Order } from './page-messages.ts'
import { errorOf } from './sent-error.ts'

interface Waiting {
  readonly resolve: (result: 'written' | 'stale') => void
  readonly reject: (error: unknown) => void
}

/** Megabytes of young objects: pages live shortly, and a small space would be swept at every second one. */
const YOUNG_MB = 8

export class PageThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #orders = 0
  #state: 'starting' | 'ready' | 'closing' | 'ended' = 'starting'
  readonly #started: Promise<void>

  /** Undefined where the process may start no threads, as under `node --permission`. */
  static start(settings: ConnectionSettings): PageThread | undefined {
    try {
      return new PageThread(settings)
    } catch {
      return undefined
    }
  }

  private constructor(settings: ConnectionSettings) {
    this.#worker = new Worker(ownFile('store/sqlite/page-thread-main'), {
      workerData: settings,
      execArgv: ['--no-warnings'],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    const started = Promise.withResolvers<void>()
    this.#started = started.promise
    this.#worker.on('message', (answer: Answer) => {
      if (answer.of === undefined) {
        if (this.#state === 'starting') this.#state = 'ready'
        return started.resolve()
      }
      this.#answered(answer)
    })
    let failure: unknown
    this.#worker.on('error', (error) => (failure = error))
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#state = 'ended'
        const error = failure ?? new Error(`The thread that writes pages ended with code ${code}.`)
        // Whether what it was told was written, only the database can tell.
        for (const { reject } of this.#waiting.values()) reject(error)
        this.#waiting.clear()
        started.resolve()
        resolve()
      })
    })
    // Only what somebody waits for keeps the process alive.
    this.#worker.unref()
  }

  /** Resolves when it has opened the file, and also when it can't be started. */
  async started(): Promise<void> {
    if (this.#state !== 'starting') return
    this.#worker.ref()
    await this.#started
    if (this.#waiting.size === 0) this.#worker.unref()
  }

  /** False before it has opened the file, and once it is to end. */
  get isReady(): boolean {
    return this.#state === 'ready'
  }

  /** See `Store.checkpoint`. Pages are written in the order in which they are given. */
  write(batch: Batch, { no, projectNo, base, shapeText }: OpenStream): Promise<'written' | 'stale'> {
    const order: Order = { no: ++this.#orders, batch, stream: { no, projectNo, base, shapeText } }
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(order)
      this.#waiting.set(order.no, { resolve, reject })
      this.#worker.ref()
    })
  }

  /** Resolves when everything that it was given is written, and the file is closed. */
  async close(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'ended') return this.#ended
    this.#state = 'closing'
    this.#worker.ref()
    this.#worker.postMessage('close')
    await this.#ended
  }

  #answered(answer: Exclude<Answer, { of?: undefined }>): void {
    const waiting = this.#waiting.get(answer.of)
    this.#waiting.delete(answer.of)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('error' in answer) waiting?.reject(errorOf(answer.error))
    else waiting?.resolve(answer.result)
  }
}
