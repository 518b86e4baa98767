// Owns the proof that the dashboard's source is typed: it has a compiler's project of its own, with the types of browsers.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

test('web/ has no error of a type', () => {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', 'web'], { cwd: root, encoding: 'utf8' })
  expect([stdout, status]).toEqual(['', 0])
})
