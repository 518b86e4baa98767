// Owns the proof of the command line itself: what is wrong with one is said in words and exits 2, global options stand
// anywhere, and help needs no engine.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { place } from './program.ts'

describe('the command line', () => {
  const CASES: readonly [what: string, args: string[], code: string][] = [
    ['no command', [], 'command_missing'],
    ['an unknown command', ['snyc'], 'command_unknown'],
    ['a word that every object knows', ['constructor'], 'command_unknown'],
    ['an unknown option', ['status', '--nope'], 'option_unknown'],
    ['an option without its value', ['runs', '--limit'], 'option_invalid'],
    ['an option with a wrong value', ['runs', '--limit', '0'], 'option_invalid'],
    ['a missing option', ['connect', 'github'], 'option_missing'],
    ['a missing argument', ['records'], 'argument_missing'],
    ['an argument too many', ['status', 'me'], 'argument_unexpected'],
    ['a project that cannot be', ['status', '--project', 'a/b'], 'option_invalid'],
    ['two formats', ['sql', 'select 1', '--format', 'csv'], 'option_conflict'],
    ['a database without a name', ['status', '--database', ''], 'option_invalid'],
  ]

  test.each(CASES)('with %s exits 2', async (_, args, code) => {
    const outcome = await place().ask([...args, '--json'])
    expect([outcome.code, outcome.json.error.code]).toEqual([2, code])
    expect(outcome.json.error).toEqual({
      code,
      message: expect.any(String),
      hint: outcome.json.error.hint,
      verdict: 'stop',
    })
    expect(outcome.stderr).toMatch(new RegExp(`^${code}: [^\\n]+\\n`, 'm'))
    expect(outcome.stderr).not.toMatch(/ at .*\.[tj]s:\d+/)
  })

  test('says what was probably meant', async () => {
    const { stderr, stdout } = await place().run(['snyc'])
    expect(stdout).toBe('')
    expect(stderr).toBe("command_unknown: unknown command 'snyc'\nhint: Did you mean sync? See: tidemark --help\n")
  })

  test('takes global options before and after the command', async () => {
    const here = place()
    for (const args of [
      ['--database', 'a.db', '--json', 'status'],
      ['status', '--json', '--database=b.db'],
    ]) {
      const file = args.find((word) => word.endsWith('.db'))!.replace('--database=', '')
      await here.run(['projects', 'create', 'default', '--database', file])
      expect((await here.run(args)).json).toEqual({ connections: [], streams: [] })
    }
    await here.run(['projects', 'create', 'default'], { env: { TIDEMARK_DATABASE: 'c.db' } })
    expect(['a.db', 'b.db', 'c.db', 'tidemark.db'].map((name) => existsSync(join(here.folder, name)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('shows stack traces only to those who ask', async () => {
    const here = place()
    await here.ask(['projects', 'create', 'default'])
    const { stderr } = await here.ask(['run', 'none'], { env: { TIDEMARK_DEBUG: '1' } })
    expect(stderr).toMatch(/^run_unknown: .*\n(?:.*\n)*TidemarkError: .*\n +at /)
  })

  test('help and version load no engine, and are on stdout', () => {
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
    const seen = `process.on('exit', () => console.error(process.moduleLoadList.some((name) => name.includes('sqlite'))))`
    for (const args of [['--help'], ['sync', '--help'], ['help', 'sync'], ['--version']]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${seen}`, bin, ...args],
        {
          encoding: 'utf8',
        },
      )
      expect([status, stderr]).toEqual([0, 'false\n'])
      expect(stdout).toMatch(args[0] === '--version' ? /^\d+\.\d+\.\d+\n$/ : /^Usage: tidemark /)
    }
  })
})
