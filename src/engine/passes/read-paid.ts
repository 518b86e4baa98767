// Owns asking for a page that may cost money: only while there is money for it, once, and noted before it is asked for.

import type { Http, Page, PageRequest } from '../../connector/page.ts'
import { checkBilled, checkPage } from '../../connector/page-shape.ts'
import { PaidHttp } from './paid-http.ts'
import { type StreamRun, write } from './stream-run.ts'

/** What a page is read with. */
export type Means = Pick<PageRequest<unknown>, 'http' | 'costLeft'>

/**
 * Asks for a page of a pass that may cost money, and notes what it has cost, and with which request. When the answer is
 * lost, nobody knows what was charged: what was set aside counts as spent. It is written before the page is asked for, so
 * that it counts as spent also when the process is killed meanwhile.
 */
export async function readPaid(
  run: StreamRun,
  paid: boolean | undefined,
  read: (means: Means) => Promise<Page>,
  http: Http = run.scope.http,
): Promise<Page> {
  if (!paid) return checkPage(await read({ http }))
  const { purse, ledger, signal, cancellation } = run.scope
  const { dearest = 0 } = run.kept
  const aside = await purse.setAside(signal, dearest)
  const paying = new PaidHttp(http, () => cancellation.look())
  const costLeft = Number.isFinite(aside.amount) ? { costLeft: aside.amount } : {}
  let billed: Page['billed']
  let page: Page
  try {
    const entry = run.passes.at(-1)
    if (entry && aside.counted > 0) await write(run, entry, {})
    const ask = async () => checkPage(await read({ http: paying, ...costLeft }))
    page = await cancellation.finishing(() => paying.mayHaveCharged, ask)
    billed = paying.mayHaveCharged ? checkBilled(page) : page.billed
  } catch (error) {
    if (paying.mayHaveCharged) purse.lose(aside)
    else await purse.release(aside)
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
