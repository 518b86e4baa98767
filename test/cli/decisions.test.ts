// What a person sees and types when something waits for a decision: removals, quarantine, budgets.

import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { place } from './program.ts'

type Ending = NonNullable<Parameters<typeof place>[0]>

async function world(ending: Ending) {
  const github = await githubEmulator({ stars: 150 })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const connect = [
    'connect',
    'github',
    '--id',
    'me',
    '--set',
    `baseUrl=${github.url}`,
    '--set',
    'allowPrivateNetwork=true',
  ]
  expect((await here.ask([...connect, '--set', 'token=token-of-ada', '--json'])).code).toBe(0)
  expect((await here.ask(['sync'])).code).toBe(0)
  return { github, here }
}

test('held removals: the sync says so, the list shows them, approve and undo do what they say', async (ending) => {
  const { github, here } = await world(ending)
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  const sync = await here.ask(['sync', '--mode', 'full'])
  expect(sync.code).toBe(3)
  // Quiet hides what there is to know, not what is wrong.
  for (const quiet of [[], ['--quiet']]) {
    const status = await here.ask(['status', ...quiet])
    expect(status.stdout).toMatch(/^me +stars +150 +held 30 /m)
    expect(status.stderr).toBe('me/stars: 30 removals are held for you: tidemark removals\n')
  }
  expect((await here.ask(['status', '--json'])).json.streams).toMatchObject([{ coverage: 'held', held: 30 }])
  expect((await here.ask(['sql', 'select coverage, held from streams', '--json'])).json).toEqual([
    { coverage: 'held', held: 30 },
  ])
  expect((await here.ask(['sync'])).code).toBe(3)
  const { removals } = (await here.ask(['removals', '--json'])).json
  expect(removals).toMatchObject([{ connection: 'me', stream: 'stars', held: 30, removed: 0 }])
  const run = removals[0].run as string
  expect((await here.ask(['removals'])).stdout).toContain('30 of 150')
  expect((await here.ask(['removals', '--connection', 'me', '--json'])).json).toEqual({ removals })
  expect((await here.ask(['removals', '--connection', 'nobody'])).stderr).toContain('There is no connection "nobody"')
  const approved = await here.ask(['removals', 'approve', run])
  expect([approved.code, approved.stdout]).toEqual([0, 'me/stars: 30 records removed.\n'])
  expect((await here.ask(['sql', 'select count(*) as n from github_stars', '--json'])).json).toEqual([{ n: 120 }])
  const undone = await here.ask(['removals', 'undo', run])
  expect(undone.stdout).toBe('me/stars: 30 records brought back, and kept until the source lists them again.\n')
  expect((await here.ask(['sql', 'select count(*) as n from github_stars', '--json'])).json).toEqual([{ n: 150 }])
  const again = await here.ask(['removals', 'undo', run, '--json'])
  expect([again.code, again.json.error.code]).toEqual([2, 'removals_unknown'])
  const kept = (await here.ask(['removals'])).stdout
  expect(kept).toMatch(/HELD +REMOVED +KEPT/)
  expect(kept).toMatch(/ 0 +0 +30/)
  const after = await here.ask(['removals', 'approve', run])
  expect([after.code, after.stdout]).toEqual([0, 'me/stars: 30 records removed.\n'])
})

test('what a full pass did not list any more is said by the sync and the status, and listed with its keys', async (ending) => {
  const { github, here } = await world(ending)
  // Without a token nobody may be asked by key: the next full pass is the second witness.
  await here.ask([
    'connect',
    'github',
    '--id',
    'open',
    '--set',
    `baseUrl=${github.url}`,
    '--set',
    'user=ada',
    '--set',
    'allowPrivateNetwork=true',
  ])
  await here.ask(['sync', 'open'])
  const gone = [11, 40, 90].map((at) => String(github.world.unstarAt('ada', at))).sort()
  const sync = await here.ask(['sync', 'open', '--mode', 'full'])
  const words = '3 not listed any more; the next run confirms'
  expect([sync.code, sync.stdout]).toEqual([0, expect.stringContaining(`\n    note: stars: ${words}\n`)])
  expect((await here.ask(['status'])).stderr).toContain(`open/stars: ${words}\n`)
  expect((await here.ask(['status', '--quiet'])).stderr).toBe('')
  const { removals } = (await here.ask(['removals', '--json'])).json
  expect(removals).toMatchObject([{ connection: 'open', held: 0, removed: 0, unconfirmed: 3, unconfirmedKeys: gone }])
  expect((await here.ask(['removals'])).stdout).toContain(`\nopen/stars: ${words}: ${gone.join(', ')}\n`)
  const next = await here.ask(['sync', 'open', '--json'])
  expect([next.code, next.json.runs[0].streams[0].counts]).toMatchObject([0, { removed: 3, unconfirmed: 0 }])
  expect((await here.ask(['removals', '--json'])).json.removals).toMatchObject([{ removed: 3, unconfirmedKeys: [] }])
})

test('a wrong verb, or one without a run, is told with what there is', async (ending) => {
  const { here } = await world(ending)
  const wrong = await here.ask(['removals', 'delete'])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('list, approve, reject, undo')
  expect((await here.ask(['removals', 'approve'])).stderr).toContain('needs the id of a run')
  expect((await here.ask(['quarantine', 'drop'])).stderr).toContain('list, retry')
})

