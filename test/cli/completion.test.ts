// Owns the proof of completion: a real bash that loads the script completes commands, options, and what is connected.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { type Place, place } from './program.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
const hasBash = spawnSync('bash', ['--version']).status === 0

/** What bash offers at the end of a line. */
function completions(here: Place, words: readonly string[]): string[] {
  const bin = join(here.folder, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'tidemark'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 })
  const script = `eval "$(tidemark completion bash)"
    COMP_WORDS=(tidemark "$@"); COMP_CWORD=$#
    _tidemark
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { ...here.env, PATH: `${bin}:${process.env['PATH']}` }
  const said = execFileSync('bash', ['-u', '-c', script, 'bash', ...words], { cwd: here.folder, env, encoding: 'utf8' })
  return said.split('\n').filter((line) => line !== '')
}

describe.runIf(hasBash)('bash completes', () => {
  test('commands, options, and the names of connections and streams', async () => {
    const here = place()
    await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada'])
    await here.ask([
      'connect',
      'github',
      '--id',
      'you',
      '--no-check',
      '--set',
      'user=bob',
      '--database',
      join(here.folder, 'b.db'),
    ])
    expect(completions(here, ['']).sort()).toEqual([...Object.keys(COMMANDS), 'help'].sort())
    expect(completions(here, ['conn'])).toEqual(expect.arrayContaining(['connect', 'connections', 'connectors']))
    expect(completions(here, ['sync', '--m'])).toEqual(['--mode', '--max-requests', '--max-cost'])
    expect(completions(here, ['sync', '--data'])).toEqual(['--database'])
    expect(completions(here, ['sync', ''])).toEqual(['me', 'me/stars'])
    expect(completions(here, ['--json', 'sync', 'me/'])).toEqual(['me/stars'])
    expect(completions(here, ['records', 'm'])).toEqual(['me/stars'])
    expect(completions(here, ['sync', '--mode', ''])).toEqual(expect.arrayContaining(['auto', 'full']))
    expect(completions(here, ['records', 'me/stars', '--format', 'j'])).toEqual(['json', 'jsonl'])
    expect(completions(here, ['metrics', 'me/stars', '--by', ''])).toEqual(['run', 'day'])
    expect(completions(here, ['pause', ''])).toEqual(['me'])
    expect(completions(here, ['--database', 'b.db', 'pause', ''])).toEqual(['you'])
    expect(completions(here, ['connect', 'git'])).toEqual(['github'])
    expect(completions(here, ['help', 'sy'])).toEqual(['sync'])
    expect(completions(here, ['projects', ''])).toEqual(['list', 'create'])
    expect(completions(here, ['--quiet', 'removals', 'a'])).toEqual(['approve'])
    expect(completions(here, ['quarantine', 'retry', ''])).toEqual(['me'])
    expect(completions(here, ['projects', 'create', ''])).toEqual([])
    expect(completions(here, ['connections', '--a'])).toEqual(['--all'])
    expect(completions(here, ['disconnect', 'me', '--p'])).toEqual(['--purge', '--project'])
    // A value, and files: nothing of ours.
    expect(completions(here, ['sync', '--max-cost', ''])).toEqual([])
    expect(completions(here, ['backup', ''])).toEqual([])
  })

  test('nothing, and silently, where there is no database', () => {
    expect(completions(place(), ['sync', ''])).toEqual([])
  })
})

describe('the scripts', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s know every command and every option', async (shell) => {
    const { code, stdout } = await place().ask(['completion', shell])
    expect(code).toBe(0)
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`))
    expect(stdout).toMatch(shell === 'fish' ? / -l max-requests -r -d / : /--max-requests/)
    expect(stdout).toMatch(shell === 'fish' ? / -s q -l quiet / : /--quiet\b.*-q\b/)
    expect(stdout).not.toContain('--list <')
    expect(stdout.split("'").length % 2).toBe(1)
  })

  test.runIf(hasBash)('for bash is one that bash can read', async () => {
    const { stdout } = await place().ask(['completion', 'bash'])
    // What bash has to say of a locale that is not installed is no business of the script.
    const env = { ...process.env, LC_ALL: 'C' }
    expect(spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8', env }).stderr).toBe('')
  })

  test('for another shell there is none', async () => {
    for (const args of [['completion', 'tcsh'], ['completion']]) {
      const { code, json } = await place().ask([...args, '--json'])
      expect([code, json.error.code]).toEqual([2, args.length === 1 ? 'argument_missing' : 'argument_invalid'])
    }
  })
})
