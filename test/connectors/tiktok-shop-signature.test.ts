import { expect, test } from 'vitest'
import { signature } from '../../src/connectors/tiktok-shop.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'

test('a request is signed over path, sorted parameters and body between two copies of the secret', () => {
  const query = { b: '2', a: '1', sign: 'left out', access_token: 'left out' }
  const request = { path: '/order/202309/orders/search', query, body: '{"x":1}' }
  // printf 's/order/202309/orders/searcha1b2{"x":1}s' | openssl dgst -sha256 -hmac s
  expect(signature('s', request)).toBe('12a103d3dd6b98c8cd8175e4aa976d107cff2ac472aa0783a16376c786008c76')
})

test.skipIf(providerDataMissing)('the provider’s own example gives the provider’s own signature', () => {
  const { api_request: golden } = providerData<{
    api_request: { app_secret: string; path: string; query: Record<string, string>; sign: string }
  }>('tiktok-shop/golden-signatures.json')
  expect(signature(golden.app_secret, { path: golden.path, query: golden.query, body: undefined })).toBe(golden.sign)
})
