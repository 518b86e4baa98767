// Owns the services of the kill loop: emulators in processes of their own, which end with the loop, however it ends.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SERVE = fileURLToPath(new URL('../../src/testing/emulators/serve.ts', import.meta.url))

export interface RunningEmulator {
  /** What it says of itself: its address and the credentials. */
  readonly info: Readonly<Record<string, string>>
  /** Asks its admin endpoint. */
  admin(method: string, path: string): Promise<unknown>
  end(): void
}

export async function startEmulator(
  name: string,
  flags: Readonly<Record<string, string | number>>,
): Promise<RunningEmulator> {
  const words = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const child = spawn(process.execPath, [SERVE, name, ...words, '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const info = JSON.parse(line) as Record<string, string>
  return {
    info,
    admin: async (method, path) => (await fetch(`${info['url']}/__emulator${path}`, { method })).json(),
    end: () => void child.kill('SIGKILL'),
  }
}

/** The words of `connect` that name options of an emulated service. */
export function settingsOf({ info }: RunningEmulator, names: readonly string[]): readonly string[] {
  const options = names.map((name) => `${name}=${info[name]}`)
  options.push(`baseUrl=${info['url']}`, 'allowPrivateNetwork=true')
  return options.flatMap((option) => ['--set', option])
}

/** The generator of Park and Miller (1988), enough for moments to kill at. */
export function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
