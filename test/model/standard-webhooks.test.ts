// Owns the proof that signatures are those of Standard Webhooks: the vector of its reference libraries, and what is refused.

import { expect, test } from 'vitest'
import { signedId, WEBHOOK_TOLERANCE_MS, webhookSecret, webhookSignature } from '../../src/model/standard-webhooks.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = Buffer.from('{"test": 2432232314}')
const sent = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body }
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

const headers = (more: object = {}) => ({
  'webhook-id': sent.id,
  'webhook-timestamp': String(sent.timestamp),
  'webhook-signature': SIGNATURE,
  ...more,
})
const now = sent.timestamp * 1_000
const idOf = (given: object = {}, more: object = {}) =>
  signedId(SECRET, { headers: headers(given), body, now, ...more })

test('the reference vector is signed so, and known', () => {
  expect(webhookSignature(SECRET, sent)).toBe(SIGNATURE)
  expect(idOf()).toBe(sent.id)
  expect(idOf({ 'webhook-signature': `v1a,AAAA v1,${'A'.repeat(43)}= ${SIGNATURE}` })).toBe(sent.id)
})

test('what was changed, is old, or is not signed is refused', () => {
  expect(idOf({}, { body: Buffer.from('{"test": 2432232315}') })).toBeUndefined()
  expect(idOf({ 'webhook-id': 'msg_another' })).toBeUndefined()
  expect(idOf({ 'webhook-timestamp': String(sent.timestamp + 1) })).toBeUndefined()
  expect(idOf({ 'webhook-signature': SIGNATURE.replace('v1,', 'v2,') })).toBeUndefined()
  expect(idOf({ 'webhook-signature': '' })).toBeUndefined()
  expect(idOf({}, { now: now + WEBHOOK_TOLERANCE_MS })).toBe(sent.id)
  expect(idOf({}, { now: now + WEBHOOK_TOLERANCE_MS + 1 })).toBeUndefined()
  expect(idOf({}, { now: now - WEBHOOK_TOLERANCE_MS - 1 })).toBeUndefined()
  expect(signedId(webhookSecret(new Uint8Array(32)), { headers: headers(), body, now })).toBeUndefined()
  for (const missing of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const { [missing as 'webhook-id']: _, ...left } = headers()
    expect(signedId(SECRET, { headers: left, body, now })).toBeUndefined()
  }
})

test('what holds no key is no secret, for anybody could sign with it', () => {
  for (const secret of ['whsec_', 'whsec_!!!!', 'x', ' ']) {
    const signed = headers({ 'webhook-signature': webhookSignature(secret, sent) })
    expect(signedId(secret, { headers: signed, body, now }), secret).toBeUndefined()
  }
})

test('an id with a dot is none, though it is signed', () => {
  const dotted = { ...sent, id: 'msg.1' }
  const signed = headers({ 'webhook-id': dotted.id, 'webhook-signature': webhookSignature(SECRET, dotted) })
  expect(signedId(SECRET, { headers: signed, body, now })).toBeUndefined()
})
