// Owns looking on while a connector reads: a connector like the given one, whose reads are noted one by one, and whose
// requests can be told apart by the read that they are part of.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connector } from '../connector/connector.ts'
import type { Http, HttpAnswer, HttpInit, Page, PageRequest } from '../connector/page.ts'
import type { Json } from '../model/json.ts'
import type { PassKind } from '../model/run.ts'
import { heard } from '../model/told.ts'

/** One call of a connector's function that reads. */
export interface Read {
  /** Below 0: a look, without which the run is as complete. */
  readonly number: number
  readonly stream: string
  readonly pass: PassKind
  /** `look`: a page of what the source dates ahead of its own clock; `keys`: records that a refresh reads again. */
  readonly what: 'page' | 'look' | 'keys' | 'total' | 'witness'
  /** Which page of the pass it is since the observer was reset, from 1. */
  readonly page: number
  readonly token: Json | undefined
  readonly answers: HttpAnswer[]
  result: Page | undefined
}

/** The read within which the current code runs. */
export const currentRead = new AsyncLocalStorage<Read>()

export class Observer {
  #reads: Read[] = []
  #numbers = 0
  /** Called when a page is about to be read. */
  onPage: ((read: Read) => void) | undefined

  reset(): void {
    this.#reads = []
  }

  read(number: number): Read | undefined {
    return this.#reads.find((read) => read.number === number)
  }

  pages(stream: string, pass?: PassKind): readonly Read[] {
    return this.#reads.filter(
      (read) => read.what === 'page' && read.stream === stream && (pass === undefined || read.pass === pass),
    )
  }

  /** What a refresh has read by key. */
  byKey(stream: string): readonly Read[] {
    return this.#reads.filter((read) => read.what === 'keys' && read.stream === stream)
  }

  async around<T>(of: Pick<Read, 'stream' | 'pass' | 'what' | 'token'>, act: () => Promise<T>): Promise<T> {
    const page = of.what === 'page' ? this.pages(of.stream, of.pass).length + 1 : 0
    const number = ++this.#numbers
    const read: Read = { ...of, number: of.what === 'look' ? -number : number, page, answers: [], result: undefined }
    this.#reads.push(read)
    if (of.what === 'page') this.onPage?.(read)
    const result = await currentRead.run(read, act)
    if (of.what === 'page') read.result = result as Page
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

/** The functions of a pass that read. */
const READERS: readonly (readonly [name: string, what: Read['what']])[] = [
  ['read', 'page'],
  ['total', 'total'],
  ['witness', 'witness'],
]

export function observedPass<P extends { readonly kind: PassKind }>(
  stream: string,
  pass: P,
  observer: Observer,
  resize?: Resize,
): P {
  const given = pass as unknown as Given
  const kind = pass.kind
  const over: Record<string, Reader> = {}
  for (const [name, what] of READERS) {
    const act = given[name] as Reader | undefined
    if (typeof act !== 'function') continue
    over[name] = (request) =>
      observer.around({ stream, pass: kind, what: readOf(given, request, what), token: request.page }, () =>
        act({ ...request, http: watched(request.http, resize) }),
      )
  }
  return { ...pass, ...over }
}

function readOf(given: Given, request: PageRequest<unknown>, what: Read['what']): Read['what'] {
  if (what === 'page' && given.kind === 'refresh') return 'keys'
  return isLook(given, request) ? 'look' : what
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
