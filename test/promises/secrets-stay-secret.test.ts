import { expect, test } from 'vitest'
import { defineConnector, fullPass, secret, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

test('what a connector throws is told without the secrets that it had in hand', async () => {
  const leaky = defineConnector(
    {
      name: 'leaky',
      title: 'Throws what it knows',
      options: z.object({ token: secret('API token') }),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      things: stream({
        schema: z.object({ id: z.string() }),
        key: (thing) => thing.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: ({ options }) => Promise.reject(new Error(`could not use ${options.token}`)),
          }),
        ],
      }),
    },
  )
  const said: string[] = []
  const logger = { event: (...event: unknown[]) => void said.push(JSON.stringify(event)) }
  await using mirror = await openMirror({ logger })
  const connection = await mirror.tidemark.connect(leaky, { id: 'mine', options: { token: 'a-very-secret-token' } })
  const run = await connection.sync()
  expect(run).toMatchObject({ status: 'failed', error: { code: 'unexpected', message: 'Error: could not use …' } })
  expect(run.error?.hint).toContain('A bug in the connector "leaky", or in Tidemark')
  expect(JSON.stringify([run, said, mirror.sql('select * from runs')])).not.toContain('a-very-secret-token')
})
