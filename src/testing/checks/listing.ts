// Owns the checks of a listing by itself, read page by page: its end, its keys, its tokens, its order, its whole.

import type { Order } from '../../connector/page.ts'
import { linkHeader } from '../../connector/page.ts'
import type { ListingPass } from '../../connector/passes.ts'
import type { Json } from '../../model/json.ts'
import type { Bench, Check } from './check.ts'
import { broken, notStaged, some } from './found.ts'
import { isWindow, type ReadingPass } from './reading-pass.ts'
import { digestOf, keysOf, pageReader, type Walked } from './walk.ts'

/** Page tokens that are tried again after they went through JSON, at most; each costs a request. */
const TOKENS_TRIED_MAX = 10

async function pagesEnd(bench: Bench): Promise<string> {
  const found: string[] = []
  for (const pass of bench.passes) {
    const { problem, pages } = await bench.walk(pass)
    if (problem !== undefined) broken(`${pass.kind}: ${problem}`)
    found.push(`${pass.kind} ends after ${pages.length} pages`)
  }
  return found.join(', ')
}

async function keysAreUnique(bench: Bench): Promise<string> {
  let count = 0
  for (const pass of bench.passes) {
    const walked = await bench.walk(pass)
    const seen = new Map<string, number>()
    for (const [i, { parsed, unread }] of walked.pages.entries()) {
      const without = unread.find((why) => /: The (?:record has no key|key (?:is|has)) ?/.test(why))
      if (without !== undefined) broken(`${pass.kind}, page ${i + 1}: ${without}`)
      for (const { incoming } of parsed) {
        const before = seen.get(incoming.key)
        if (before !== undefined) {
          broken(`${pass.kind}, page ${i + 1}: the key "${incoming.key}" comes again; it was on page ${before} before`)
        }
        seen.set(incoming.key, i + 1)
      }
    }
    count = Math.max(count, seen.size)
  }
  return `${count} different keys`
}

async function tokensSurviveJson(bench: Bench): Promise<string> {
  let tried = 0
  for (const pass of bench.passes) {
    const walked = await bench.walk(pass)
    const behind = walked.pages
      .map((page, i) => ({ page, number: i + 1 }))
      .filter(({ page }) => page.token !== undefined)
    const every = Math.max(1, Math.ceil(behind.length / TOKENS_TRIED_MAX))
    const reader = await pageReader(bench, pass)
    for (const { page, number } of behind.filter((_, i) => i % every === 0)) {
      const copy = throughJson(page.token as Json, `${pass.kind}, page ${number}`)
      const again = await reader.read(copy, walked.bounds).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error)
        return broken(`${pass.kind}: the token of page ${number} no longer works after JSON: ${why}`)
      })
      if (digestOf(again) !== digestOf(page)) {
        broken(`${pass.kind}: the token of page ${number} leads to another page after JSON (${JSON.stringify(copy)})`)
      }
      tried++
    }
  }
  return tried > 0 ? `${tried} tokens lead to the same page` : notStaged('the source has one page only')
}

function throughJson(token: Json, where: string): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(token)
  } catch (error) {
    return broken(`${where}: its token can't be written as JSON: ${(error as Error).message}`)
  }
  return text === undefined ? broken(`${where}: its token is nothing in JSON`) : (JSON.parse(text) as Json)
}

async function orderIsAsDeclared(bench: Bench): Promise<string> {
  const found: string[] = []
  for (const pass of bench.stream.passes as readonly ReadingPass[]) {
    if (pass.kind === 'newestFirst' && pass.order) found.push(checkDescending(await bench.walk(pass), pass))
    if (pass.kind === 'byCursor') found.push(await checkAscending(bench, pass))
  }
  return found.length > 0 ? found.join(', ') : notStaged('no pass of the stream declares an order')
}

function checkDescending(walked: Walked, pass: ListingPass): string {
  let last: { order: Order; key: string } | undefined
  for (const [i, { parsed }] of walked.pages.entries()) {
    for (const { record, incoming } of parsed) {
      if (pass.pinned?.(record)) continue
      const order = pass.order?.(record)
      const { key } = incoming
      if (!usable(order)) broken(`newestFirst, page ${i + 1}: the order of "${key}" is ${String(order) || 'empty'}`)
      if (last && typeof last.order !== typeof order)
        broken(`newestFirst, page ${i + 1}: the order of "${key}" is of another type`)
      if (last && order > last.order) {
        broken(
          `newestFirst, page ${i + 1}: "${key}" (${order}) stands below "${last.key}" (${last.order}), which is older: ` +
            'not descending, as newestFirst declares',
        )
      }
      last = { order, key }
    }
  }
  return 'newestFirst descends'
}

function usable(order: Order | undefined): order is Order {
  return typeof order === 'number' ? Number.isFinite(order) : typeof order === 'string' && order !== ''
}

