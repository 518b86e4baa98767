// What is said of a login: `connect` asks once whether it is taken, and every command says the same of one that is not,
// with the one command that mends it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { type Ending, type Place, place } from './program.ts'

const COMMAND = 'tidemark connect github --id me --secret-env token=GITHUB_TOKEN'
const WHY = 'needs a new login: github rejected the current one'
const MEND = `Run: ${COMMAND}`

interface Around {
  readonly github: GitHubEmulator
  readonly here: Place
  /** `connect github --id me`, with the token where one is given. */
  readonly connect: (token?: string, more?: readonly string[]) => ReturnType<Place['ask']>
}

async function around(ending: Ending): Promise<Around> {
  const github = await githubEmulator({ stars: 30 })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const set = ['--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true']
  const connect = (token?: string, more: readonly string[] = []) => {
    const secret = token === undefined ? [] : ['--secret-env', 'token=GITHUB_TOKEN']
    return here.ask(['connect', 'github', '--id', 'me', ...set, ...secret, ...more], { env: { GITHUB_TOKEN: token } })
  }
  return { github, here, connect }
}

describe.concurrent('connect', () => {
  test('makes one request and says who answered', async (ending) => {
    const { github, connect } = await around(ending)
    const { code, stdout, stderr } = await connect('token-of-ada')
    expect([code, stdout, stderr]).toEqual([
      0,
      '✓ Connected me (github)\n    streams   stars\n    github answered: user ada, 4,999 requests left\n',
      'Next: tidemark sync me\n',
    ])
    expect(github.log.count()).toBe(1)
    const json = (await connect('token-of-ada', ['--json'])).json
    expect(json).toMatchObject({ id: 'me', paused: [] })
    expect(json.check).toEqual({ outcome: 'ok', account: 'user ada', requestsLeft: 4_998, error: null })
    expect((await connect('token-of-ada', ['--no-check', '--json'])).json.check).toBeNull()
    expect(github.log.count()).toBe(2)
  })

  test('takes an option or a secret away again', async (ending) => {
    const { here, connect } = await around(ending)
    await connect('token-of-ada', ['--set', 'user=ada'])
    const options = async () => (await here.ask(['connections', '--json'])).json.connections[0].options
    expect(await options()).toMatchObject({ user: 'ada' })
    const strange = await connect(undefined, ['--unset', 'usr', '--json'])
    expect([strange.code, strange.json.error.code]).toEqual([2, 'options_unknown'])
    const both = await connect(undefined, ['--set', 'user=bob', '--unset', 'user', '--json'])
    expect([both.code, both.json.error.code]).toEqual([2, 'option_conflict'])
    expect((await connect(undefined, ['--unset', 'user'])).code).toBe(0)
    expect(await options()).not.toHaveProperty('user')
    expect((await connect(undefined, ['--unset', 'token', '--set', 'user=ada', '--no-check'])).code).toBe(0)
    expect((await here.ask(['disconnect', 'me', '--json'])).json.secrets).toBe(0)
  })

  test('keeps a connection whose token is refused, paused, and exits 4', async (ending) => {
    const { here, connect } = await around(ending)
    const { code, stdout, stderr } = await connect('nonsense')
    expect([code, stdout]).toEqual([4, '! Connected me (github), but github refused its login\n    streams   stars\n'])
    expect(stderr).toMatch(/^token_rejected: .*\(401\): Bad credentials\.\nhint: .*\n$/)
    expect(stderr).toContain(COMMAND)
    expect(stderr).not.toContain('nonsense')
    expect((await here.ask(['connections', '--json'])).json.connections).toMatchObject([
      { id: 'me', paused: ['login'] },
    ])
    const again = await connect('nonsense-2', ['--json'])
    expect([again.code, again.json.paused, again.json.check]).toMatchObject([
      4,
      ['login'],
      { outcome: 'refused', error: { code: 'token_rejected', verdict: 'pause' } },
    ])
    expect((await connect('token-of-ada')).code).toBe(0)
    expect((await here.ask(['sync'])).code).toBe(0)
  })

  test('tells a host that does not answer, options that are wrong, and what it cannot tell', async (ending) => {
    const { github, here } = await around(ending)
    const add = async (id: string, ...set: string[]) =>
      here.ask(['connect', 'github', '--id', id, ...set.flatMap((one) => ['--set', one])])
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => closed.once('listening', resolve))
    const port = (closed.address() as AddressInfo).port
    await new Promise((resolve) => closed.close(resolve))
    const far = await add('far', 'user=ada', `baseUrl=http://127.0.0.1:${port}`, 'allowPrivateNetwork=true')
    expect([far.code, far.stdout]).toEqual([
      0,
      expect.stringMatching(/^! Connected far .*, but github did not answer\n/),
    ])
    expect(far.stderr).toMatch(
      /^network_failed: .*ECONNREFUSED.*\nhint: Check that the service runs and listens on port \d+, and that http:\/\/127\.0\.0\.1:\d+ is right\./,
    )
    const typo = await add('typo', 'user=nobody', `baseUrl=${github.url}`, 'allowPrivateNetwork=true')
    expect([typo.code, typo.stderr]).toEqual([2, expect.stringMatching(/^not_found: GitHub has no user "nobody"/)])
    const inside = await add('inside', 'user=ada', `baseUrl=${github.url}`)
    expect([inside.code, inside.stderr]).toEqual([2, expect.stringMatching(/^address_refused: /)])
    github.log.reset()
    github.faults.when({}, { kind: 'status', status: 502 })
    const down = await add('down', 'user=ada', `baseUrl=${github.url}`, 'allowPrivateNetwork=true')
    expect([down.code, down.stdout]).toEqual([0, expect.stringMatching(/^✓ Connected down/)])
    expect(down.stderr).toMatch(/^warning: the login could not be checked: .*502.*\nNext: tidemark sync down\n$/)
    // One try, whatever came of it.
    expect(github.log.count()).toBe(1)
    const paused = (await here.ask(['connections', '--json'])).json.connections
    expect(paused.map(({ paused: reasons }: { paused: string[] }) => reasons)).toEqual([[], [], [], []])
  })

  test('names the shop, and which tokens it wants when it refuses them', async (ending) => {
    const shop = await tiktokShopEmulator({ orders: 5 })
    ending.onTestFinished(() => shop.close())
    const { accessToken, refreshToken } = shop.world.credentials()
    const { appKey, appSecret, shopCipher, url } = shop
    const places = { appKey, shopCipher, baseUrl: url, authUrl: url, allowPrivateNetwork: true }
    const here = place(ending)
    const connect = (more: Readonly<Record<string, string>>) => {
      const options = Object.entries({ ...places, appSecret, accessToken, refreshToken, ...more })
      const set = options.flatMap(([name, value]) => ['--set', `${name}=${value}`])
      return here.ask(['connect', 'tiktok-shop', '--id', 'shop', ...set, '--json'])
    }
    expect((await connect({})).json.check).toMatchObject({ outcome: 'ok', account: expect.stringMatching(/^shop ./) })
    const wrong = await connect({ shopCipher: 'another' })
    expect([wrong.code, wrong.json.check.error.code]).toEqual([2, 'shop_mismatch'])
    const refused = await connect({ accessToken: 'none', refreshToken: 'none' })
    expect([refused.code, refused.json.check.error.hint]).toEqual([
      4,
      expect.stringContaining(
        'tidemark connect tiktok-shop --id shop --secret-env accessToken=TIKTOK_SHOP_ACCESS_TOKEN ' +
          '--secret-env refreshToken=TIKTOK_SHOP_REFRESH_TOKEN',
      ),
    ])
  })
})

