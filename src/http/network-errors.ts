// Owns what to say about a connection that failed: the system's code as a sentence, and whether asking again can help.

import { sentence, TidemarkError } from '../model/errors.ts'

/** What happened, to be completed by the host's name. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections there',
  ECONNRESET: 'the connection was closed from the other side',
  EPIPE: 'the connection was closed from the other side',
  ETIMEDOUT: 'no connection came about in time',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EADDRNOTAVAIL: 'this machine has no free port or no such network',
  EMFILE: 'this process has too many open files',
  ENOTFOUND: 'the name does not exist',
  EAI_AGAIN: 'the name server did not answer',
  EAI_FAIL: 'the name server failed',
  EPROTO: 'it does not speak TLS as expected',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; the address probably needs http:// instead of https://',
}

/** The host was reached and broke off: one page can make a server do that. */
const AFTER_CONNECTING: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  CERT_REVOKED: 'was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from an unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
}

/** Anything that node:http may throw or emit, as an error that a person can act on. */
export function networkError(error: unknown, url: URL): TidemarkError {
  if (error instanceof TidemarkError) return error
  const failure = firstFailure(error)
  const code = failure.code ?? ''
  const certificate = CERTIFICATE[code]
  if (certificate !== undefined) {
    return new TidemarkError('certificate_refused', `The certificate of ${url.host} ${certificate} (${code}).`, {
      cause: failure,
    })
  }
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN' || code === 'ERR_UNESCAPED_CHARACTERS') {
    // Node's message names the header and never its value.
    return new TidemarkError(
      'header_refused',
      sentence(`The request to ${url.host} cannot be sent: ${failure.message}`),
    )
  }
  const answer = code.startsWith('HPE_') ? 'what it answers is not HTTP' : undefined
  const reason = answer ?? REASONS[code] ?? failure.message
  return new TidemarkError('network_failed', `Host ${url.host} cannot be reached: ${reason}${code && ` (${code})`}.`, {
    scope: answer !== undefined || AFTER_CONNECTING.has(code) ? 'page' : 'stream',
    hint: hintFor(code, url),
    cause: failure,
  })
}

/** Whether the request cannot have reached anybody: the name was not found, or no connection came about. */
export function neverConnected(cause: unknown): boolean {
  const { syscall } = (cause ?? {}) as NodeJS.ErrnoException
  return syscall === 'connect' || syscall === 'getaddrinfo'
}

function hintFor(code: string, { origin, port }: URL): string | undefined {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `Check that this machine is online; if it is, that ${origin} is right.`
  if (code === 'ECONNREFUSED') {
    return `Check that the service runs${port === '' ? '' : ` and listens on port ${port}`}, and that ${origin} is right.`
  }
  return undefined
}

/** A host with several addresses fails with one error per address; the first is as good as any. */
function firstFailure(error: unknown): NodeJS.ErrnoException {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0]
  return error instanceof Error ? error : new Error(String(error))
}
