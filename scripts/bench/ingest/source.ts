// Owns the source of the ingest benchmark: a server in a process of its own that answers pages from text made beforehand,
// so that what is measured is the reader. It prints its address, changes records on demand, and ends with its parent.
//
//   GET /records?since=&until=&page=&limit=   in order of change, ascending; `page` counts within the window
//   POST /change?records=500                  changes so many records

import { createServer } from 'node:http'

/** Records are about this long as JSON, in bytes. */
const RECORD_BYTES = 690

const records = Number(process.argv[2])
let clock = Math.floor(Date.parse('2026-01-01T00:00:00Z') / 1_000)
const texts: string[] = []
const times: number[] = []
for (let id = 1; id <= records; id++) {
  times.push(++clock)
  texts.push(recordText(id, clock, 0))
}

function recordText(id: number, updated: number, revision: number): string {
  const record = {
    id: `rec_${String(id).padStart(9, '0')}`,
    updated_at: updated,
    created_at: updated - (id % 5_000),
    title: `A record that somebody wrote, number ${id}`,
    status: ['open', 'paid', 'shipped', 'closed'][(id + revision) % 4],
    amount: `${(id * 37) % 10_000}.${String(id % 100).padStart(2, '0')}`,
    currency: 'EUR',
    quantity: (id % 9) + revision,
    weight: ((id * 7) % 1_000) / 8,
    paid: id % 3 === 0,
    country: ['DE', 'FR', 'IT', 'ES', 'NL'][id % 5],
    customer: `customer-${(id * 131) % 20_011}`,
    likes: (id * 17) % 1_001,
    note: id % 4 === 0 ? null : `Note ${id}: please ring twice`,
    lines: [
      { sku: `SKU-${id % 997}`, count: (id % 3) + 1 },
      { sku: `SKU-${id % 991}`, count: 1 },
    ],
  }
  const lack = RECORD_BYTES - JSON.stringify({ ...record, body: '' }).length
  return JSON.stringify({ ...record, body: 'lorem ipsum dolor '.repeat(40).slice(0, Math.max(0, lack)) })
}

/** The place of the first record whose time is not before `time`. */
function placeOf(time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Changes the oldest records, which then stand at the end. */
function change(count: number): void {
  const changed = texts.splice(0, count).map((text) => JSON.parse(text) as { id: string })
  times.splice(0, count)
  for (const { id } of changed) {
    times.push(++clock)
    texts.push(recordText(Number(id.slice(4)), clock, clock))
  }
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url as string, 'http://localhost')
  if (pathname === '/change') {
    change(Number(searchParams.get('records')))
    response.end('{}')
    return
  }
  const number = (name: string, absent: number) => Number(searchParams.get(name) ?? absent)
  const limit = number('limit', 100)
  const end = placeOf(number('until', Number.MAX_SAFE_INTEGER))
  const from = placeOf(number('since', 0)) + number('page', 0) * limit
  const next = from + limit < end ? `,"next":${number('page', 0) + 1}` : ''
  response.setHeader('content-type', 'application/json')
  response.end(`{"items":[${texts.slice(from, Math.min(from + limit, end)).join(',')}]${next}}`)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
})
process.stdin.resume().on('end', () => process.exit())
