// Owns the proof of what `tidemark search` shows a person: each text once, that there is more, and where nothing can be found.

import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { place } from './program.ts'

test('shows the best, and that there are more', async (ending) => {
  const github = await githubEmulator({ stars: 60, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const empty = await here.ask(['projects', 'create', 'default'])
  expect(empty.code).toBe(0)
  const nothing = await here.ask(['search', 'typed'])
  expect(nothing.stderr).toBe(
    'No stream here can be searched: no connector of this project declares the text of its records.\n',
  )
  const login = ['--set', 'user=ada', '--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true']
  await here.ask(['connect', 'github', '--id', 'me', ...login, '--no-check'])
  await here.ask(['sync'])
  const [{ full_name: name = '' } = {}] = (await here.ask(['records', 'me/stars', '--limit', '1', '--json'])).json
  const found = await here.ask(['search', String(name), '--limit', '1'])
  expect(found.stdout).toContain(name)
  expect(found.stderr).toContain('The best 1; there may be more: --limit 2')
  expect((await here.ask(['search', 'xyzzyplugh'])).stderr).toContain('No record has all of these words.')
})

test('a connection that only makes vectors is not taken for nothing', async (ending) => {
  const here = place(ending)
  const options = ['--set', 'model=m', '--set', 'baseUrl=http://127.0.0.1:9', '--set', 'allowPrivateNetwork=true']
  await here.ask(['connect', 'embeddings', '--id', 'vectors', ...options, '--no-check'])
  const says =
    'There is nothing to read yet: vectors has no stream of its own: search --semantic uses what its service makes. ' +
    'To connect a service that has streams: tidemark connect --help\n'
  for (const command of [['sync'], ['status'], ['sync', '--plan']]) {
    const { code, stdout, stderr } = await here.ask(command)
    expect([command, code, stdout, stderr]).toEqual([command, 0, '', says])
  }
  const github = await githubEmulator({ stars: 3, limits: false })
  ending.onTestFinished(() => github.close())
  const login = ['--set', 'user=ada', '--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true']
  await here.ask(['connect', 'github', '--id', 'me', ...login, '--no-check'])
  const { stdout, stderr } = await here.ask(['status'])
  expect([stdout.split('\n').length, stderr]).toEqual([3, says.slice(30, says.indexOf(' To connect')) + '\n'])
  expect((await here.ask(['sync'])).stderr).not.toContain('nothing to read')
})
