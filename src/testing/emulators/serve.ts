// Owns the emulators' command line: one emulator in a process of its own, steered by its admin endpoint.
//
//   node serve.ts github --seed 1 --stars 616 --port 0
//   node serve.ts tiktok-shop --orders 100000 --detail compact
//
// Prints one line of JSON with the address and the credentials, and serves until it is ended by a signal, or, with
// `--until-stdin-ends`, until whoever started it is gone, however that came about.

import { parseArgs } from 'node:util'
import { githubEmulator } from './github/emulator.ts'
import type { Emulator } from './kit/emulator.ts'
import { type TikTokShopOptions, tiktokShopEmulator } from './tiktok-shop/emulator.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    at: { type: 'string' },
    stars: { type: 'string', default: '616' },
    user: { type: 'string', default: 'ada' },
    orders: { type: 'string', default: '200' },
    days: { type: 'string', default: '60' },
    shops: { type: 'string', default: '1' },
    detail: { type: 'string', default: 'full' },
    'orders-per-hour': { type: 'string' },
    'no-limits': { type: 'boolean', default: false },
    'until-stdin-ends': { type: 'boolean', default: false },
  },
})

const common = {
  seed: number('seed', values.seed),
  port: number('port', values.port),
  ...(values.at !== undefined && { clock: { at: values.at } }),
}

const [emulator, credentials] = await start(positionals[0])
process.stdout.write(
  `${JSON.stringify({ name: emulator.name, url: emulator.url, pid: process.pid, ...credentials })}\n`,
)

const end = (): void => void emulator.close().then(() => process.exit(0))
process.once('SIGTERM', end)
process.once('SIGINT', end)
if (values['until-stdin-ends']) process.stdin.resume().once('end', end).once('error', end)

async function start(name: string | undefined): Promise<readonly [Emulator<unknown>, Record<string, unknown>]> {
  switch (name) {
    case 'github': {
      const token = `token-of-${values.user}`
      const users = { [values.user]: { stars: number('stars', values.stars), token } }
      const github = await githubEmulator({ ...common, users, ...(values['no-limits'] && { limits: false as const }) })
      return [github, { user: values.user, token }]
    }
    case 'tiktok-shop': {
      const perHour = values['orders-per-hour']
      const tiktok = await tiktokShopEmulator({
        ...common,
        orders: number('orders', values.orders),
        days: number('days', values.days),
        shops: number('shops', values.shops),
        detail: values.detail as NonNullable<TikTokShopOptions['detail']>,
        ...(perHour !== undefined && { ordersPerHour: number('orders-per-hour', perHour) }),
      })
      const { appKey, appSecret, shopCipher, shopId } = tiktok
      return [tiktok, { appKey, appSecret, shopCipher, shopId, ...tiktok.world.credentials() }]
    }
    default:
      process.stderr.write('Which emulator? One of: github, tiktok-shop\n')
      return process.exit(2)
  }
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0) return value
  process.stderr.write(`--${name} is a whole number, not "${text}"\n`)
  return process.exit(2)
}
