// Owns the benchmarks' command line: runs those asked for, one after the other, prints a table and writes a JSON file.
// Figures are ratios within one run on one machine, so that they mean the same elsewhere.
//
//   npm run bench                                  all of them, about five minutes
//   npm run bench -- ingest queries                some
//   npm run bench -- memory --records 1000000      with another size

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { bill } from './bench/bill.ts'
import { catalogue } from './bench/catalogue.ts'
import { dashboard } from './bench/dashboard.ts'
import type { Figure } from './bench/figure.ts'
import { help } from './bench/help.ts'
import { ingest } from './bench/ingest.ts'
import { memory } from './bench/memory.ts'
import { postgres } from './bench/postgres.ts'
import { queries } from './bench/queries.ts'
import { search } from './bench/search.ts'
import { server } from './bench/server.ts'
import { uploads } from './bench/uploads.ts'

const BENCHMARKS: Readonly<Record<string, (records: number | undefined) => Promise<readonly Figure[]>>> = {
  help,
  ingest,
  queries,
  memory,
  bill,
  uploads,
  catalogue,
  search,
  dashboard,
  server,
  postgres,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { records: { type: 'string' }, out: { type: 'string', default: 'bench-results/latest.json' } },
})
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS)
const records = values.records === undefined ? undefined : Number(values.records)
const figures: (Figure & { bench: string })[] = []
for (const name of names) {
  const bench = BENCHMARKS[name]
  if (!bench) throw new RangeError(`there is no benchmark "${name}"; there are: ${Object.keys(BENCHMARKS).join(', ')}`)
  for (const figure of await bench(records)) {
    figures.push({ bench: name, ...figure })
    const shown =
      figure.unit === '' ? figure.value.toFixed(2) : `${Math.round(figure.value).toLocaleString('en')} ${figure.unit}`
    const aim = figure.aim === undefined ? '' : `${figure.aim} ${figure.met ? '✓' : '✗'}`
    console.log(`${name.padEnd(8)} ${figure.name.padEnd(58)} ${shown.padStart(16)}   ${aim}`)
  }
}
mkdirSync(dirname(values.out), { recursive: true })
writeFileSync(values.out, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`)
