// Owns the proof that docs/testing-connectors.md is true: its example runs as it stands there, it names every check, and
// its limits are those of the source.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Emulator, PROMISES } from 'tidemark/testing'
import { expect, test } from 'vitest'
import { RECORDED_BODY_MAX, RECORDED_EXCHANGES_MAX, RECORDED_TOTAL_MAX } from '../../src/http/recording/record.ts'
import { FINDABLE_LENGTH_MIN } from '../../src/testing/evidence.ts'

const root = join(import.meta.dirname, '..', '..')
const document = readFileSync(join(root, 'docs', 'testing-connectors.md'), 'utf8')

type NotebookEmulator = Emulator<{ readonly remove: (place: number) => string }>

/** A folder as authors have: with the package installed. */
function authorsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-docs-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'tidemark'), 'dir')
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return folder
}

test('the example runs as it stands there', async () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(document) ?? []
  const folder = authorsFolder()
  try {
    copyFileSync(join(root, 'examples', 'own-connector.ts'), join(folder, 'own-connector.ts'))
    writeFileSync(join(folder, 'notebook.test.ts'), example)
    const args = ['--no-warnings', '--test', '--test-reporter=spec', 'notebook.test.ts']
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
    expect(stdout).toContain('notebook: 21 kept, 0 broken, 2 skipped')
    expect(stdout).toContain('pass 1')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the emulator of one’s own serves pages, faults and changes', async () => {
  const [, example = ''] = /```ts\n(\/\/ notebook-emulator\.ts\n[\s\S]*?)```/.exec(document) ?? []
  const folder = authorsFolder()
  try {
    const file = join(folder, 'notebook-emulator.ts')
    writeFileSync(file, example)
    const emulators = (await import(file)) as { notebookEmulator: () => Promise<NotebookEmulator> }
    await using service = await emulators.notebookEmulator()
    service.pages.after(1, () => service.world.remove(0))
    service.faults.next({ kind: 'status', status: 502 })
    const ask = () => fetch(`${service.url}/notes?limit=1`, { headers: { authorization: 'Bearer demo-token' } })
    const answers = [await ask(), await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([502, 200, 200])
    const [, first, second] = await Promise.all(answers.map((answer) => answer.text()))
    expect([first, second].map((page) => JSON.parse(page ?? ''))).toEqual([
      { notes: [expect.objectContaining({ id: 'n120', title: 'Note 120' })], next: 'n120' },
      { notes: [expect.objectContaining({ id: 'n119', title: 'Note 119' })], next: 'n119' },
    ])
    expect(service.log.count('/notes')).toBe(3)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the emulator of one’s own is a source for the connector, as it stands there', async () => {
  const blocks = [...document.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  const [emulator, promises, telling] = blocks.slice(
    blocks.findIndex((block) => block.startsWith('// notebook-emulator')),
  )
  const folder = authorsFolder()
  const run = (...args: string[]) => promisify(execFile)(process.execPath, ['--no-warnings', ...args], { cwd: folder })
  try {
    copyFileSync(join(root, 'examples', 'own-connector.ts'), join(folder, 'own-connector.ts'))
    writeFileSync(join(folder, 'notebook-emulator.ts'), emulator ?? '')
    writeFileSync(join(folder, 'notebook-promises.test.ts'), promises ?? '')
    const { stdout } = await run('--test', '--test-reporter=spec', 'notebook-promises.test.ts')
    expect(stdout).toMatch(/notebook: \d+ kept, 0 broken/)
    expect(stdout).toContain('pass 1')
    const imported = "import { notebookEmulator } from './notebook-emulator.ts'\n"
    writeFileSync(join(folder, 'telling.ts'), `${imported}${telling}\nconsole.log('told')`)
    expect((await run('telling.ts')).stdout).toContain('told')
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
