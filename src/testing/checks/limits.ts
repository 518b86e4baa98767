// Owns the checks of refusals that are no failure: a limit that is waited for, and credentials that are refused.

import { type Bench, type Check, describeRun, mustComplete, mustEqual } from './check.ts'
import { fromPage } from './damage.ts'
import { broken, notStaged, some } from './found.ts'

/** More refusals in a row than a request has attempts; each asks for a second. */
const REFUSALS_FIRST = 6
const WAIT_SECONDS = 1
/** What rounding may take off a wait. */
const TOLERANCE_MS = 50

async function rateLimitIsWaitedFor(bench: Bench): Promise<string> {
  const { stage, name } = bench
  const mirror = await stage.mirror()
  const refused: { at: number; place: string }[] = []
  let early: string | undefined
  const left = new Map<number, number>([
    [1, REFUSALS_FIRST],
    [2, 1],
  ])
  stage.proxy.plan = (request) => {
    const read = mirror.observer.read(request.read)
    if (!read || read.page === 0) return undefined
    const now = mirror.clock.now()
    const last = refused.at(-1)
    if (last && now - last.at < WAIT_SECONDS * 1_000 - TOLERANCE_MS) {
      early ??= `${request.method} ${request.url.pathname} came ${now - last.at} ms after it was asked to wait ${WAIT_SECONDS} s`
    }
    const times = left.get(read.page) ?? 0
    if (times === 0) return undefined
    left.set(read.page, times - 1)
    refused.push({ at: now, place: request.url.pathname })
    return { kind: 'status', status: 429, retryAfter: WAIT_SECONDS }
  }
  const report = await mirror.sync(name)
  stage.proxy.plan = undefined
  if (refused.length === 0) return notStaged('no page was asked for')
  const times = `429 ${refused.length} times, with Retry-After`
  if (!report || report.status !== 'succeeded') {
    return broken(`a source that answers ${times} makes a run ${report ? describeRun(report) : 'end'}`)
  }
  if (early !== undefined) broken(early)
  const retried = mirror.events.find((event) => event.name === 'request.retried')
  if (retried) broken(`the limit costs an attempt: the request was retried as ${String(retried.values['code'])}`)
  await mustEqual(bench, mirror, `after ${times}`)
  await mirror.close()
  return `${times}: waited for, and complete`
}

async function loginExpiryPauses(bench: Bench): Promise<string> {
  const { stage, name } = bench
  const { pages, content } = await bench.control()
  const at = Math.min(2, pages)
  const mirror = await stage.mirror()
  const onPages = fromPage(bench, mirror, at, { kind: 'status', status: 401 })
  let refusing = false
  stage.proxy.plan = (request) => {
    refusing ||= onPages(request) !== undefined
    // Once refused, credentials are refused everywhere, also where they are renewed.
    return refusing ? { kind: 'status', status: 401 } : undefined
  }
  const report = await mirror.sync(name)
  stage.proxy.plan = undefined
  const when = `credentials that are refused (401) at page ${at}`
  if (!report) return broken(`${when}: the run ended before its time`)
  if (report.status !== 'paused' || report.error?.verdict !== 'pause') {
    broken(`${when} make the run ${describeRun(report)}, not paused with the verdict pause`)
  }
  const strange = [...(await mirror.content(name))].filter(([key, value]) => content.get(key) !== value)
  if (strange.length > 0) broken(`${when}: ${some(strange.map(([key]) => key))} are stored with another content`)
  await mirror.connect()
  await mustComplete(bench, mirror, `${when}, then connected again`)
  const removed = await mirror.removed(name)
  if (removed.length > 0) broken(`${when}: ${some(removed)} are removed`)
  await mirror.close()
  return `paused (${report.error?.code}), and complete after a new login`
}

async function loginIsRenewed(bench: Bench): Promise<string> {
  const { stage, name, knowledge } = bench
  const mirror = await stage.mirror()
  if (!mirror.connector.service.renew) return notStaged('the connector renews no credentials')
  if (!knowledge.expireLogin) return notStaged('give `expireLogin` to testConnector')
  await mirror.sync(name)
  for (const when of ['with an access token that ran out', 'with a renewed access token that ran out']) {
    await knowledge.expireLogin()
    const report = await mirror.sync(name, { mode: 'full' })
    if (!report || report.status !== 'succeeded')
      return broken(`a run ${when} is ${report ? describeRun(report) : 'killed'}`)
    await mustEqual(bench, mirror, `a run ${when}`)
  }
  await mirror.close()
  return 'renewed, and renewed again with the new credentials'
}

export const LIMIT_CHECKS: readonly Check[] = [
  { name: 'rate-limit-is-waited-for', level: 6, run: rateLimitIsWaitedFor },
  { name: 'login-expiry-pauses', level: 6, run: loginExpiryPauses },
  { name: 'login-is-renewed', level: 6, run: loginIsRenewed },
]
