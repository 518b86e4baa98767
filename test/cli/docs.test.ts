// Owns the proof that docs/cli.md is the help: every command with every option, word for word, and an example of each.
// `UPDATE_DOCS=1 npx vitest run test/cli/docs.test.ts` writes the blocks anew.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Cli } from '../../src/cli/cli.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { createProgram } from '../../src/cli/program.ts'

const root = join(import.meta.dirname, '..', '..')
const file = join(root, 'docs', 'cli.md')

/** What `tidemark <command> --help` prints, by the heading under which the document shows it. */
async function helps(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const name of [undefined, ...Object.keys(COMMANDS)]) {
    const stdout = new PassThrough()
    let text = ''
    stdout.on('data', (chunk) => (text += chunk))
    const options = {
      database: '',
      databaseFrom: 'default',
      project: '',
      json: false,
      quiet: false,
      color: false,
    } as const
    const cli = new Cli({ stdin: process.stdin, stdout, stderr: stdout, environment: {} } as never, options)
    const program = await createProgram(cli)
    await program.parseAsync(name === undefined ? ['--help'] : [name, '--help'], { from: 'user' }).catch(() => {})
    await cli.close()
    found.set(name === undefined ? 'tidemark' : `tidemark ${name}`, text.trimEnd())
  }
  return found
}

/** The first block under a heading of the document. */
function block(heading: string): RegExp {
  return new RegExp(`(^## \`${heading}\`\\n(?:(?!^## )[^])*?^\`\`\`text\\n)([^]*?)(^\`\`\`$)`, 'm')
}

const all = await helps()

if (process.env['UPDATE_DOCS'] === '1') {
  let text = readFileSync(file, 'utf8')
  for (const [heading, help] of all) {
    if (!block(heading).test(text)) text += `\n## \`${heading}\`\n\n\`\`\`text\n\`\`\`\n`
    text = text.replace(block(heading), (_, before: string, __, after: string) => `${before}${help}\n${after}`)
  }
  // A new one stands at the end: all of them in the order of the help.
  const [head = '', ...sections] = text.split(/^(?=## `tidemark)/m)
  const place = (section: string) => [...all.keys()].findIndex((heading) => section.startsWith(`## \`${heading}\``))
  const sorted = sections.map((section) => `${section.trimEnd()}\n`).sort((a, b) => place(a) - place(b))
  writeFileSync(file, [head, sorted.join('\n')].join(''))
}

describe('docs/cli.md', () => {
  const text = readFileSync(file, 'utf8')

  test.each([...all])('shows the help of %s', (heading, help) => {
    expect(block(heading).exec(text)?.[2]?.trimEnd()).toBe(help)
  })

  test('has nothing that is no command', () => {
    const headings = [...text.matchAll(/^## `(tidemark[^`]*)`$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual([...all.keys()])
  })
})

describe('the help', () => {
  test('is that of every file in commands/', () => {
    const files = readdirSync(join(root, 'src', 'cli', 'commands')).map((name) => name.replace(/\.ts$/, ''))
    expect(files.sort()).toEqual(Object.keys(COMMANDS).sort())
  })

  test.each([...all].filter(([heading]) => heading !== 'tidemark'))(
    'of %s has examples that it would understand',
    (heading, help) => {
      const [options = '', examples = ''] = help.split('\nExamples:\n')
      const lines = examples.split('\n').filter((line) => line.startsWith('  '))
      expect(lines.filter((line) => line.includes(heading)).length).toBeGreaterThan(0)
      const known = `${options}\n${all.get('tidemark')}`
      const used = lines.flatMap((line) => [...line.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option))
      for (const option of used) expect(known).toMatch(new RegExp(`^ +(?:-\\w, )?${option}\\b`, 'm'))
    },
  )

  test.each([...all])('of %s says something of every option and argument', (_, help) => {
    const silent = help.split('\n').filter((line) => /^ {2}(?:(?:-\w, )?--\S+(?: <[^>]+>)?|[a-z]+)$/.test(line))
    expect(silent).toEqual([])
  })
})
