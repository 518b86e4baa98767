// What one cheap request tells of a connection: with a connector that says how to ask, and with one that does not.

import { describe, expect, test } from 'vitest'
import { defineConnector, type Service, stream } from '../../src/connector/connector.ts'
import { secret, z } from '../../src/connector/options.ts'
import { type PageRequest, rows } from '../../src/connector/page.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { outcomeOf } from '../../src/engine/runs/check.ts'
import { loginHint, standingOf } from '../../src/engine/runs/standing.ts'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const options = z.object({ token: secret('The token') })

function connector(more: Partial<Service<typeof options>> = {}, { paid = false, page = {} } = {}) {
  const service = {
    name: 'own',
    title: 'Stars',
    options,
    http: ({ token }: { token: string }) => ({
      baseUrl: 'http://localhost',
      headers: { authorization: `Bearer ${token}` },
    }),
    ...more,
  }
  const read = async ({ http }: PageRequest<unknown>) => ({
    records: rows((await http.get('/user/starred')).body, 'stars'),
    ...page,
  })
  return defineConnector(service, {
    stars: stream({
      schema: z.object({ id: z.int() }),
      key: ({ id }) => id,
      passes: [fullPass({ read, pageSize: 30, paid })],
    }),
  })
}

const at = ({ url }: GitHubEmulator, token = 'token-of-ada') => ({ token, baseUrl: url, allowPrivateNetwork: true })

describe('a check', () => {
  test('of a connector that says nothing of it is the first page, of which nothing is stored', async () => {
    await using github = await githubEmulator({ stars: 90 })
    await using mirror = await openMirror()
    const own = await mirror.tidemark.connect(connector(), { id: 'own', options: at(github) })
    expect(github.log.count()).toBe(0)
    expect(await own.check()).toEqual({ outcome: 'ok', account: null, requestsLeft: 4_999, error: null })
    expect(github.log.count()).toBe(1)
    expect(mirror.value('select count(*) from own_stars')).toBe(0)
    expect(await mirror.tidemark.runs()).toEqual([])
  })

  test('asks nothing where every page costs money, or the budget is spent', async () => {
    await using github = await githubEmulator({ stars: 3 })
    await using mirror = await openMirror()
    const { tidemark } = mirror
    const paid = await tidemark.connect(connector({}, { paid: true }), { id: 'paid', options: at(github) })
    expect(await paid.check()).toMatchObject({ outcome: 'skipped', error: null })
    const own = await tidemark.connect(connector(), { id: 'own', options: at(github) })
    await tidemark.setBudget('own', { requests: { max: 1, perMs: 3_600_000 } })
    expect(await own.check()).toMatchObject({ outcome: 'ok' })
    expect(await own.check()).toMatchObject({ outcome: 'skipped', error: { code: 'budget_spent' } })
    expect(github.log.count()).toBe(1)
  })

  test('that gets something else than a page says so, as a sync would', async () => {
    await using github = await githubEmulator({ stars: 3 })
    await using mirror = await openMirror()
    const strange = connector({}, { page: { nextPage: 2 } })
    const own = await mirror.tidemark.connect(strange, { id: 'own', options: at(github) })
    const error = { code: 'connector_invalid', message: 'A page of the connector has no field "nextPage".' }
    expect(await own.check()).toMatchObject({ outcome: 'wrong', error })
    expect(await own.sync()).toMatchObject({ status: 'failed', error })
  })

  test('in the library is made when it is asked for, throws what is refused, and keeps the connection', async () => {
    await using github = await githubEmulator({ stars: 3 })
    await using mirror = await openMirror()
    const { tidemark } = mirror
    const connect = (token: string) =>
      tidemark.connect(connector(), { id: 'own', options: at(github, token), check: true })
    await expect(connect('nonsense')).rejects.toMatchObject({
      code: 'token_rejected',
      verdict: 'pause',
      hint: expect.stringContaining('tidemark connect own --id own --secret-env token=OWN_TOKEN'),
    })
    const [status] = await tidemark.status()
    expect(status).toMatchObject({ id: 'own', paused: ['login'], standing: { state: 'login needed' } })
    // A token that the service takes after all lets it run again, but for a person's pause.
    const own = await connect('token-of-ada')
    expect((await own.status()).paused).toEqual([])
    await own.pause()
    expect([(await own.check()).outcome, (await own.status()).paused]).toEqual(['ok', ['user']])
    github.faults.when({}, { kind: 'status', status: 500 })
    expect((await connect('token-of-ada')).id).toBe('own')
  })

  test('judges by who has to act', () => {
    const judged = (code: string, verdict: Parameters<typeof outcomeOf>[0]['verdict']) => outcomeOf({ code, verdict })
    expect([
      judged('token_rejected', 'pause'),
      judged('network_failed', 'retry'),
      judged('not_found', 'stop'),
      judged('server_error', 'retry'),
      judged('rate_limited', 'wait'),
      judged('forbidden', 'stop'),
      judged('budget_spent', 'stop'),
    ]).toEqual(['refused', 'unreachable', 'wrong', 'unclear', 'unclear', 'unclear', 'skipped'])
  })
})

describe('the command that mends it', () => {
  const row = { id: 'me', connector: 'tiktok-shop' }

  test('names the state that is mended first, of any reasons', () => {
    const told = (...paused: string[]) => {
      const { state, mend } = standingOf({ ...row, paused }, [{ name: 'accessToken', secret: true }])
      return [state, mend]
    }
    const connect = 'tidemark connect tiktok-shop --id me --secret-env accessToken=TIKTOK_SHOP_ACCESS_TOKEN'
    expect(told()).toEqual(['on', null])
    expect(told('user')).toEqual(['paused', 'tidemark resume me'])
    expect(told('login', 'user')).toEqual(['login needed', connect])
    expect(told('disconnected', 'login', 'user')).toEqual(['disconnected', connect])
  })

  test('stands in every hint that asks for a login', () => {
    const command = 'tidemark connect own --id me --secret-env token=OWN_TOKEN'
    const hinted = (hint: string | null) =>
      loginHint(hint, { id: 'me', connector: 'own' }, [{ name: 'token', secret: true }])
    expect(hinted(null)).toBe(`Create new credentials and run: ${command}`)
    expect(hinted('Ask the seller.')).toBe(`Ask the seller. Then run: ${command}`)
    expect(hinted('Give them to: tidemark connect … --id me')).toBe(`Give them to: ${command}`)
    expect(hinted('Give them to: tidemark connect')).toBe(`Give them to: ${command}`)
    // A connector names itself, or knows better which options mend it.
    expect(hinted('Give them to: tidemark connect own')).toBe(`Give them to: ${command}`)
    expect(hinted('Run: tidemark connect own --id … --set macAddress=… --secret-env pin=…')).toBe(
      'Run: tidemark connect own --id me --set macAddress=<MAC_ADDRESS> --secret-env pin=OWN_PIN',
    )
    expect(hinted('Run: tidemark connect --set macAddress=…, and wait.')).toBe(
      'Run: tidemark connect own --id me --set macAddress=<MAC_ADDRESS>, and wait.',
    )
  })
})
