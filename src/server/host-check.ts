// Owns which Host headers are answered. A page on the web that points its own name at this machine (DNS rebinding)
// sends that name; it is not ours, and gets nothing. Pure.

import { isIP } from 'node:net'

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
/** Bound to every address: by which of them a client comes is not known, but an address is nobody's name. */
const EVERYWHERE = ['0.0.0.0', '::']

/** Whether what is bound to a host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(bare(host)) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare(host))
}

/** Says whether a Host header is one of ours. `hosts` are the names and addresses the server was given. */
export function hostCheck(hosts: readonly string[]): (header: string | undefined) => boolean {
  const own = new Set([...LOOPBACK, ...hosts.map(bare)])
  const takesAddresses = hosts.some((host) => EVERYWHERE.includes(bare(host)))
  return (header) => {
    const name = hostName(header)
    return name !== undefined && (own.has(name) || (takesAddresses && isIP(name) !== 0))
  }
}

/** Whether a call comes from a page of this server, or from no page at all: a browser names the origin of a page itself. */
export function isOwnOrigin(headers: Headers): boolean {
  const origin = headers.get('origin')
  if (origin === null) return true
  return URL.canParse(origin) && new URL(origin).host === headers.get('host')?.toLowerCase()
}

/** The name or address in a Host header, without port and brackets; undefined when it is neither. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([^:[\]/\s]+))(?::\d{1,5})?$/i.exec(header ?? '')
  const name = match?.[1] ?? match?.[2]
  return name === undefined ? undefined : bare(name)
}

function bare(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}
