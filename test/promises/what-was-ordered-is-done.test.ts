// Owns the promise that a run which the server has accepted is done, whatever becomes of its process: killed or told to stop,
// while the run is under way or while it still waits, the next server carries it out.

import { expect, onTestFinished, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from '../cli/program.ts'
import { type Answer, serve } from '../support/serving.ts'

const STARS = 600

async function world(): Promise<{ readonly here: Place; readonly github: GitHubEmulator }> {
  const github = await githubEmulator({ stars: STARS, limits: false })
  onTestFinished(() => github.close())
  const here = place()
  await here.ask(connectGitHub(github))
  return { here, github }
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a run under way and one that waits are done after %s',
  async (signal) => {
    const { here, github } = await world()
    const first = await serve(here, undefined)
    github.faults.when({}, { kind: 'delay', ms: 1_500 })
    const begun = await first.api('POST', '/api/connections/me/runs', {})
    expect([begun.status, begun.json.status]).toEqual([202, 'running'])
    const queued = await first.api('POST', '/api/connections/me/runs', { mode: 'full', maxRequests: 1_000 })
    expect([queued.status, queued.json.status]).toEqual([202, 'queued'])
    await first.end(signal)
    github.faults.clear()
    const next = await serve(here, first.token)
    const order = async () => (await next.api('GET', `/api/orders/${queued.json.order}`)).json
    await expect.poll(async () => (await order()).status, { timeout: 100_000 }).toBe('ended')
    const { json } = await next.api('GET', '/api/runs')
    const runs = json.runs.map(({ mode, status }: Answer) => [mode, status])
    const left = signal === 'SIGKILL' ? 'failed' : 'cancelled'
    expect(runs).toEqual([
      ['full', 'succeeded'],
      ['auto', 'succeeded'],
      ['auto', left],
    ])
    expect((await order()).run.id).toBe(json.runs[0].id)
    expect((await next.api('GET', '/api/connections/me')).json.totals).toEqual({ stars: STARS })
    await next.end('SIGTERM')
  },
  180_000,
)
