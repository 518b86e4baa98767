// Owns the proof that the TikTok Shop emulator lets in whom the real one lets in: signatures, and the life of tokens.

import { describe, expect, test } from 'vitest'
import { signRequest, signWebhook, type TikTokShopEmulator } from '../../src/testing/emulators/index.ts'
import { ask } from './asking.ts'
import { askShop, SHOPS, started } from './shop.ts'

describe('signatures', () => {
  test('of a request, as the provider’s golden vector has it', () => {
    const query = Object.entries({ app_key: '29a39d', timestamp: '1623812664', sign: 'x', access_token: 'y' })
    expect(signRequest('e59af819cc', { path: SHOPS, query })).toBe(
      'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
    )
  })

  test('of a webhook, as the provider’s golden vector has it', () => {
    const body =
      '{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,' +
      '"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}'
    expect(signWebhook('abcdef', '123', body)).toBe('5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05')
  })

  test('cover the decoded parameters and the exact body', async () => {
    const { search, app } = await started()
    expect((await search({ page_size: '5' }, { note: 'ü &=+', order_status: 'UNPAID' })).json.code).toBe(0)
    const spoilt = [
      await search({}, {}, { spoil: (query) => query.set('page_size', '10') }),
      await search({}, {}, { spoil: (query) => query.set('sign', 'f'.repeat(64)) }),
      await askShop(app, { path: SHOPS, spoil: (query) => query.delete('sign') }),
    ]
    for (const reply of spoilt) {
      expect([reply.status, reply.json.code]).toEqual([401, 106001])
      expect(reply.json.message).toBe("Invalid credentials. The 'sign' query parameter is invalid.")
    }
    const unsigned = await askShop(app, { path: SHOPS, spoil: (query) => query.set('access_token', 'not covered') })
    expect(unsigned.json.code).toBe(0)
  })

  test('are good from five minutes back to thirty seconds ahead', async () => {
    const { emulator, app } = await started()
    const at = async (offset: number) => {
      const query = { timestamp: String(emulator.clock.seconds() + offset) }
      const { status, json } = await askShop(app, { path: SHOPS, query })
      return [status, json.code, json.message]
    }
    expect((await at(-300))[1]).toBe(0)
    expect((await at(30))[1]).toBe(0)
    const late = [400, 36009004, "Invalid credentials. The 'timestamp' query parameter has expired."]
    expect(await at(-301)).toEqual(late)
    expect(await at(31)).toEqual(late)
    emulator.clock.advance(3_600_000)
    expect((await at(0))[1]).toBe(0)
  })
})

