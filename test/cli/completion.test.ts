// Owns the proof of completion: a real bash that loads the script completes commands, options, and what is connected.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { type Place, place } from './program.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
const hasBash = spawnSync('bash', ['--version']).status === 0

/** What bash offers at the end of each line; one shell loads the script once for them all. */
function completions(here: Place, lines: readonly (readonly string[])[]): string[][] {
  const bin = join(here.folder, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'tidemark'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 })
  const script = `eval "$(tidemark completion bash)"
    complete_line() { COMP_WORDS=(tidemark "$@"); COMP_CWORD=$#; COMPREPLY=(); _tidemark; printf '%s\\n' "\${COMPREPLY[@]}"; }
    ${lines.map((words) => `complete_line ${words.map((word) => `'${word}'`).join(' ')}; printf '\\f'`).join('\n')}`
  const env = { ...here.env, PATH: `${bin}:${process.env['PATH']}` }
  const said = execFileSync('bash', ['-u', '-c', script], { cwd: here.folder, env, encoding: 'utf8' })
  return said
    .split('\f')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((line) => line !== ''))
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
    const cases: readonly [words: readonly string[], offered: unknown][] = [
      [[''], expect.any(Array)],
      [['conn'], expect.arrayContaining(['connect', 'connections', 'connectors'])],
      [
        ['sync', '--m'],
        ['--mode', '--max-requests', '--max-cost'],
      ],
      [['sync', '--data'], ['--database']],
      [
        ['sync', ''],
        ['me', 'me/stars'],
      ],
      [['--json', 'sync', 'me/'], ['me/stars']],
      [['records', 'm'], ['me/stars']],
      [['sync', '--mode', ''], expect.arrayContaining(['auto', 'full'])],
      [
        ['records', 'me/stars', '--format', 'j'],
        ['json', 'jsonl'],
      ],
      [
        ['metrics', 'me/stars', '--by', ''],
        ['run', 'day'],
      ],
      [['pause', ''], ['me']],
      [['--database', 'b.db', 'pause', ''], ['you']],
      [['connect', 'git'], ['github']],
      [['help', 'sy'], ['sync']],
      [
        ['projects', ''],
        ['list', 'create'],
      ],
      [['--quiet', 'removals', 'a'], ['approve']],
      [['quarantine', 'retry', ''], ['me']],
      [['projects', 'create', ''], []],
      [['connections', '--a'], ['--all']],
      [
        ['disconnect', 'me', '--p'],
        ['--purge', '--project'],
      ],
      // A value, and files: nothing of ours.
      [['sync', '--max-cost', ''], []],
      [['backup', ''], []],
    ]
    const words = cases.map(([line]) => line)
    const offered = completions(here, words)
    expect(words.map((line, i) => [line, offered[i]])).toEqual(cases)
    expect(offered[0]?.sort()).toEqual([...Object.keys(COMMANDS), 'help'].sort())
  })

  test('nothing, and silently, where there is no database', () => {
    expect(completions(place(), [['sync', '']])).toEqual([[]])
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
