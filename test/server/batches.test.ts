// Owns the proof that a batch is known to whoever asked for it after the server has gone: what has ended, and what never will.

import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { thisHolder } from '../../src/engine/runs/process.ts'
import { createApp } from '../../src/server/app.ts'
import { apiWorld } from './api-world.ts'

test('another server of the database tells what a batch came to', async () => {
  const { call, connected, tokens, mirror, tidemark } = await apiWorld()
  await connected()
  const { json } = await call('/api/runs', tokens.sync, { method: 'POST', body: { wait: true } })
  expect(json).toMatchObject({ finished: true, success: true, results: [{ project: 'default', updatedCount: 30 }] })
  const other = await assemble({ database: mirror.file, key: new Uint8Array(32).fill(7) })
  onTestFinished(() => other.close())
  const app = createApp({ api: { tidemark: () => other } })
  const ask = async (id: string) => {
    const headers = { authorization: `Bearer ${tokens.read}` }
    return (await app.request(`http://localhost/api/runs?batch=${id}`, { headers })).json()
  }
  expect(await ask(json.batch)).toEqual(json)
  expect(await ask('none')).toMatchObject({ code: 'batch_unknown' })
  // One whose process died before it came to an end.
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const holder = { ...thisHolder('gone'), pid }
  const { batches } = tidemark.store
  await batches.begin({ id: 'b', project: 'default', at: 0, projects: ['default', 'lab'], holder }, [], 10)
  await batches.finish('b', 'lab', { result: JSON.stringify({ ...json.results[0], project: 'lab' }), at: 1 })
  expect(await ask('b')).toMatchObject({
    finished: true,
    success: false,
    successCount: 1,
    errorCount: 1,
    results: [{ project: 'lab' }, { project: 'default', errors: [expect.stringContaining('run_interrupted')] }],
  })
})

test('what may be used is for all projects together', async () => {
  const { call, connected, tokens, tidemark, github } = await apiWorld({ stars: 30 })
  await connected()
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  for (const project of ['lab', 'third']) {
    if (project === 'third') await tidemark.createProject(project)
    await tidemark.performFor(project, 'connect', { connector: 'github', id: 'me' }, { options, check: false })
  }
  const body = { project: 'all', wait: true, maxRequests: 2 }
  const { json } = await call('/api/runs', tokens.admin, { method: 'POST', body })
  expect(json).toMatchObject({ totalProjects: 3, finished: true })
  const runs = await Promise.all(['default', 'lab', 'third'].map((project) => tidemark.performFor(project, 'runs', {})))
  expect(runs.flat().reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(2)
  const wrong = await call('/api/runs', tokens.admin, { method: 'POST', body: { project: 'all', maxCost: 'much' } })
  expect([wrong.status, wrong.json.code]).toEqual([400, 'option_invalid'])
})
