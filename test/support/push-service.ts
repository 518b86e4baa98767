// Owns a push service on loopback and the browsers that it knows: each with its own keys, by which it decrypts what came, as
// RFC 8291 and RFC 8188 say, with nothing but Node's own cryptography. It checks who has sent a message, as RFC 8292 says.

import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface PushBrowser {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
  /** What has come for it, decrypted, oldest first. */
  readonly told: { readonly title: string; readonly body: string; readonly path: string; readonly tag: string }[]
  /** Of each message, with the claims of the token that its sender has signed. */
  readonly sent: {
    readonly headers: IncomingHttpHeaders
    readonly claims: Record<string, unknown>
    readonly bytes: Buffer
  }[]
}

/** `answers` are given one by one; then each message is taken. */
export async function pushService(answers: number[] = []) {
  const browsers = new Map<string, { readonly browser: PushBrowser; readonly pair: ECDH; readonly auth: Buffer }>()
  const wrong: unknown[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const found = browsers.get(request.url ?? '')
      const status = answers.shift() ?? (found ? 201 : 404)
      if (found && status === 201) {
        try {
          const bytes = Buffer.concat(parts)
          found.browser.sent.push({ headers: request.headers, claims: claimsOf(request.headers), bytes })
          found.browser.told.push(JSON.parse(decrypted(bytes, found).toString('utf8')))
        } catch (error) {
          wrong.push(error)
        }
      }
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections())
    if (wrong.length > 0) throw new AggregateError(wrong, 'A message could not be read.')
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    answers,
    browser(): PushBrowser {
      const pair = createECDH('prime256v1')
      const p256dh = pair.generateKeys('base64url')
      const auth = randomBytes(16)
      const path = `/send/${browsers.size}`
      const browser = { endpoint: url + path, p256dh, auth: auth.toString('base64url'), told: [], sent: [] }
      browsers.set(path, { browser, pair, auth })
      return browser
    },
    /** It does not know this one any more. */
    forget: ({ endpoint }: PushBrowser) => void browsers.delete(new URL(endpoint).pathname),
  }
}

/** Whether the message fits one record of RFC 8188, and what it says. */
function decrypted(message: Buffer, { pair, auth }: { readonly pair: ECDH; readonly auth: Buffer }): Buffer {
  const salt = message.subarray(0, 16)
  const idLength = message[20] ?? 0
  const senderKey = message.subarray(21, 21 + idLength)
  const sealed = message.subarray(21 + idLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), senderKey])
  const ikm = Buffer.from(hkdfSync('sha256', pair.computeSecret(senderKey), auth, info, 32))
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16))
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12))
  const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  const end = padded.lastIndexOf(2)
  if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0))
    throw new Error('Its padding is not that of a last record.')
  return padded.subarray(0, end)
}

/** The claims of whoever has sent it, whose signature holds. */
function claimsOf({ authorization = '' }: IncomingHttpHeaders): Record<string, unknown> {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
  const signed = Buffer.from(`${head}.${claims}`)
  const holds = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!holds) throw new Error('Its signature is not that of its key.')
  return { ...JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')), key }
}