describe('tokens', () => {
  const token = (emulator: TikTokShopEmulator, path: string, query: Record<string, string>) => {
    const { appKey, appSecret, url } = emulator
    const all = new URLSearchParams({ app_key: appKey, app_secret: appSecret, ...query })
    return ask(`${url}/api/v2/token/${path}?${all.toString()}`)
  }
  const refresh = (emulator: TikTokShopEmulator, refresh_token: string) =>
    token(emulator, 'refresh', { refresh_token, grant_type: 'refresh_token' })

  test('a code gives tokens once, within half an hour, with absolute expiry times', async () => {
    const { emulator, app } = await started()
    const exchange = (auth_code: string) => token(emulator, 'get', { auth_code, grant_type: 'authorized_code' })
    const code = emulator.world.issueCode()
    const { status, json } = await exchange(code)
    const now = emulator.clock.seconds()
    expect([status, json.code]).toEqual([200, 0])
    expect(json.data.access_token_expire_in).toBe(now + 7 * 86_400)
    expect(json.data.refresh_token_expire_in).toBeGreaterThan(now + 30 * 86_400)
    expect(json.data.granted_scopes).toContain('seller.order.info')
    expect((await askShop(app, { path: SHOPS, token: json.data.access_token })).json.code).toBe(0)
    expect((await exchange(code)).json).toMatchObject({ code: 36004004, message: 'invalid auth code', data: null })
    const late = emulator.world.issueCode()
    emulator.clock.advance(1_800_000)
    expect((await exchange(late)).json.code).toBe(36004004)
  })

  test('a refresh rotates both; the old refresh token is refused, the old access token works until it expires', async () => {
    const { emulator, app } = await started()
    const before = emulator.world.credentials()
    const { json } = await refresh(emulator, before.refreshToken)
    expect(json.data.access_token).not.toBe(before.accessToken)
    expect(json.data.refresh_token).not.toBe(before.refreshToken)
    expect(emulator.world.credentials().refreshToken).toBe(json.data.refresh_token)
    const again = await refresh(emulator, before.refreshToken)
    expect([again.status, again.json.code, again.json.data]).toEqual([200, 36004001, null])
    expect((await askShop(app, { path: SHOPS, token: before.accessToken })).json.code).toBe(0)
    expect((await askShop(app, { path: SHOPS, token: json.data.access_token })).json.code).toBe(0)
    expect((await refresh(emulator, json.data.refresh_token)).json.code).toBe(0)
  })

  test('an expired access token is 105002, a missing or invented one 36009004', async () => {
    const { emulator, app } = await started()
    emulator.clock.advance(7 * 86_400_000 - 1000)
    expect((await askShop(app, { path: SHOPS })).json.code).toBe(0)
    emulator.clock.advance(1000)
    const expired = await askShop(app, { path: SHOPS })
    expect([expired.status, expired.json.code]).toEqual([401, 105002])
    expect(expired.json.message).toMatch(/^Expired credentials/)
    const invented = await askShop(app, { path: SHOPS, token: 'x' })
    expect([invented.status, invented.json.code]).toEqual([401, 36009004])
    emulator.clock.advance(60 * 86_400_000)
    expect((await refresh(emulator, emulator.world.credentials().refreshToken)).json.code).toBe(36004001)
  })

  test('an access token can expire in the middle of a run, or consent be withdrawn', async () => {
    const { emulator, app } = await started()
    emulator.world.expireAccess()
    expect((await askShop(app, { path: SHOPS })).json.code).toBe(105002)
    const { json } = await refresh(emulator, emulator.world.credentials().refreshToken)
    expect((await askShop(app, { path: SHOPS, token: json.data.access_token })).json.code).toBe(0)
    emulator.world.deauthorize()
    expect((await askShop(app, { path: SHOPS, token: json.data.access_token })).json.code).toBe(36009004)
    expect((await refresh(emulator, json.data.refresh_token)).json.code).toBe(36004001)
  })

  test('reuse may cost the whole authorization, or be forgiven for a while', async () => {
    const strict = await started({ tokens: { reuse: 'revoke' } })
    const { refreshToken } = strict.emulator.world.credentials()
    const fresh = (await refresh(strict.emulator, refreshToken)).json.data
    expect((await refresh(strict.emulator, refreshToken)).json.code).toBe(36004001)
    expect((await refresh(strict.emulator, fresh.refresh_token)).json.code).toBe(36004001)
    expect((await askShop(strict.app, { path: SHOPS, token: fresh.access_token })).json.code).toBe(36009004)

    const mild = await started({ tokens: { graceSeconds: 60, oldAccessWorks: false } })
    const old = mild.emulator.world.credentials()
    const first = (await refresh(mild.emulator, old.refreshToken)).json.data
    expect((await refresh(mild.emulator, old.refreshToken)).json.data).toEqual(first)
    expect((await askShop(mild.app, { path: SHOPS, token: old.accessToken })).json.code).toBe(36009004)
    mild.emulator.clock.advance(60_000)
    expect((await refresh(mild.emulator, old.refreshToken)).json.code).toBe(36004001)
  })

  test('the answer to a refresh can be lost after the rotation', async () => {
    const { emulator } = await started()
    const { refreshToken } = emulator.world.credentials()
    emulator.faults.when({ path: '/api/v2/token/refresh' }, { kind: 'reset', effect: true }, 1)
    await expect(refresh(emulator, refreshToken)).rejects.toThrow(TypeError)
    expect(emulator.world.credentials().refreshToken).not.toBe(refreshToken)
    expect((await refresh(emulator, refreshToken)).json.code).toBe(36004001)
  })

  test('need the app’s own key and secret', async () => {
    const { emulator, app } = await started()
    const wrong = await token(emulator, 'refresh', { app_secret: 'x', grant_type: 'refresh_token' })
    expect([wrong.status, wrong.json.code]).toEqual([200, 36004201])
    const key = await askShop({ ...app, appKey: 'other' }, { path: SHOPS })
    expect([key.status, key.json.code]).toEqual([400, 36009004])
    expect(key.json.message).toBe("Invalid credentials. Invalid 'app_key' query parameter.")
  })
})
