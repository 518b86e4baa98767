// Documents are held to the code: links lead somewhere, events of the log are named.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const files = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))

test('every document that the README points to exists', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '')
  expect(links.length).toBeGreaterThan(5)
  for (const link of links.filter((target) => !target.endsWith('/')))
    expect(read(link).length, link).toBeGreaterThan(100)
})

test('log events are documented by their names', () => {
  const source = files('src').map(read).join('\n')
  const names = new Set([...source.matchAll(/\.event\(\s*'\w+',\s*'([a-z.]+)'/g)].map(([, name]) => name))
  const documented = read('docs/operating.md')
  expect([...names].filter((name) => !documented.includes(`\`${name}\``))).toEqual([])
})
