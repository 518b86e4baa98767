// Owns the proof of `sync --plan`: what it foretells is what then happens, and it does nothing.

import { describe, expect, test } from 'vitest'
import { connectGitHub, until } from './program.ts'
import { world } from './sync-world.ts'

describe.concurrent('a plan', () => {
  test('asks nothing, writes nothing, and is what then happens', async (ending) => {
    const { github, here } = await world(ending)
    const before = await here.run(['sync', '--plan', '--json'])
    expect(before.json.plans[0]).toMatchObject({ connection: 'me', requests: null, streams: [{ stream: 'stars' }] })
    expect([before.code, github.log.count()]).toEqual([0, 0])
    await here.ask(['sync'])
    for (const mode of ['auto', 'full'] as const) {
      github.log.reset()
      const { code, json } = await here.ask(['sync', '--plan', '--mode', mode, '--json'])
      expect([code, github.log.count()]).toEqual([0, 0])
      const { runs } = (await here.ask(['sync', '--mode', mode, '--json'])).json
      expect(json.plans[0].requests).toBe(runs[0].requests)
      expect(json.plans[0].streams[0].passes.map(({ pass }: { pass: string }) => pass)).toEqual(
        runs[0].streams[0].passes.map(({ pass }: { pass: string }) => pass),
      )
      expect(json.plans[0].streams[0].removalsAtRisk).toBe(mode === 'full' ? 25 : 0)
    }
    expect((await here.ask(['runs', '--json'])).json.runs).toHaveLength(3)
  })

  test('holds after a run that was killed', async (ending) => {
    const { github, here } = await world(ending, { stars: 650 })
    for (const mode of ['auto', 'full']) {
      github.faults.when({ path: '/user/starred', query: { page: '5' } }, { kind: 'delay', ms: 20_000 }, 1)
      const before = github.faults.served()['delay'] ?? 0
      const run = here.start(['sync', '--mode', mode])
      await until(() => github.faults.served()['delay'] === before + 1)
      run.child.kill('SIGKILL')
      await run.ended
      const [killed] = (await here.ask(['runs', '--json'])).json.runs
      expect(killed).toMatchObject({ status: 'failed', error: { code: 'run_interrupted' }, progress: null })
      const plan = (await here.ask(['sync', '--plan', '--json'])).json.plans[0]
      const { code, json } = await here.ask(['sync', '--json'])
      expect(code).toBe(0)
      expect(plan.streams[0].passes).toHaveLength(2)
      expect(plan.requests).toBe(json.runs[0].requests)
      for (const part of ['pass', 'requests'] as const) {
        const of = (passes: Record<string, unknown>[]) => passes.map((pass) => pass[part])
        expect(of(plan.streams[0].passes)).toEqual(of(json.runs[0].streams[0].passes))
      }
    }
  })

  test('tells each connection for itself: one that is paused, one that an allowance leaves nothing', async (ending) => {
    const { github, here } = await world(ending)
    for (const id of ['two', 'three']) await here.ask(connectGitHub(github, id))
    await here.ask(['sync'])
    await here.ask(['pause', 'two'])
    const named = ['sync', 'me', 'two', 'three', '--plan']
    const { code, json } = await here.ask([...named, '--mode', 'full', '--max-requests', '6', '--json'])
    expect(code).toBe(4)
    const [me, three, two] = json.plans.toSorted((a: { connection: string }, b: { connection: string }) =>
      a.connection < b.connection ? -1 : 1,
    )
    expect(me).toMatchObject({ requests: 4, stop: null })
    expect(three).toMatchObject({ requests: 2, stop: { code: 'requests_spent', needs: 4 } })
    expect(two).toMatchObject({ paused: ['user'], requests: 0, stop: { code: 'connection_paused' } })
    const { stdout } = await here.ask([...named, '--max-requests', '1'])
    expect(stdout).toMatch(/^two {2}auto · nothing will be read\n {4}Connection "two" is paused by you/m)
  })
})
