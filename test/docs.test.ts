// Documents are held to the code: every error code is explained, every command is shown.

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

test('every error code is documented, and none that is documented is gone', () => {
  const source = files('src')
    .filter((path) => !path.includes('emulators'))
    .map(read)
    .join('\n')
  const thrown = [
    ...source.matchAll(/TidemarkError\(\s*'([a-z_]+)'/g),
    ...source.matchAll(/\bcode: '([a-z_]+)'/g),
    ...source.matchAll(/setAside\((?:[^'()]|\([^()]*\))*(?<!\[)'([a-z_]+)'/g),
  ]
  const codes = new Set(thrown.map(([, code]) => code))
  const documented = new Set(
    [...read('docs/errors.md').matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell]) =>
      [...(cell ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code),
    ),
  )
  expect([...codes].filter((code) => !documented.has(code))).toEqual([])
  expect([...documented].filter((code) => !source.includes(`'${code}'`))).toEqual([])
})

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
