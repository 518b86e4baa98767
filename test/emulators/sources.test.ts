// Owns the proof that an emulator is no invention of ours where it plays its provider: every file of one names what its
// behaviour is from, and says so where that is invented.

import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../src/testing/emulators')
/** What every emulator has, and shows to whoever starts it: nothing of a provider. */
const FACES = new Set(['index.ts', 'emulator.ts', 'part.ts'])

/** What a behaviour may be from: words of the provider, its own source, an answer, a report; or a guess, as one. */
const SOURCE = [
  /\b(?:recorded|documented|reference|assumed|invented)\b/i,
  /\breport(?:s|ed)?\b/i,
  /\breal (?:rows|file)\b/,
  /\b(?:developers|docs)\.[\w.]+/,
  /\bstalker_portal\b/,
  /\bpublished source\b/,
]

const files = globSync('*/*.ts', { cwd: FOLDER }).filter(
  (path) => !path.startsWith('kit') && !FACES.has(basename(path)),
)

/** The lines that a file opens with. */
function headOf(path: string): string {
  const lines = readFileSync(join(FOLDER, path), 'utf8').split('\n')
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('//')),
    )
    .join('\n')
}

test.each(files)('%s names its sources', (path) => {
  expect(SOURCE.filter((one) => one.test(headOf(path)))).not.toEqual([])
})

test('all emulators are looked at', () => {
  const folders = new Set(files.map((path) => path.split(/[/\\]/)[0]))
  expect(folders).toEqual(
    new Set(
      globSync('*/index.ts', { cwd: FOLDER })
        .map((path) => path.split(/[/\\]/)[0])
        .concat('apify'),
    ),
  )
})
