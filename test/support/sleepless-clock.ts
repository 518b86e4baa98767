// Owns a clock for tests of limits: what would be waited for is skipped and counted.

/** A clock on which sleeping takes no time: what would be waited for is only counted. */
export function sleeplessClock() {
  let skipped = 0
  let long = 0
  return {
    now: () => Date.now() + skipped,
    mono: () => performance.now() + skipped,
    async sleep(ms: number, signal?: AbortSignal) {
      // The heartbeat sleeps until it is stopped; it must not spin.
      if (ms <= 2_000)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
        })
      else {
        skipped += ms
        long += ms
      }
    },
    waited: () => long,
  }
}
