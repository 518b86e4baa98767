// Owns the proof that what was built never stands for a source that has changed since.

import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const { isBuilt, LISTING, listing } = createRequire(import.meta.url)('../bin/built.js') as {
  readonly isBuilt: (root: string) => boolean
  readonly LISTING: string
  readonly listing: (folder: string) => string
}

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-built-'))
  mkdirSync(join(root, 'src', 'cli'), { recursive: true })
  mkdirSync(join(root, 'dist'))
  write('src/index.ts', 'one')
  write('src/cli/main.ts', 'two')
})

afterEach(() => rmSync(root, { recursive: true }))

function write(file: string, text: string): void {
  writeFileSync(join(root, file), text)
}

function build(): void {
  write(`dist/${LISTING}`, listing(join(root, 'src')))
}

test('a checkout that was never built is not', () => {
  expect(isBuilt(root)).toBe(false)
})

test('a checkout is built until its source changes', () => {
  build()
  expect(isBuilt(root)).toBe(true)
})

test.each<[string, () => void]>([
  ['a file has other text', () => write('src/index.ts', 'three')],
  ['a file has text of the same length', () => write('src/cli/main.ts', 'owt')],
  ['a file is older than it was', () => utimesSync(join(root, 'src/cli/main.ts'), 1, 1)],
  ['a file is new', () => write('src/cli/more.ts', '')],
  ['a folder is new', () => mkdirSync(join(root, 'src', 'store'))],
  ['a file is gone', () => rmSync(join(root, 'src/cli/main.ts'))],
  ['a file has another name', () => renameSync(join(root, 'src/index.ts'), join(root, 'src/main.ts'))],
])('%s: the source runs', (_, change) => {
  build()
  // A file system may keep times no finer than this.
  utimesSync(join(root, 'src/cli/main.ts'), 1_000, 1_000)
  build()
  change()
  expect(isBuilt(root)).toBe(false)
})

test('a package has no source', () => {
  rmSync(join(root, 'src'), { recursive: true })
  expect(isBuilt(root)).toBe(true)
})