describe.concurrent('a login that is needed', () => {
  test('is told alike by every command, with the one command that mends it', async (ending) => {
    const { github, here, connect } = await around(ending)
    await connect('token-of-ada')
    await here.ask(['sync'])
    await here.ask(['schedule', 'me', 'every 1h'])
    github.world.revokeToken('token-of-ada')
    const first = await here.ask(['sync'])
    expect([first.code, first.stderr]).toEqual([4, expect.stringContaining(COMMAND)])
    github.log.reset()
    const sync = await here.ask(['sync'])
    expect([sync.code, sync.stderr]).toEqual([4, `connection_paused: Connection "me" ${WHY}.\nhint: ${MEND}\n`])
    const plan = await here.ask(['sync', '--plan', '--json'])
    expect([plan.code, plan.json.plans[0].stop]).toMatchObject([4, { code: 'connection_paused', hint: MEND }])
    for (const quiet of [[], ['--quiet']]) {
      const status = await here.ask(['status', ...quiet])
      expect(status.stdout).toMatch(/^me +stars +30 +complete .* login needed/m)
      expect(status.stdout).toMatch(/^me +every 1h +- +login needed/m)
      expect(status.stderr).toBe(`me ${WHY}. ${MEND}\n`)
    }
    const [document] = (await here.ask(['status', '--json'])).json.connections
    expect(document).toMatchObject({
      paused: ['login'],
      standing: { state: 'login needed', why: WHY, mend: COMMAND },
      todo: [{ what: 'login', stream: null, message: WHY, command: COMMAND }],
    })
    const connections = await here.ask(['connections'])
    expect([connections.stdout, connections.stderr]).toEqual([
      expect.stringMatching(/^me +github +stars +login needed /m),
      `me ${WHY}. ${MEND}\n`,
    ])
    const audit = await here.ask(['audit'])
    expect([audit.code, audit.stdout]).toEqual([3, expect.stringContaining(`${WHY}; it is not synced\n    ${MEND}\n`)])
    // A person's pause is another reason: a resume takes that one back, and says what is left.
    const paused = await here.ask(['pause', 'me'])
    expect([paused.code, paused.stdout, paused.stderr]).toEqual([
      0,
      'me is paused (it also needs a login).\n',
      `me ${WHY}, and you have paused it. ${MEND}\n`,
    ])
    // A sync of all passes it over as that person wants, and says that it could not be read either.
    const all = await here.ask(['sync'])
    expect([all.code, all.stderr]).toEqual([
      0,
      `skipped: me (login needed, paused)\nTo read me again, run: ${COMMAND}\n`,
    ])
    const resumed = await here.ask(['resume', 'me'])
    expect([resumed.code, resumed.stdout]).toEqual([4, `me still ${WHY}. ${MEND}\n`])
    expect(github.log.count()).toBe(0)
    // What they all name mends it, the person's pause included.
    await here.ask(['pause', 'me'])
    const mended = await here.ask(COMMAND.split(' ').slice(1), {
      env: { GITHUB_TOKEN: github.world.issueToken('ada') },
    })
    expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('github answered: user ada')])
    expect((await here.ask(['status', '--json'])).json.connections[0]).toMatchObject({ paused: [], todo: [] })
    expect((await here.ask(['sync'])).code).toBe(0)
  })

  test('is not what a person’s pause is, or a disconnection', async (ending) => {
    const { here, connect } = await around(ending)
    await connect('token-of-ada')
    const paused = await here.ask(['pause', 'me'])
    expect([paused.stdout, paused.stderr]).toEqual(['me is paused.\n', 'Let it run again with: tidemark resume me\n'])
    expect((await here.ask(['status'])).stderr).toBe('me is paused by you. Let it run again with: tidemark resume me\n')
    expect((await here.ask(['resume', 'me'])).stdout).toBe('me runs again with the next sync.\n')
    const gone = await here.ask(['disconnect', 'me'])
    expect(gone.stderr).toContain(`Back: ${COMMAND}. `)
    const resumed = await here.ask(['resume', 'me'])
    expect([resumed.code, resumed.stdout]).toEqual([4, `me still is disconnected. Connect it again with: ${COMMAND}\n`])
    const sync = await here.ask(['sync', 'me'])
    expect([sync.code, sync.stderr]).toEqual([
      4,
      `connection_paused: Connection "me" is disconnected.\nhint: Connect it again with: ${COMMAND}\n`,
    ])
    expect((await connect('token-of-ada')).code).toBe(0)
  })
})