async function checkAscending(bench: Bench, pass: Extract<ReadingPass, { kind: 'byCursor' }>): Promise<string> {
  const walked = await bench.walk(pass)
  const all = positions(walked, pass)
  const { sorted = true } = pass
  let last: { order: number; key: string } | undefined
  for (const { order, key, page } of all) {
    if (!Number.isFinite(order)) broken(`byCursor, page ${page}: the order of "${key}" is ${order}`)
    if (sorted && last && order < last.order) {
      broken(`byCursor, page ${page}: "${key}" (${order}) stands behind "${last.key}" (${last.order}): not ascending`)
    }
    last = { order, key }
  }
  const values = [...new Set(all.map(({ order }) => order))].sort((a, b) => a - b)
  const ascends = sorted ? 'byCursor ascends' : 'byCursor declares no order'
  if (values.length < 3 || bench.knowledge.isRecording) return ascends
  const since = values[Math.floor(values.length / 3)]!
  const until = values[Math.max(Math.floor((values.length * 2) / 3), Math.floor(values.length / 3) + 1)]!
  const reader = await pageReader(bench, pass)
  const part = await reader.walk({ since, until })
  if (part.problem !== undefined) broken(`byCursor, window [${since}, ${until}): ${part.problem}`)
  const wanted = new Set(all.filter(({ order }) => order >= since && order < until).map(({ key }) => key))
  const got = positions(part, pass)
  // Without an order, what lies behind the upper bound may be shown.
  const outside = got.find(({ key, order }) => !wanted.has(key) && (sorted || order < since))
  if (outside) broken(`byCursor: "${outside.key}" (${outside.order}) is in the window [${since}, ${until})`)
  const missing = [...wanted].filter((key) => !got.some((one) => one.key === key))
  if (missing.length > 0)
    broken(`byCursor: the window [${since}, ${until}) lacks ${some(missing)}; its lower bound is inclusive`)
  return `${ascends}, and the window [${since}, ${until}) holds its ${wanted.size} records`
}

function positions(walked: Walked, pass: Extract<ReadingPass, { kind: 'byCursor' }>) {
  return walked.pages.flatMap(({ parsed }, i) =>
    parsed.map(({ record, incoming }) => ({ order: pass.order(record), key: incoming.key, page: i + 1 })),
  )
}

async function everythingIsRead(bench: Bench): Promise<string> {
  const truth = await bench.knowledge.truth?.()
  let known = truth !== undefined
  let count = 0
  for (const pass of bench.passes) {
    const walked = await bench.walk(pass)
    const keys = new Set(keysOf(walked))
    count = Math.max(count, keys.size)
    const last = walked.pages.at(-1)
    const next = last?.answers.map((answer) => linkHeader(answer, 'next')).find((link) => link !== undefined)
    const cap = !isWindow(pass) && typeof pass.listing === 'object' ? pass.listing.cap : Number.POSITIVE_INFINITY
    if (next !== undefined && keys.size < cap) {
      broken(`${pass.kind}: the connector ends at page ${walked.pages.length}, whose Link header names a next page`)
    }
    // What could not be read was listed all the same.
    const unread = walked.pages.reduce((sum, page) => sum + page.unread.length, 0)
    const told = walked.pages.flatMap(({ page }) => page.total ?? []).at(-1) ?? (await tellsTotal(bench, pass))
    // A total that is too small is as wrong as one that is too large: it was guessed, or counts something else.
    if (told !== undefined && keys.size > told) {
      broken(`${pass.kind}: ${walked.pages.length} pages hold ${keys.size} records, and the source has ${told}`)
    }
    if (typeof truth === 'object') {
      const missing = [...truth].map(String).filter((key) => !keys.has(key))
      if (missing.length > unread && keys.size < cap) {
        broken(
          `${pass.kind}: after ${walked.pages.length} pages ${missing.length} records are missing: ${some(missing)}`,
        )
      }
      continue
    }
    const total = truth ?? told
    if (total === undefined) continue
    known = true
    if (keys.size + unread < Math.min(total, cap)) {
      broken(`${pass.kind}: ${walked.pages.length} pages hold ${keys.size} records, and the source has ${total}`)
    }
  }
  return known ? `${count} records` : notStaged('the source tells no total; give `truth` to testConnector')
}

async function tellsTotal(bench: Bench, pass: ReadingPass): Promise<number | undefined> {
  if (isWindow(pass) || !pass.total) return undefined
  const mirror = await bench.stage.readerMirror()
  return pass.total({ ...mirror.reader(), page: undefined, where: {} })
}

async function pageSizeChangesNothing(bench: Bench): Promise<string> {
  if (bench.knowledge.isRecording) return notStaged('a recording has pages of one size only')
  const sizes: number[] = []
  for (const pass of bench.passes) {
    const walked = await bench.walk(pass)
    const keys = keysOf(walked)
    const to = Math.max(1, Math.min(Math.floor(pass.pageSize / 2), Math.ceil(keys.length / 3)))
    if (to >= pass.pageSize) continue
    const resize = { from: pass.pageSize, to, done: false }
    const reader = await pageReader(bench, pass, resize)
    const small = await reader.walk()
    if (!resize.done) continue
    if (small.problem !== undefined) broken(`${pass.kind} with ${to} records a page: ${small.problem}`)
    const other = keysOf(small)
    const missing = keys.filter((key) => !other.includes(key))
    const strange = other.filter((key) => !keys.includes(key))
    if (missing.length + strange.length > 0) {
      broken(
        `${pass.kind} with ${to} records a page instead of ${pass.pageSize} ends after ${small.pages.length} pages and ` +
          `has ${missing.length > 0 ? `not ${some(missing)}` : `${some(strange)} besides`}`,
      )
    }
    sizes.push(to)
  }
  if (sizes.length > 0) return `the same records with ${sizes.join(' and ')} a page`
  return notStaged('no parameter of the requests carries the page size of the pass')
}

export const LISTING_CHECKS: readonly Check[] = [
  { name: 'pages-end', level: 1, run: pagesEnd },
  { name: 'keys-are-unique', level: 2, run: keysAreUnique },
  { name: 'tokens-survive-json', level: 3, run: tokensSurviveJson },
  { name: 'order-is-as-declared', level: 3, run: orderIsAsDeclared },
  { name: 'everything-is-read', level: 3, run: everythingIsRead },
  { name: 'page-size-changes-nothing', level: 6, run: pageSizeChangesNothing },
]
