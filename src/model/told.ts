// Owns telling somebody else's code of what happens: a listener, a callback, a logger. Whatever it throws, or rejects with
// if it answers with a promise, harms nothing here.

import { errorReport } from './errors.ts'
import type { Logger } from './ports.ts'

/** Calls it. Its failure is logged; `event` says of what it was told. Never throws. */
export function tellOutside(logger: Logger, event: string, call: () => unknown): void {
  harmless(call, (error) => {
    logger.event('warn', 'listener.failed', { event, code: errorReport(error).code })
  })
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
