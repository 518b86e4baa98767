// Owns the proof of the README: every command in it does what it says, and the lists in it are complete. That the output
// which it shows is real is proved where the demo runs (cli/serve.test.ts).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtIn, builtInNames } from '../src/built-in.ts'
import { type GitHubEmulator, githubEmulator } from '../src/testing/emulators/index.ts'
import { type Place, place } from './cli/program.ts'
import { shellWords } from './cli/shell-words.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
  scripts: Record<string, string>
}

/** The lines of all blocks of one language, without comments. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^\\1\`\`\`$`, 'gm'))].map(
    ([, , code]) => code ?? '',
  )
}
const commands = blocks('sh')
  .join('\n')
  .split('\n')
  .map((line) => line.replace(/ +#.*$/, '').trim())
  .filter((line) => line !== '')

test('its first commands are the two that do everything, set-up included', () => {
  expect(commands.slice(0, 2)).toEqual(['npm ci && npm start', 'npm ci && npm test'])
})

describe('every command of the README works', () => {
  let here: Place
  let github: GitHubEmulator
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    github = await githubEmulator({ stars: 120, limits: false })
    mkdirSync(join(here.folder, 'home'))
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github.close()
  })

  const tidemark = commands.filter((line) => line.startsWith('tidemark '))
  test('there are enough of them, in the order in which they are run here', () => {
    expect(tidemark.slice(0, 2)).toEqual(['tidemark connect github --id me --set user=ada', 'tidemark sync me'])
    expect(tidemark.length).toBeGreaterThan(8)
  })

  test.each(tidemark)('%s', async (line) => {
    const [, name, ...args] = shellWords(line)
    // The one thing that is not as it would be: where GitHub is.
    const more = name === 'connect' ? ['--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true'] : []
    const env = { GITHUB_TOKEN: 'token-of-ada', XDG_CONFIG_HOME: join(here.folder, 'home') }
    const { code, stdout, stderr } = await here.run([name ?? '', ...args, ...more], { env })
    expect([line, code, /^[a-z]+_[a-z_]+: .*/m.exec(stderr)]).toEqual([line, 0, null])
    expect(stdout).not.toBe('')
  })

  test('npm knows the others', () => {
    const others = commands.filter((line) => !line.startsWith('tidemark '))
    const isKnown = (line: string) => {
      const [program, verb, script] = shellWords(line)
      if (program === 'npx') return line === 'npx tidemark --version'
      const known =
        verb === 'run' ? script !== undefined && script in manifest.scripts : /^(?:ci|start|install)$/.test(verb ?? '')
      return program === 'npm' && known
    }
    expect(others.filter((line) => !isKnown(line))).toEqual([])
    expect(readme).toContain(`tidemark-${manifest.version}.tgz`)
    for (const [, script] of readme.matchAll(/`npm run ([a-z-]+)/g))
      expect(manifest.scripts).toHaveProperty(script ?? '')
  })

  test('its scripts in code are those of the program', async () => {
    const { stdout } = await here.run(['--help'])
    for (const [, name] of readme.matchAll(
      /`(?:tidemark )?(schedule|serve|history|explain|metrics|removals|budget|audit|doctor|backup)\b/g,
    )) {
      expect(stdout).toMatch(new RegExp(`^ +${name}\\b`, 'm'))
    }
  })

  test('its program of ten lines runs', async () => {
    const [program = ''] = blocks('ts')
    const options = `user: 'ada', token: 'token-of-ada', baseUrl: '${github.url}', allowPrivateNetwork: true`
    const text = program
      .replace("from 'tidemark'", `from '${join(root, 'src', 'index.ts')}'`)
      .replace("'tidemark/connectors/github'", `'${join(root, 'src', 'connectors', 'github.ts')}'`)
      .replace("user: 'ada'", options)
    expect(text).not.toBe(program)
    writeFileSync(join(here.folder, 'program.ts'), text)
    const child = await import('node:child_process')
    const env = { ...here.env, XDG_CONFIG_HOME: join(here.folder, 'home') }
    const args = ['--no-warnings', join(here.folder, 'program.ts')]
    const ran = await new Promise<{ code: number | null; out: string }>((resolve) => {
      const started = child.spawn(process.execPath, args, { cwd: here.folder, env })
      let out = ''
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (out += chunk))
      started.on('close', (code) => resolve({ code, out }))
    })
    expect([ran.code, ran.out.trim().split('\n').length]).toEqual([0, 5])
  })
})

test('the README lists every connector with what it reads, and every promise', async () => {
  const names = [...readme.matchAll(/^\| [^|]+ \| `([a-z-]+)` \|$/gm)].map(([, name]) => name)
  expect(names).toEqual(await builtInNames())
  for (const name of await builtInNames()) expect((await builtIn(name)).service.title.length).toBeGreaterThan(10)
  expect([...readme.matchAll(/^\| (P\d) \|/gm)].map(([, promise]) => promise)).toEqual(
    Array.from({ length: 8 }, (_, i) => `P${i + 1}`),
  )
  expect(existsSync(join(root, 'docs', 'concepts.md'))).toBe(true)
})
