// Owns what keeps somebody else's code from ending the process: a listener, a callback or a logger that throws or rejects
// harms nothing here, and a promise that we gave and nobody awaits rejects in silence.

import { errorReport } from './errors.ts'
import type { Logger } from './ports.ts'

/** Calls it. Its failure is logged; `event` says of what it was told. Never throws. */
export function tellOutside(logger: Logger, event: string, call: () => unknown): void {
  harmless(call, (error) => {
    logger.event('warn', 'listener.failed', { event, code: errorReport(error).code })
  })
}

/** The same promise. It may fail before, or without, being awaited; whoever awaits it gets its error. */
export function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** A logger whose failures nobody meets. */
export function harmlessLogger(logger: Logger): Logger {
  return {
    event: (...event) =>
      harmless(
        () => logger.event(...event),
        () => {},
      ),
  }
}

function harmless(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const answer = call()
    if (typeof (answer as PromiseLike<unknown> | undefined)?.then === 'function') {
      void Promise.resolve(answer).catch(failed)
    }
  } catch (error) {
    failed(error)
  }
}
