// Owns the proof that docs/testing-connectors.md is true: its example runs as it stands there, it names every check, and
// its limits are those of the source.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PROMISES } from 'tidemark/testing'
import { RECORDED_BODY_MAX, RECORDED_EXCHANGES_MAX, RECORDED_TOTAL_MAX } from '../../src/http/record.ts'
import { FINDABLE_LENGTH_MIN } from '../../src/testing/evidence.ts'

const root = join(import.meta.dirname, '..', '..')
const document = readFileSync(join(root, 'docs', 'testing-connectors.md'), 'utf8')

test('the example runs as it stands there', { timeout: 120_000 }, async () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(document) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-docs-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'tidemark'), 'dir')
    copyFileSync(join(root, 'examples', 'own-connector.ts'), join(folder, 'own-connector.ts'))
    writeFileSync(join(folder, 'notebook.test.ts'), example)
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const args = ['--no-warnings', '--test', '--test-reporter=spec', 'notebook.test.ts']
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
    expect(stdout).toContain('notebook: 21 kept, 0 broken, 2 skipped')
    expect(stdout).toContain('pass 1')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('every check is explained', () => {
  const rows = [...document.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) => cell.match(/[\w-]+/g) ?? [])
  expect(Object.keys(PROMISES).filter((name) => !rows.includes(name))).toEqual([])
})

test('the limits are those of the source', () => {
  const said = `up to ${RECORDED_EXCHANGES_MAX.toLocaleString('en')} of them, ${RECORDED_BODY_MAX >> 20} MiB each`
  const text = document.replaceAll('\n', ' ')
  expect(text).toContain(said)
  expect(text).toContain(`${RECORDED_TOTAL_MAX >> 20} MiB together`)
  expect(text).toContain(`${FINDABLE_LENGTH_MIN} characters or more`)
})
