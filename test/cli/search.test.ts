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
