// Owns the shop that benchmarks read from: an emulator in a process of its own, and the options to connect to it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SERVE = fileURLToPath(new URL('../../src/testing/emulators/serve.ts', import.meta.url))

export interface Shop {
  readonly options: Readonly<Record<string, string | boolean>>
  /** The options as arguments of `tidemark connect`. */
  readonly settings: readonly string[]
  [Symbol.dispose](): void
}

/** Starts a shop with so many orders of about 700 bytes. */
export async function startShop(orders: number): Promise<Shop> {
  const args = [SERVE, 'tiktok-shop', '--orders', String(orders), '--detail', 'compact', '--until-stdin-ends']
  const child = spawn(process.execPath, ['--max-old-space-size=8192', ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const info = JSON.parse(line) as Record<string, string>
  const names = ['appKey', 'appSecret', 'accessToken', 'refreshToken', 'shopCipher']
  const texts = Object.fromEntries(names.map((name) => [name, info[name] as string]))
  const url = info['url'] as string
  const options = { ...texts, baseUrl: url, authUrl: url, allowPrivateNetwork: true }
  return {
    options,
    settings: Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${String(value)}`]),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
