// Owns the service account of Google: what is needed of its JSON key, and the signed text that is exchanged for an access
// token (developers.google.com/identity/protocols/oauth2/service-account).

import { createPrivateKey, createSign } from 'node:crypto'
import { surplusOf } from '../../model/bare-address.ts'
import { isObject } from '../../model/json.ts'

/** What is asked for: to read spreadsheets. */
export const SCOPE = 'https://www.googleapis.com/auth/spreadsheets.readonly'
/** How long the signed text is good, in seconds: the most that Google takes. */
const GOOD_FOR_S = 3_600
/** How far our clock may be ahead of Google's, in seconds; it refuses what was signed in the future. */
const CLOCKS_APART_S = 30

export interface Account {
  readonly email: string
  readonly privateKey: string
  readonly keyId: string | undefined
  readonly project: string | undefined
  readonly tokenUri: string
}

/** The account that a JSON key tells of, or what is wrong with it, as the end of a sentence. Never a value of it. */
export function accountOf(given: string): Account | string {
  let parsed: unknown
  try {
    parsed = JSON.parse(given.replace(/^\uFEFF/, ''))
  } catch {
    return 'is no JSON; give the whole content of the key file'
  }
  if (!isObject(parsed)) return 'is no JSON object; give the whole content of the key file'
  const {
    client_email: email,
    private_key: pem,
    private_key_id: keyId,
    project_id: project,
    token_uri: tokenUri = 'https://oauth2.googleapis.com/token',
  } = parsed
  if (typeof email !== 'string' || email === '' || typeof pem !== 'string') {
    return 'has no client_email and private_key; it is the JSON key of a service account that is needed'
  }
  const address = typeof tokenUri === 'string' ? URL.parse(tokenUri) : null
  if (!address || !/^https?:$/.test(address.protocol) || surplusOf(address.href) !== undefined) {
    return 'has a token_uri that is no http address'
  }
  // Files of environment variables double the backslashes.
  const privateKey = pem.replaceAll('\\n', '\n')
  if (!isRsaKey(privateKey)) {
    return 'has a private_key that is no RSA key in PEM form; give the content of the key file as it was downloaded'
  }
  return {
    email,
    privateKey,
    keyId: typeof keyId === 'string' ? keyId : undefined,
    project: typeof project === 'string' ? project : undefined,
    tokenUri: address.href,
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/** The signed text (a JWT, RS256). `now` is the source's time, in milliseconds since 1970. */
export function assertionOf({ email, privateKey, keyId, tokenUri }: Account, now: number): string {
  const at = Math.floor(now / 1_000) - CLOCKS_APART_S
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) }
  const claims = { iss: email, scope: SCOPE, aud: tokenUri, iat: at, exp: at + GOOD_FOR_S }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
}
