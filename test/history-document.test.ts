// Owns the proof that docs/history.md is true: every command in it runs, and its tables name what the code does.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ruleOf } from '../src/engine/history/explain.ts'
import { type GitHubEmulator, githubEmulator } from '../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from './cli/program.ts'
import { shellWords } from './cli/shell-words.ts'

const text = readFileSync(join(import.meta.dirname, '..', 'docs', 'history.md'), 'utf8')
const commands = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'))

describe('docs/history.md', { shuffle: false }, () => {
  let here: Place
  let github: GitHubEmulator
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    mkdirSync(join(here.folder, 'out'))
    github = await githubEmulator({ stars: 30, limits: false })
    await here.ask(connectGitHub(github))
    await here.ask(['sync'])
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github.close()
  })

  test('has commands', () => expect(commands.length).toBeGreaterThan(15))

  // One after the other: a consumer is made before it is forgotten.
  test.each(commands)('%s', async (line) => {
    const [program, ...words] = shellWords(line)
    expect(program).toBe('tidemark')
    const key = String(github.world.starIds('ada')[0])
    const args = words.map((word, i) => {
      if (words[i - 1] === '--out' && word !== '-') return join(here.folder, 'out', word)
      return word === '1029384' ? key : word
    })
    const { code, stderr } = await here.ask(args)
    // The mirror was made a moment ago: that nothing is known of an earlier moment is said.
    expect([
      code,
      stderr
        .replace(/^The feed begins with the oldest change\. Go on: .*\n/m, '')
        .replace(/^note: me\/stars was first read just now.*\n/, ''),
    ]).toEqual([0, ''])
  })

  test('names every rule, in its words', () => {
    const rules = [
      ruleOf('insert', 1, null),
      ruleOf('update', 1, null),
      ruleOf('restore', 1, null),
      ruleOf('remove', null, 'not_listed'),
      ruleOf('remove', null, 'not_returned'),
      ruleOf('remove', null, 'not_in_upload'),
      ruleOf('remove', null, 'approved'),
      ruleOf('restore', null, null),
      ruleOf('superseded', 1, 'older_version'),
      ruleOf('superseded', 1, 'asked_before_removal'),
    ]
    const told = [...text.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)].map(([, name, says]) => ({ name, says }))
    expect(told).toEqual(rules)
  })
})
