import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

test('a secret that the source repeats in its errors stands in no log, no report and no file', async () => {
  await using github = await githubEmulator({ stars: 3 })
  const events: unknown[] = []
  const logger = { event: (...event: unknown[]) => void events.push(event) }
  await using mirror = await openMirror({ logger })
  const me = await mirror.github(github)
  const body = JSON.stringify({ message: 'worker 7 crashed on "Bearer token-of-ada"' })
  github.faults.next({ kind: 'status', status: 500, body }, 1)
  const retried = await me.sync()
  expect(retried.status).toBe('succeeded')
  github.faults.next({ kind: 'status', status: 422, body }, 1)
  const failed = await me.sync()
  expect(failed).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('worker 7') } })
  const said = JSON.stringify([events, retried, failed])
  expect(said).toContain('request.retried')
  expect(said).not.toContain('token-of-ada')
  for (const ending of ['', '-wal']) expect(readFileSync(mirror.file + ending).includes('token-of-ada')).toBe(false)
})
