// Owns looking on while a connector reads: a connector like the given one, whose reads are noted one by one, and whose
// requests can be told apart by the read that they are part of.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connector } from '../connector/connector.ts'
import type { Http, HttpAnswer, HttpInit, Page, PageRequest } from '../connector/page.ts'
import type { PassKind } from '../model/run.ts'
import { heard } from '../model/told.ts'

/** One call of a connector's function that reads. */
export interface Read {
  /** Below 0: a look, without which the run is as complete. */
  readonly number: number
  readonly stream: string
  readonly pass: PassKind
  /**
   * `look`: a page of what the source dates ahead of its own clock; `keys`: records that a refresh reads again. Of an
   * upstream run: `start`, `find`, `poll`, and `rows` that it delivered.
   */
  readonly what: 'page' | 'look' | 'keys' | 'total' | 'witness' | 'start' | 'find' | 'poll' | 'rows'
  /** Which step of the pass it is since the observer was reset, from 1: a page, or a step of an upstream run. Else 0. */
  readonly page: number
  /** What the function was called with. */
  readonly request: Readonly<Record<string, unknown>>
  readonly answers: HttpAnswer[]
  result: Page | undefined
}

/** What takes a pass further: a page, or what is asked of an upstream run. */
const STEPS: ReadonlySet<Read['what']> = new Set(['page', 'start', 'poll', 'rows'])

/** The read within which the current code runs. */
export const currentRead = new AsyncLocalStorage<Read>()

export class Observer {
  #reads: Read[] = []
  #numbers = 0
  /** Called when a page, or a step of an upstream run, is about to be read. */
  onPage: ((read: Read) => void) | undefined

  reset(): void {
    this.#reads = []
  }

  read(number: number): Read | undefined {
    return this.#reads.find((read) => read.number === number)
  }

  pages(stream: string, pass?: PassKind): readonly Read[] {
    return this.#reads.filter(
      (read) => STEPS.has(read.what) && read.stream === stream && (pass === undefined || read.pass === pass),
    )
  }

  /** Reads of one kind. */
  of(stream: string, what: Read['what']): readonly Read[] {
    return this.#reads.filter((read) => read.what === what && read.stream === stream)
  }

  async around<T>(of: Pick<Read, 'stream' | 'pass' | 'what' | 'request'>, act: () => Promise<T>): Promise<T> {
    const page = STEPS.has(of.what) ? this.pages(of.stream, of.pass).length + 1 : 0
    const number = ++this.#numbers
    const read: Read = { ...of, number: of.what === 'look' ? -number : number, page, answers: [], result: undefined }
    this.#reads.push(read)
    if (page > 0) this.onPage?.(read)
    const result = await currentRead.run(read, act)
    if (of.what === 'page' || of.what === 'rows') read.result = result as Page
    // A plain list is a page of which nothing was billed.
    if (of.what === 'keys') read.result = Array.isArray(result) ? { records: result } : (result as Page)
    return result
  }
}

/** Asks for pages of another size than the connector does. */
export interface Resize {
  readonly from: number
  readonly to: number
  /** Set when a request carried the size. */
  done: boolean
}

type Given = Record<string, unknown> & { readonly kind: PassKind }
type Reader = (request: PageRequest<unknown>) => Promise<unknown>

export function observed<O>(connector: Connector<O>, observer: Observer): Connector<O> {
  const streams = Object.entries(connector.streams).map(([name, stream]) => {
    const passes = stream.passes.map((pass) => observedPass(name, pass, observer))
    return [name, { ...stream, passes }] as const
  })
  return { ...connector, streams: Object.fromEntries(streams) }
}

type Readers = readonly (readonly [name: string, what: Read['what']])[]

/** The functions of a pass that read, and those of a job. */
const READERS: Readers = [
  ['read', 'page'],
  ['total', 'total'],
  ['witness', 'witness'],
]
const JOB_READERS: Readers = [
  ['start', 'start'],
  ['find', 'find'],
  ['poll', 'poll'],
  ['read', 'rows'],
]

export function observedPass<P extends { readonly kind: PassKind }>(
  stream: string,
  pass: P,
  observer: Observer,
  resize?: Resize,
): P {
  const given = pass as unknown as Given
  const watch = (readers: Readers, functions: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const over: Record<string, unknown> = { ...functions }
    for (const [name, what] of readers) {
      const act = functions[name] as Reader | undefined
      // What reads a file asks nobody.
      if (typeof act !== 'function' || pass.kind === 'upload') continue
      over[name] = (request: PageRequest<unknown>) =>
        observer.around({ stream, pass: pass.kind, what: readOf(given, request, what), request: { ...request } }, () =>
          act({ ...request, http: watched(request.http, resize) }),
        )
    }
    return over
  }
  const { job } = given as { readonly job?: Readonly<Record<string, unknown>> }
  return { ...watch(READERS, given), ...(job ? { job: watch(JOB_READERS, job) } : {}) } as unknown as P
}

function readOf(given: Given, request: PageRequest<unknown>, what: Read['what']): Read['what'] {
  if (what !== 'page') return what
  return given.kind === 'refresh' ? 'keys' : isLook(given, request) ? 'look' : what
}

/** Whether a window begins in the source's future. */
function isLook(given: Given, request: PageRequest<unknown> & { readonly since?: number | undefined }): boolean {
  const { unitMs } = given
  const { since, http } = request
  return typeof unitMs === 'number' && since !== undefined && since * unitMs > http.now()
}

function watched(http: Http, resize: Resize | undefined): Http {
  const ask = async (method: 'get' | 'post', path: string, init?: HttpInit) => {
    const answer = await http[method](path, resize && init ? resized(init, resize) : init)
    currentRead.getStore()?.answers.push(answer)
    return answer
  }
  return {
    get: (path, init) => heard(ask('get', path, init)),
    post: (path, init) => heard(ask('post', path, init)),
    now: () => http.now(),
  }
}

/** Names under which services are told how many records a page shall have. */
const SIZE_NAME = /^(per_?page|page_?size|limit|size|count|first|max_?results|max_?items|rows|take|top)$/i

function resized(init: HttpInit, resize: Resize): HttpInit {
  const swap = <V>(values: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        if (!SIZE_NAME.test(name) || String(value) !== String(resize.from)) return [name, value]
        resize.done = true
        return [name, (typeof value === 'string' ? String(resize.to) : resize.to) as V]
      }),
    )
  const { query, json, form } = init
  return {
    ...init,
    ...(query ? { query: swap(query) } : {}),
    ...(typeof json === 'object' && json !== null && !Array.isArray(json)
      ? { json: swap(json as Record<string, unknown>) }
      : {}),
    ...(form ? { form: swap(form) } : {}),
  }
}
