// Owns the emulators' command line: one emulator in a process of its own, steered by its admin endpoint.
//
//   node serve.ts github --seed 1 --stars 616 --port 0
//   node serve.ts tiktok-shop --orders 100000 --detail compact
//
// Prints one line of JSON with the address and the credentials, and serves until it is ended by a signal, or, with
// `--until-stdin-ends`, until whoever started it is gone, however that came about.

import { parseArgs } from 'node:util'
import { emulatorNames, findEmulator } from './find.ts'
import type { Flags } from './kit/part.ts'

const COMMON = { seed: 1, port: 0, at: '', 'until-stdin-ends': false }

const [name = '', ...words] = process.argv.slice(2)
if (!emulatorNames().includes(name)) refuse(`Which emulator? One of: ${emulatorNames().join(', ')}`)
const part = await findEmulator(name)
const values = read({ ...COMMON, ...part.flags }, words)
const { seed, port, at, 'until-stdin-ends': untilStdinEnds } = values as typeof COMMON

const { emulator, credentials } = await part.start({ seed, port, ...(at !== '' && { clock: { at } }) }, values)
process.stdout.write(`${JSON.stringify({ name, url: emulator.url, pid: process.pid, ...credentials })}\n`)

const end = (): void => void emulator.close().then(() => process.exit(0))
process.once('SIGTERM', end)
process.once('SIGINT', end)
if (untilStdinEnds) process.stdin.resume().once('end', end).once('error', end)

/** The flags as they were given, or as they are without. */
function read(flags: Flags, args: readonly string[]): Flags {
  const options = Object.entries(flags).map(([flag, fallback]) => {
    const type: 'boolean' | 'string' = typeof fallback === 'boolean' ? 'boolean' : 'string'
    return [flag, { type }] as const
  })
  try {
    const given = parseArgs({ args: [...args], options: Object.fromEntries(options) }).values
    return Object.fromEntries(
      Object.entries(flags).map(([flag, fallback]) => [flag, valueOf(flag, given[flag], fallback)]),
    )
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function valueOf(flag: string, given: string | boolean | undefined, fallback: Flags[string]): Flags[string] {
  if (given === undefined) return fallback
  if (typeof fallback !== 'number') return given
  const value = Number(given)
  if (given !== '' && Number.isInteger(value) && value >= 0) return value
  return refuse(`--${flag} is a whole number, not "${given}"`)
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
