import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from '../../src/store/make-folder.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tidemark-folder-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('what is missing of a path is made, and what is there stays', () => {
  const path = join(home, 'a', 'b', 'c')
  makeFolder(path)
  expect(statSync(path).isDirectory()).toBe(true)
  makeFolder(path)
})

test('a file in the way is no folder', () => {
  writeFileSync(join(home, 'file'), '')
  expect(() => makeFolder(join(home, 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
  expect(() => makeFolder(join(home, 'file', 'a'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
})

test.runIf(existsSync('/proc/self'))('a file system that takes no folders is told, not tried for ever', () => {
  expect(() => makeFolder('/proc/no-such/folder')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})
