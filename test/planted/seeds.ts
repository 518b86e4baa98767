// Owns the process that looks for a planted fault with seeds of the simulation, up to the first that fails.

import { runBatch, seedsFrom } from '../simulation/batch.ts'

const [style = '', count = '0'] = process.argv.slice(2)
const { failed, seeds } = await runBatch(seedsFrom(1, Number(count)), { style, failures: 1 })
const [first] = failed
console.log(
  first ? `seed ${first.seed} of ${style}: ${first.failure.message.split('\n')[0]}` : `${seeds} seeds are sound`,
)
process.exitCode = first ? 1 : 0
