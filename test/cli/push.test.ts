// Owns the promises of `tidemark push`: the browsers that are told are listed without their addresses, tried, and ended.

import { expect, onTestFinished, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { pushService } from '../support/push-service.ts'
import { place } from './program.ts'

test('a browser is listed, tried and ended', async (ending) => {
  const here = place(ending)
  const env = { TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
  const service = await pushService()
  const { endpoint, p256dh, auth, told } = service.browser()
  const push = { allowPrivateNetwork: true }
  const tidemark = await openTidemark({ database: `${here.folder}/tidemark.db`, key: findKey(env, () => {}), push })
  onTestFinished(() => tidemark.close())
  expect((await here.ask(['push'], { env })).stderr).toContain('turn them on in the dashboard')
  const { id } = await tidemark.push.subscribe({ endpoint, p256dh, auth, note: 'Phone' })
  const listed = await here.ask(['push', '--json'], { env })
  expect(listed.json.subscriptions).toEqual(await tidemark.push.list())
  expect(listed.stdout).not.toContain('/send/')
  expect((await here.ask(['push'], { env })).stdout).toContain('Phone')
  expect(await here.ask(['push', 'test', id], { env })).toMatchObject({
    code: 0,
    stdout: 'Its push service took it: 201.\n',
  })
  expect(told).toMatchObject([{ title: 'Notifications arrive' }])
  service.answers.push(500)
  expect(await here.ask(['push', 'test', id], { env })).toMatchObject({ code: 1 })
  expect((await here.ask(['push', 'delete', id], { env })).stdout).toContain('told nothing more')
  const gone = await here.ask(['push', 'test', id, '--json'], { env })
  expect(gone).toMatchObject({ json: { error: { code: 'subscription_unknown' } } })
})
