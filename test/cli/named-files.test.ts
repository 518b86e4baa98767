// What a person names may be a pipe that nobody holds the other end of, or a device that never ends: each command says so
// and ends, instead of waiting where no signal reaches.

import { spawnSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SMALL_FILE_MAX_BYTES } from '../../src/store/named-file.ts'
import { place } from './program.ts'

const isPosix = process.platform !== 'win32'

test.runIf(isPosix)('a pipe or a device that is named is refused, wherever a file is meant', async (ending) => {
  const here = place(ending)
  const path = (name: string) => join(here.folder, name)
  expect(spawnSync('sh', ['-c', 'mkfifo pipe'], { cwd: here.folder }).status).toBe(0)
  const options = ['username=ada', 'clientId=app', 'refreshToken=one'].flatMap((option) => ['--set', option])
  expect((await here.run(['connect', 'reddit', '--id', 'me', '--no-check', ...options])).code).toBe(0)
  const cases: readonly [code: string, args: readonly string[], env?: Readonly<Record<string, string>>][] = [
    ['argument_invalid', ['status', '--database', path('pipe')]],
    ['argument_invalid', ['sql', 'select 1', '--database', '/dev/zero']],
    ['argument_invalid', ['restore', path('pipe'), '--force']],
    ['argument_invalid', ['restore', '/dev/zero', '--drill']],
    ['config_invalid', ['status', '--config', path('pipe')]],
    ['output_failed', ['export', 'me/saved', '--out', path('pipe'), '--format', 'csv']],
    ['file_missing', ['upload', 'me/saved', path('pipe')]],
    ['key_unreadable', ['keys'], { TIDEMARK_KEY_FILE: path('pipe') }],
    ['key_unreadable', ['keys'], { TIDEMARK_KEY_FILE: '/dev/zero' }],
  ]
  for (const [code, args, env = {}] of cases) {
    const { json } = await here.run([...args, '--json'], { env: { TIDEMARK_KEY: undefined, ...env } })
    expect([args, json.error?.code]).toEqual([args, code])
  }
  writeFileSync(path('large'), ' '.repeat(SMALL_FILE_MAX_BYTES + 1))
  expect(
    (await here.run(['keys', '--json'], { env: { TIDEMARK_KEY: undefined, TIDEMARK_KEY_FILE: path('large') } })).json
      .error?.message,
  ).toContain('more than 1048576 bytes')
  symlinkSync(path('pipe'), path('.env'))
  expect((await here.run(['status', '--json'])).json.error).toMatchObject({ code: 'config_invalid' })
})
