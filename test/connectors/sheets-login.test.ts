// Owns the proof of how the Google Sheets connector logs in, and what each refusal means.

import { describe, expect, test } from 'vitest'
import { sheetsEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { connected, TAB } from './sheets-world.ts'

describe('a login', () => {
  test('is signed for, used for an hour, and signed for again', async () => {
    await using given = await connected({ people: 3 })
    const { site, world, sync, connection } = given
    expect(await connection.check()).toMatchObject({ outcome: 'ok', error: null })
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(site.log.count('/token')).toBe(0)
    world.expireAccess()
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(site.log.count('/token')).toBe(1)
  })

  test('whose key was deleted pauses the connection', async () => {
    await using given = await connected({ people: 3 })
    const { world, sync } = given
    await sync()
    world.setKey(false)
    world.expireAccess()
    const { status, error } = await sync()
    expect(status).toBe('paused')
    expect(error).toMatchObject({ code: 'login_expired', hint: expect.stringContaining('JSON key') })
  })

  test('takes the key as an object, too, and no part of it is stored or shown in the open', async () => {
    await using site = await sheetsEmulator({ people: 2 })
    await using mirror = await openMirror()
    const { spreadsheetId, serviceAccount, url: baseUrl } = site
    const account = JSON.parse(serviceAccount) as { private_key: string }
    const options = {
      spreadsheetId: `https://docs.google.com/spreadsheets/d/${spreadsheetId}/edit#gid=0`,
      sheet: TAB,
      keyColumn: 'profile url',
      serviceAccount: account,
      baseUrl,
      allowPrivateNetwork: true,
    }
    const team = await mirror.tidemark.connect('sheets', { id: 'team', options })
    expect(await team.sync()).toMatchObject({ status: 'succeeded' })
    const everything = JSON.stringify(mirror.sql('select * from tm_connections'))
    expect(everything).not.toContain(account.private_key.slice(60, 90))
    expect(everything).toContain(spreadsheetId)
  })

  test('takes a key whose line breaks were doubled on the way, and a file that begins with a mark', async () => {
    await using given = await connected({ people: 2 })
    const { site, connect, sync } = given
    const account = JSON.parse(site.serviceAccount) as { private_key: string }
    const doubled = JSON.stringify({ ...account, private_key: account.private_key.replaceAll('\n', '\\n') })
    await connect({ serviceAccount: `\uFEFF${doubled}` })
    given.world.expireAccess()
    expect(await sync()).toMatchObject({ status: 'succeeded' })
  })

  test("is signed by Google's clock where that of the machine is wrong", async () => {
    await using given = await connected({ people: 2 })
    const { clock, site, sync } = given
    for (const ms of [5 * 3_600_000, -10 * 3_600_000]) {
      clock.skip(ms)
      given.world.expireAccess()
      expect(await sync()).toMatchObject({ status: 'succeeded' })
      expect(site.log.count('/token')).toBeLessThanOrEqual(2)
    }
  })

  test.each([
    ['{', 'no JSON'],
    ['[]', 'no JSON object'],
    ['{"type":"authorized_user"}', 'JSON key of a service account'],
    ['{"client_email":"a@b","private_key":"x"}', 'no RSA key'],
    ['{"client_email":"a@b","private_key":"x","token_uri":"ftp://x"}', 'no http address'],
  ])('with %s is refused, and says why', async (serviceAccount, why) => {
    await expect(connected({}, { serviceAccount })).rejects.toMatchObject({
      code: 'options_invalid',
      message: expect.stringContaining(why),
    })
  })
})

test('limits are waited for', async () => {
  await using given = await connected({ people: 3 })
  const { site, sync } = given
  site.faults.next({ kind: 'status', status: 429 })
  expect(await sync()).toMatchObject({ status: 'succeeded' })
})
