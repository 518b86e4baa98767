// Owns which fault is served to which request. How a fault looks on the wire is serve-fault.ts's business.

import { pathMatches } from './log.ts'
import { type Random, seeded } from './random.ts'

/**
 * Something that goes wrong with one request. Where `effect` is offered, true means that the request was carried out
 * (a token was rotated, a count was taken) and only its answer is lost; by default nothing happened.
 */
export type Fault =
  /** An error status with the provider's own error body (or `body`). `retryAfter` is seconds or an HTTP date. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfter?: number | string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly effect?: boolean
    }
  /** The connection is reset before any byte of an answer. */
  | { readonly kind: 'reset'; readonly effect?: boolean }
  /** The connection is reset after the headers and so many bytes of the body (default: half of it). */
  | { readonly kind: 'cut'; readonly bytes?: number }
  /** The body ends after so many bytes (default: half of it), and the content-length says just that. */
  | { readonly kind: 'truncate'; readonly bytes?: number }
  /** An HTML page; status 200 by default (a captive portal), or 403 (a firewall). */
  | { readonly kind: 'html'; readonly status?: number }
  /** Any other body in place of the right one, such as `[]`, `{}` or nothing at all; status 200 by default. */
  | { readonly kind: 'body'; readonly body: string; readonly status?: number; readonly contentType?: string }
  /** `Content-Encoding: gzip` over bytes that are not gzip. */
  | { readonly kind: 'garbage' }
  /** The right body, dripping for so many milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The right body under another content type, such as `text/html`. */
  | { readonly kind: 'type'; readonly contentType: string }
  /** The right answer, late: the wait is before or after the request is carried out (default: before). */
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** The first member called `key` (default `id`) is followed by another one of that name, with `value` (JSON text). */
  | { readonly kind: 'duplicateKey'; readonly key?: string; readonly value?: string }
  /**
   * The right answer, rewritten: every match of a regular expression in the body is replaced (`$1` and `$&` work), and
   * headers are set. For listings that never end, totals that lie, unknown words, impossible times, poisoned rows.
   */
  | {
      readonly kind: 'rewrite'
      readonly find?: string
      readonly replace?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** No answer, ever; the connection stays open. */
  | { readonly kind: 'hang'; readonly effect?: boolean }

/** What a fault rule looks at. */
export interface FaultTarget {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

/** A rule that survives JSON; a path may end in `*`. Everything given must hold. */
export interface FaultMatch {
  readonly method?: string
  readonly path?: string
  readonly query?: Readonly<Record<string, string>>
  /** Lets so many matching requests pass first. */
  readonly after?: number
}

export type FaultPredicate = (target: FaultTarget) => boolean

export interface Faults {
  /** The next `times` requests get this fault (default 1). Calls queue up. */
  next(fault: Fault, times?: number): void
  /** Requests that match get this fault, at most `times` of them (default: all). Earlier rules go first. */
  when(match: FaultMatch | FaultPredicate, fault: Fault, times?: number): void
  /** Every request gets one of these faults with its rate (0 to 1, the sum at most 1), by seeded dice. */
  random(rates: readonly { readonly rate: number; readonly fault: Fault }[], seed?: number | string): void
  /** No more faults, of any sort. */
  clear(): void
  /** How many faults of each kind were served. */
  served(): Readonly<Record<string, number>>
  /** Decides for one request; the server calls it once per request. */
  decide(target: FaultTarget): Fault | undefined
}

interface Rule {
  readonly matches: FaultPredicate
  readonly fault: Fault
  toPass: number
  left: number
}

export function faultScript(): Faults {
  const queue: { readonly fault: Fault; left: number }[] = []
  let rules: Rule[] = []
  let rates: readonly { readonly rate: number; readonly fault: Fault }[] = []
  let dice: Random = seeded(0)
  const served = new Map<string, number>()

  const choose = (target: FaultTarget): Fault | undefined => {
    const first = queue[0]
    if (first) {
      first.left--
      if (first.left <= 0) queue.shift()
      return first.fault
    }
    for (const rule of rules) {
      if (rule.left <= 0 || !rule.matches(target)) continue
      if (rule.toPass > 0) {
        rule.toPass--
        continue
      }
      rule.left--
      if (rule.left <= 0) rules = rules.filter((other) => other !== rule)
      return rule.fault
    }
    if (rates.length === 0) return undefined
    let thrown = dice.next()
    for (const { rate, fault } of rates) {
      if (thrown < rate) return fault
      thrown -= rate
    }
    return undefined
  }

  return {
    next: (fault, times = 1) => {
      checkFault(fault)
      if (times > 0) queue.push({ fault, left: times })
    },
    when: (match, fault, times = Number.POSITIVE_INFINITY) => {
      checkFault(fault)
      const matches = typeof match === 'function' ? match : matcher(match)
      const toPass = typeof match === 'function' ? 0 : (match.after ?? 0)
      rules.push({ matches, fault, toPass, left: times })
    },
    random: (given, seed = 0) => {
      for (const { fault } of given) checkFault(fault)
      const sum = given.reduce((total, { rate }) => total + rate, 0)
      if (given.some(({ rate }) => !(rate >= 0)) || sum > 1) throw new RangeError('rates are 0 to 1, in sum at most 1')
      rates = given
      dice = seeded(`faults ${seed}`)
    },
    clear: () => {
      queue.length = 0
      rules = []
      rates = []
    },
    served: () => Object.fromEntries(served),
    decide: (target) => {
      if (queue.length === 0 && rules.length === 0 && rates.length === 0) return undefined
      const fault = choose(target)
      if (fault) served.set(fault.kind, (served.get(fault.kind) ?? 0) + 1)
      return fault
    },
  }
}

function matcher(match: FaultMatch): FaultPredicate {
  const query = Object.entries(match.query ?? {})
  return (target) =>
    (match.method === undefined || match.method.toUpperCase() === target.method) &&
    (match.path === undefined || pathMatches(match.path, target.path)) &&
    query.every(([name, value]) => target.query.get(name) === value)
}

const KINDS = 'status reset cut truncate html body garbage slow type delay duplicateKey rewrite hang'.split(' ')

/** Faults also come as JSON, where the compiler doesn't look. */
function checkFault(fault: Fault): void {
  if (!KINDS.includes(fault?.kind))
    throw new RangeError(`unknown fault ${JSON.stringify(fault)}: one of ${KINDS.join(', ')}`)
  if (fault.kind === 'status' && !(fault.status >= 200 && fault.status <= 599)) {
    throw new RangeError(`a status is 200 to 599, not ${fault.status}`)
  }
  // A pattern that is none throws here, not when it is served.
  if (fault.kind === 'rewrite') RegExp(fault.find ?? '')
  if ((fault.kind === 'slow' || fault.kind === 'delay') && !(fault.ms >= 0)) {
    throw new RangeError(`ms is a number of milliseconds, not ${fault.ms}`)
  }
}
