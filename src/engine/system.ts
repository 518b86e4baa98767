// Owns the real clock and the real chance. A simulation brings its own; nothing else in the engine asks the system.

import { randomFillSync } from 'node:crypto'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Chance, type Clock, tick } from '../model/ports.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  async sleep(ms, signal) {
    // An aborted sleep just ends; whoever slept looks at the signal.
    await sleep(ms, undefined, signal ? { signal, ref: true } : {}).catch(() => {})
  },
}

/** Ends when everything that is ready has had its turn: what was written to a socket is sent, what has come is read. */
export const systemTurn = (): Promise<void> => setImmediate()

/**
 * A program's clock, in whole milliseconds, and with a turn after every sleep: one whose `sleep` resolves at once would let
 * a heartbeat starve its run.
 */
export function withTurns(clock: Clock): Clock {
  return {
    now: () => Math.floor(clock.now()),
    mono: () => clock.mono(),
    async sleep(ms, signal) {
      await clock.sleep(ms, signal)
      await systemTurn()
    },
    async tick(ms, signal) {
      await tick(clock, ms, signal)
      await systemTurn()
    },
  }
}

export const systemChance: Chance = {
  next: () => Math.random(),
  id: (now) => ulid(now, randomFillSync(new Uint8Array(16))),
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, 26 characters that sort by time. `random` has
 * 16 bytes, of which five bits each are used.
 */
export function ulid(now: number, random: Uint8Array): string {
  let time = ''
  for (let i = 0, rest = now; i < 10; i++, rest = Math.floor(rest / 32)) time = CROCKFORD[rest % 32] + time
  let chance = ''
  for (let i = 0; i < 16; i++) chance += CROCKFORD[(random[i] as number) & 31]
  return time + chance
}
