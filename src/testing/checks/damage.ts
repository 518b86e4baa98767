// Owns the checks of answers that are none: half a body, a web page, nothing at all, a document without its list, the
// same page for ever. A connector must never make a page of them, and a run must never call itself complete.

import type { Page } from '../../connector/page.ts'
import type { Answer } from '../emulators/kit/answer.ts'
import type { Passing, Plan, Trouble } from '../fault-proxy.ts'
import { placeOfRows, renameAt, replaceAt } from '../json-lists.ts'
import type { CheckName } from '../report.ts'
import { type Bench, type Check, describeRun, mustComplete, mustEqual } from './check.ts'
import { broken, notStaged, some } from './found.ts'
import { digestOf, pageReader, type Walked, type WalkedPage } from './walk.ts'

/** Different requests of one page that are damaged each by itself, at most. */
const REQUESTS_MAX = 3

export interface Damage {
  readonly words: string
  /** The trouble for one request of a page; undefined: it can't be made for this one. */
  readonly trouble: (page: Damaged, request: Pick<Passing, 'url'>) => Trouble | undefined
}

/** What is looked at of what is damaged. */
type Damaged = Pick<WalkedPage, 'answers'> & { readonly page: Pick<Page, 'records'> }

const always =
  (trouble: Trouble): Damage['trouble'] =>
  () =>
    trouble

const CUT: readonly Damage[] = [
  { words: 'an answer whose connection breaks in its middle', trouble: always({ kind: 'cut' }) },
  { words: 'an answer that ends in its middle', trouble: always({ kind: 'truncate' }) },
]
const HTML: readonly Damage[] = [{ words: 'a web page with status 200', trouble: always({ kind: 'html' }) }]
const EMPTY: readonly Damage[] = [
  { words: 'an empty body with status 200', trouble: always({ kind: 'body', body: '' }) },
]
const SHAPES: readonly Damage[] = [
  { words: 'an error with status 200', trouble: ofShape(() => '{"error":{"message":"Authorization failed."}}') },
  { words: 'null', trouble: ofShape(() => 'null') },
  {
    words: 'an object or list in place of the other',
    trouble: ofShape((text) => (text.trimStart()[0] === '[' ? '{}' : '[]')),
  },
  {
    words: 'an answer without its list',
    trouble: inList((text, path) => (path.length > 0 ? renameAt(text, path, 'moved') : '{}')),
  },
  { words: 'an answer with null for its list', trouble: inList((text, path) => replaceAt(text, path, 'null')) },
  { words: 'an answer with an object for its list', trouble: inList((text, path) => replaceAt(text, path, '{}')) },
]

function ofShape(edit: (text: string) => string): Damage['trouble'] {
  return () => ({ kind: 'edit', edit })
}

function inList(edit: (text: string, path: readonly (string | number)[]) => string): Damage['trouble'] {
  return ({ answers, page }, { url }) => {
    const answer = answers.find((one) => URL.parse(one.url)?.pathname === url.pathname)
    const place = answer && placeOfRows(answer.body, page.records)
    return place && { kind: 'edit', edit: (text) => edit(text, place.list) }
  }
}

/** A check that none of these damages is taken for a page. */
function refuses(name: CheckName, damages: readonly Damage[]): Check {
  return {
    name,
    level: 6,
    async run(bench) {
      let tried = 0
      for (const pass of bench.passes) {
        const walked = await bench.walk(pass, 'some')
        for (const damage of damages) tried += await readDamaged(bench, walked, damage)
      }
      if (tried === 0) return notStaged('no request was seen that could be damaged')
      await runDamaged(bench, damages[0] as Damage)
      return `refused ${tried} times; nothing is removed, and the run is not complete`
    },
  }
}

/** Reads the first page and one behind it, each with each of its requests damaged. */
async function readDamaged(bench: Bench, walked: Walked, damage: Damage): Promise<number> {
  const { stage } = bench
  const { pass, pages, bounds } = walked
  const reader = await pageReader(bench, pass)
  let tried = 0
  for (const number of new Set([1, Math.min(2, pages.length)])) {
    const healthy = pages[number - 1]
    for (const request of distinct(healthy?.requests ?? [])) {
      const trouble = healthy && damage.trouble(healthy, request)
      if (!trouble) continue
      tried++
      stage.proxy.plan = ({ read, method, url }) =>
        read > 0 && method === request.method && url.pathname === request.url.pathname ? trouble : undefined
      const page: WalkedPage | undefined = await reader.read(healthy.token, bounds).catch((error: unknown) => {
        stage.evidence.look('an error', error instanceof Error ? error.message : String(error))
        return undefined
      })
      stage.proxy.plan = undefined
      if (page && digestOf(page) !== digestOf(healthy)) {
        broken(
          `${pass.kind}, page ${number}: the connector makes a page of ${countOf(page.page)} of ${damage.words} ` +
            `(${request.method} ${request.url.pathname}); it must throw`,
        )
      }
    }
  }
  return tried
}

