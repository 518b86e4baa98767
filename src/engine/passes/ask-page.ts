// Owns asking for a page of a pass, and paying for it: what it is asked with, and, where it costs money, that it is asked
// for only while there is money for it, once, and noted before.

import type { Http, Page, WindowRequest } from '../../connector/page.ts'
import { checkBilled, checkPage } from '../../connector/page-shape.ts'
import type { ByCursor, PagedPass } from '../../connector/passes.ts'
import { PaidHttp } from './paid-http.ts'
import { askedNow, type StreamRun, write } from './stream-run.ts'

type Paged = PagedPass<unknown, unknown>

/** What a page is read with. */
type Means = Pick<WindowRequest<unknown>, 'http' | 'options' | 'costLeft'>

/** With what something is asked for that may cost money: a client that sends each request once, and what is left. */
export type Paying = Pick<Means, 'http' | 'costLeft'>

/** Which page: the first one of everything that there is, unless it says otherwise. */
export type WhichPage = Partial<Omit<WindowRequest<unknown>, keyof Means>>

/** A page that was asked for, and when. */
export interface AskedPage {
  readonly page: Promise<Page>
  readonly at: number
}

export function askPage(run: StreamRun, pass: Paged, which: WhichPage, http: Http = run.scope.http): AskedPage {
  const at = askedNow(run)
  const { options } = run.scope
  const read = (means: Paying) => readPage(pass, { ...means, options }, which)
  return { at, page: pass.paid ? paying(run, http, read) : read({ http }) }
}

/** Reads a page without a look at what it costs. @throws TidemarkError connector_invalid for what is no page */
export async function readPage(pass: Paged, means: Means, which: WhichPage = {}): Promise<Page> {
  const { page, where = {}, since } = which
  const request = { ...means, page, where }
  if (pass.kind !== 'byCursor') return checkPage(await pass.read(request))
  const until = which.until ?? endOfWindow(pass, means.http.now())
  return checkPage(await pass.read({ ...request, since, until }))
}

/** Where a window ends that takes in everything up to a time. */
export function endOfWindow({ unitMs }: Pick<ByCursor<unknown, unknown>, 'unitMs'>, now: number): number {
  return unitMs === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil((now + unitMs) / unitMs)
}

const UNKNOWN_COST =
  'a page may have been charged for whose answer was lost; nothing tells its price yet, and no cost and no budget counts it'

/**
 * Reads what may cost money, and notes what it has cost, and with which request. When the answer is lost, nobody knows
 * what was charged: what was set aside counts as spent. It is written before anything is asked for, so that it counts as
 * spent also when the process is killed meanwhile.
 */
export async function paying<T extends Pick<Page, 'billed'>>(
  run: StreamRun,
  inner: Http,
  read: (means: Paying) => Promise<T>,
): Promise<T> {
  const { purse, ledger, signal, cancellation } = run.scope
  const { dearest = 0 } = run.kept
  const aside = await purse.setAside(signal, dearest)
  const http = new PaidHttp(inner, run.scope)
  const costLeft = Number.isFinite(aside.amount) ? { costLeft: aside.amount } : {}
  let billed: Page['billed']
  let page: T
  try {
    const entry = run.passes.at(-1)
    if (entry && aside.counted > 0) await write(run, entry, {})
    const ask = () => read({ http, ...costLeft })
    page = await cancellation.finishing(() => http.mayHaveCharged, ask)
    billed = http.mayHaveCharged ? checkBilled(page) : page.billed
  } catch (error) {
    if (http.mayHaveCharged) {
      purse.lose(aside)
      if (aside.counted === 0) run.asides.push(`${run.name}: ${UNKNOWN_COST}`)
    } else await purse.release(aside)
    throw error
  }
  if (!billed) {
    await purse.release(aside)
    return page
  }
  const { cost, items } = billed
  await purse.charge(aside, cost)
  if (cost > dearest) run.kept = { ...run.kept, dearest: cost }
  const last = ledger.pop()
  if (last) ledger.push({ ...last, billedItems: last.billedItems + items })
  return page
}

/** A client that does not try again what fails: where many questions are asked to find a place, the answers may be rough. */
export function askingOnce(http: Http): Http {
  return {
    get: (path, init) => http.get(path, { ...init, once: true }),
    post: (path, init) => http.post(path, { ...init, once: true }),
    now: () => http.now(),
  }
}
