// Owns where an answer may send us: the next request of a redirect, or why it is not made. Pure.

import type { Failure } from '../connector/connector.ts'
import { hasLogin } from '../model/bare-address.ts'
import type { Sentence } from '../model/errors.ts'
import { fault } from './statuses.ts'
import { isAllowed, type Territory } from './urls.ts'

/** One request of a chain. */
export interface Hop {
  readonly method: string
  readonly url: URL
  readonly body: string | undefined
  /** Whether credentials and signatures may go along: not after a redirect to another origin. */
  readonly trusted: boolean
}

/** Statuses that are a redirect when they come with a Location. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The hop after `hop`, whose answer had this status and Location, or what is wrong with it. */
export function follow(
  hop: Hop,
  status: number,
  location: string,
  territory: Territory,
): { readonly hop: Hop } | { readonly failure: Failure } {
  const { host } = hop.url
  const url = URL.parse(location, hop.url.href)
  if (!url) return refused(`Host ${host} redirects to something that is no address.`)
  url.hash = ''
  if (hasLogin(url)) {
    return refused(`Host ${host} redirects to an address with a login in it (${status}).`)
  }
  if (!isAllowed(territory, url)) {
    const where = url.protocol.startsWith('http') ? `${url.protocol}//${url.host}` : `a ${url.protocol} address`
    return refused(`Host ${host} redirects to ${where}, which is not part of this service (${status}).`)
  }
  // 301 and 302 became GET in every client long ago; 307 and 308 were made to say "the same again".
  const same = status === 307 || status === 308 || hop.method === 'GET'
  // A body may hold credentials as headers do, and nothing tells which of its fields. Without it, it would be another request.
  if (same && hop.body !== undefined && url.origin !== hop.url.origin) {
    return refused(`Host ${host} redirects a ${hop.method} with its body to another origin, ${url.origin} (${status}).`)
  }
  return {
    hop: {
      url,
      method: same ? hop.method : 'GET',
      body: same ? hop.body : undefined,
      trusted: hop.trusted && url.origin === hop.url.origin,
    },
  }
}

export function tooMany(hop: Hop, hops: number): Failure {
  return fault('redirect_loop', `Host ${hop.url.host} still redirects after ${hops} redirects.`)
}

function refused(message: Sentence): { readonly failure: Failure } {
  return { failure: fault('redirect_refused', message) }
}