test('nothing to decide on is told on stderr, and as empty lists', async (ending) => {
  const { here } = await world(ending)
  expect((await here.ask(['removals'])).stderr).toContain('Nothing is held')
  expect((await here.ask(['removals', '--json'])).json).toEqual({ removals: [] })
  expect((await here.ask(['quarantine', '--json'])).json).toEqual({ quarantine: [], more: 0 })
  const retried = await here.ask(['quarantine', 'retry', '--json'])
  expect([retried.code, retried.json]).toEqual([0, { released: 0, remaining: [] }])
  const told = await here.ask(['quarantine', 'retry'])
  expect([told.stdout, told.stderr]).toEqual(['', 'Nothing is in quarantine.\n'])
})

test('a record that could not be read is listed with its error, and stays in quarantine while it can’t be', async (ending) => {
  const { github, here } = await world(ending)
  const bad = JSON.stringify([{ starred_at: '2026-01-01T00:00:00Z', repo: { id: 77 } }])
  github.faults.when({ path: '/user/starred' }, { kind: 'body', body: bad }, 1)
  expect(await here.ask(['sync'])).toMatchObject({ code: 3, stdout: expect.stringContaining('1 record could not') })
  expect((await here.ask(['status'])).stderr).toContain('me/stars: 1 record could not be read: tidemark quarantine\n')
  const listed = (await here.ask(['quarantine', '--json'])).json.quarantine
  expect(listed).toMatchObject([{ connection: 'me', stream: 'stars', code: 'record_invalid', times: 1 }])
  expect(listed[0].raw).toContain('"id":77')
  const retried = await here.ask(['quarantine', 'retry', 'me'])
  expect(retried.code).toBe(3)
  expect(retried.stdout).toContain('0 records could be read now; 1 record still')
  // The same record has the same name in both.
  const { remaining } = (await here.ask(['quarantine', 'retry', '--json'])).json
  expect(remaining).toMatchObject([{ id: listed[0].id, connection: 'me', stream: 'stars' }])
  expect(remaining[0]).not.toHaveProperty('identity')
})

test('of a long quarantine the list shows some, and says how many more there are', async (ending) => {
  const { github, here } = await world(ending)
  const bad = Array.from({ length: 60 }, (_, i) => ({ starred_at: '2026-01-01T00:00:00Z', repo: { id: 1_000 + i } }))
  github.faults.when({ path: '/user/starred' }, { kind: 'body', body: JSON.stringify(bad) }, 1)
  await here.ask(['sync'])
  const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('me/stars')).length
  const usual = await here.ask(['quarantine'])
  expect([lines(usual.stdout), usual.stderr]).toEqual([
    50,
    expect.stringContaining('10 more: tidemark quarantine list --limit 60'),
  ])
  const all = await here.ask(['quarantine', 'list', 'me', '--limit', '60'])
  expect([lines(all.stdout), all.stderr]).toEqual([60, expect.not.stringContaining('more')])
  const { json } = await here.ask(['quarantine', '--limit', '7', '--json'])
  expect([json.quarantine.length, json.more]).toEqual([7, 53])
  const wrong = await here.ask(['quarantine', 'retry', '--limit', '5', '--json'])
  expect([wrong.code, wrong.json.error.code]).toEqual([2, 'option_conflict'])
})

test('a budget is set, shown with what is spent, kept to, and taken away', async (ending) => {
  const { here } = await world(ending)
  const set = await here.ask(['budget', 'me', '--requests', '5/hour', '--json'])
  expect(set.json).toEqual({
    budgets: [
      { scope: 'connection', name: 'me', requests: { max: 5, per: 'hour', spent: 3 }, cost: null, currency: null },
    ],
  })
  const sync = await here.ask(['sync', '--mode', 'full', '--json'])
  expect([sync.code, sync.json.runs[0].error.code, sync.json.runs[0].requests]).toEqual([3, 'budget_spent', 2])
  expect((await here.ask(['budget', 'show'])).stdout).toContain('5 of 5 per hour')
  const plan = await here.ask(['sync', '--plan'])
  expect(plan.stdout).toContain('nothing will be read')
  expect(plan.stdout).toContain('0 of 5 requests per hour left')
  expect((await here.ask(['budget', 'me', '--requests', 'off', '--json'])).json).toEqual({ budgets: [] })
  expect((await here.ask(['sync'])).code).toBe(0)
})

test('a budget that is none is refused with how it is written', async (ending) => {
  const { here } = await world(ending)
  for (const [text, why] of [
    ['many', 'not "many"'],
    ['', 'not ""'],
    ['1e3/hour', 'not "1e3/hour"'],
    ['5', 'needs its window'],
    ['5/', 'needs its window'],
    ['5/fortnight', 'knows no window "fortnight"'],
    ['5/toString', 'knows no window "toString"'],
    ['0/hour', 'would let nothing run'],
    ['-5/hour', 'less than nothing'],
    ['1.5/hour', 'is a whole number'],
  ] as const) {
    const { code, stderr } = await here.ask(['budget', 'me', `--requests`, text])
    expect([text, code]).toEqual([text, 2])
    expect(stderr).toContain(why)
    expect(stderr).toContain('500/hour')
  }
  expect((await here.ask(['budget', 'me', '--cost', '-1/day'])).stderr).toContain('2.50/day')
  for (const args of [['nobody'], ['nobody', '--cost', '2/day']]) {
    const { json } = await here.ask(['budget', ...args, '--json'])
    expect(json.error).toMatchObject({ code: 'budget_unknown', hint: expect.stringContaining('Connections: me') })
  }
  expect((await here.ask(['budget', 'show'])).stderr).toContain('There are no budgets')
  expect((await here.ask(['budget', '--cost', '2/day'])).code).toBe(2)
  expect((await here.ask(['budget', 'nobody', '--cost', '2/day', '--json'])).json.error.code).toBe('budget_unknown')
})
