// Documents are held to the code: links lead somewhere, events of the log are named.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const ending = (end: string) => (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(end))
    .map((path) => join(folder, path))
const files = ending('.ts')
const markdown = ending('.md')

test('every document that the README points to exists', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '')
  expect(links.length).toBeGreaterThan(5)
  for (const link of links.filter((target) => !target.endsWith('/')))
    expect(read(link).length, link).toBeGreaterThan(100)
})

test('every link of a document to another one leads to a file', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdown('docs')]
  const dead = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)]
      .map(([, link]) => join(dirname(path), link ?? ''))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${path}: ${target}`),
  )
  expect(documents.length).toBeGreaterThan(20)
  expect(dead).toEqual([])
})

test('each decision has a number of its own, in its name and in its title', () => {
  const decisions = markdown('docs/decisions').map((path) => ({ path, number: Number(basename(path).slice(0, 4)) }))
  expect(new Set(decisions.map(({ number }) => number)).size).toBe(decisions.length)
  for (const { path, number } of decisions) expect(read(path), path).toMatch(new RegExp(`^# ${number}\\. `))
})

test('log events are documented by their names', () => {
  const source = files('src').map(read).join('\n')
  const names = new Set([...source.matchAll(/\.event\(\s*'\w+',\s*'([a-z.]+)'/g)].map(([, name]) => name))
  const documented = read('docs/operating.md')
  expect([...names].filter((name) => !documented.includes(`\`${name}\``))).toEqual([])
})