function distinct(requests: readonly Passing[]): readonly Passing[] {
  const seen = new Map(requests.map((request) => [`${request.method} ${request.url.pathname}`, request]))
  return [...seen.values()].slice(0, REQUESTS_MAX)
}

function countOf({ records }: Page): string {
  return records.length === 0 ? 'no records' : `${records.length} records`
}

/** A run that meets the damage at its last page, and a full one that meets it at its first: nothing gets lost. */
async function runDamaged(bench: Bench, damage: Damage): Promise<void> {
  const { stage, name } = bench
  const { pages } = await bench.control()
  const [first] = await Promise.all(bench.passes.map((pass) => bench.walk(pass, 'some')))
  const sample = first?.pages[0]
  const trouble = sample?.requests[0] && damage.trouble(sample, sample.requests[0])
  if (!trouble) return
  const mirror = await stage.mirror()
  stage.proxy.plan = fromPage(bench, mirror, pages, trouble)
  const begun = await mirror.sync(name)
  if (begun?.status === 'succeeded') broken(`a first run that meets ${damage.words} at page ${pages} is complete`)
  if (begun?.status === 'paused') await mirror.connect()
  await mustComplete(bench, mirror, `after ${damage.words}`)
  stage.proxy.plan = fromPage(bench, mirror, 1, trouble)
  const full = await mirror.sync(name, { mode: 'full' })
  if (full?.status === 'succeeded') broken(`a full run that meets ${damage.words} at its first page is complete`)
  stage.proxy.plan = undefined
  const removed = await mirror.removed(name)
  if (removed.length > 0) broken(`a full run that meets ${damage.words} removes ${some(removed)}`)
  await mustEqual(bench, mirror, `after a full run that met ${damage.words}`)
  await mirror.close()
}

/** Trouble for every request of the pages from `number` on. */
export function fromPage(
  bench: Bench,
  mirror: { readonly observer: { read(n: number): { page: number; stream: string } | undefined } },
  number: number,
  trouble: Trouble,
): Plan {
  return (request) => {
    const read = mirror.observer.read(request.read)
    return read && read.stream === bench.name && read.page >= number ? trouble : undefined
  }
}

async function loopIsAnError(bench: Bench): Promise<string> {
  const { stage, name } = bench
  const { pages } = await bench.control()
  if (pages < 2) return notStaged('the source has one page only')
  const mirror = await stage.mirror()
  const answers = new Map<string, Answer>()
  stage.proxy.plan = (request) => {
    const read = mirror.observer.read(request.read)
    if (read?.what !== 'page') return undefined
    const place = `${request.method} ${request.url.pathname}`
    return { kind: 'swap', swap: (answer) => repeated(answers, place, answer) }
  }
  const report = await mirror.sync(name)
  stage.proxy.plan = undefined
  const read = mirror.observer.pages(name).length
  if (report?.status === 'succeeded') {
    broken(
      `a source that gives its first page for ever is complete after ${read} pages and ${report.streams[0]?.counts.fetched} rows`,
    )
  }
  const removed = await mirror.removed(name)
  if (removed.length > 0) broken(`a source that gives its first page for ever makes the run remove ${some(removed)}`)
  await mirror.close()
  return `ends after ${read} pages: ${report ? describeRun(report) : 'killed'}`
}

/** The first answer of a place, headers and all: where the next page is stands in them, too. */
function repeated(answers: Map<string, Answer>, place: string, answer: Answer): Answer {
  const first = answers.get(place)
  if (first === undefined) answers.set(place, answer)
  return first ?? answer
}

/** One of each kind, and all that concern the list. */
export const DAMAGES: readonly Damage[] = [CUT[0] as Damage, ...HTML, ...EMPTY, ...SHAPES]

export const DAMAGE_CHECKS: readonly Check[] = [
  { name: 'loop-is-an-error', level: 6, run: loopIsAnError },
  refuses('cut-body-is-no-page', CUT),
  refuses('html-is-no-page', HTML),
  refuses('empty-body-is-no-page', EMPTY),
  refuses('wrong-shape-is-no-page', SHAPES),
]
