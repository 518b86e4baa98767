// Owns the proof of `new connector`: what it writes has right types, its own test passes, and a mirror can be made with it.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lacks, NO_POSIX } from '../support/on-posix.ts'
import { place } from './program.ts'

const root = join(import.meta.dirname, '..', '..')

/** A folder inside of the package, where `tidemark` means this very package, as it does where that is installed. */
function insideThePackage(): string {
  // Among what is neither kept nor looked at.
  mkdirSync(join(root, 'coverage'), { recursive: true })
  const folder = mkdtempSync(join(root, 'coverage', 'new-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const KINDS = [
  ['pages', 'my-notes', ['emulator.ts', 'test.ts', 'ts']],
  ['files', 'my-export', ['test.ts', 'ts']],
  ['runs', 'my-runs', ['emulator.ts', 'test.ts', 'ts']],
] as const

test('writes a connector that reads pages, files or runs with right types, whose test passes', async () => {
  const folder = insideThePackage()
  for (const [reads, name] of KINDS) {
    const { code, json } = await place().ask(['new', 'connector', name, '--reads', reads, '--folder', folder, '--json'])
    expect([code, json.name]).toEqual([0, name])
  }
  const written = KINDS.flatMap(([, name, files]) => files.map((end) => `${name}.${end}`))
  expect(readdirSync(folder).toSorted()).toEqual(written.toSorted())
  const settings = { extends: '../../tsconfig.json', include: ['*.ts'], compilerOptions: { noEmit: true } }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const types = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  const ours = types.stdout.split('\n').filter((line) => KINDS.some(([, name]) => line.includes(name)))
  expect(ours).toEqual([])
  expectPass(
    folder,
    KINDS.map(([, name]) => name),
  )
})

/** In one process: most of the time goes into loading what they test. */
function expectPass(folder: string, names: readonly string[]): void {
  const files = names.map((name) => join(folder, `${name}.test.ts`))
  const tested = spawnSync(process.execPath, ['--test', '--test-isolation=none', ...files], { encoding: 'utf8' })
  expect(tested.stdout + tested.stderr).toMatch(new RegExp(`pass ${names.length}\\b`))
  expect(tested.status).toBe(0)
}

test('a name that means something else gives a connector whose test passes', async () => {
  const folder = insideThePackage()
  const names = { class: 'classConnector', test: 'test', emulator: 'emulator', ['a'.repeat(47)]: 'a'.repeat(47) }
  for (const [name, variable] of Object.entries(names)) {
    const made = await place().run(['new', 'connector', name, '--reads', 'files', '--folder', folder])
    expect(made.stderr).toContain(`  import ${variable} from '`)
  }
  expectPass(folder, Object.keys(names))
})

test.skipIf(NO_POSIX)(`says what makes its test run, where no tidemark is${lacks('a POSIX shell')}`, async () => {
  const here = place()
  const made = await here.run(['new', 'connector', 'my-notes', '--folder', 'my connectors'])
  expect(made.code).toBe(0)
  expect(made.stderr).toContain(
    "  import { defineConfig } from 'tidemark'\n  import myNotes from './my connectors/my-notes.ts'\n\n" +
      '  export default defineConfig({ connectors: [myNotes] })\nThen: tidemark connect my-notes --id <id>\n',
  )
  const [, how = ''] = made.stderr.split(/^To run its test.*\n/m)
  const steps = how.split('\n').filter((line) => line.startsWith('  '))
  expect(steps[0]).toMatch(/^ {2}mkdir -p node_modules && ln -s /)
  const env = { ...here.env, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined }
  const did = spawnSync('sh', ['-ec', steps.join('\n')], { cwd: here.folder, env, encoding: 'utf8' })
  expect(did.stdout + did.stderr).toMatch(/pass 1\b/)
  expect(did.status).toBe(0)
  // Once it is there, the test is all that there is to say; and a package of another kind is noticed.
  const again = await here.run(['new', 'connector', 'b'])
  expect(again.stderr).toMatch(/^Run its test: \S+ --test connectors\/b\.test\.ts$/m)
  writeFileSync(join(here.folder, 'package.json'), '{"type": "commonjs"}')
  expect((await here.run(['new', 'connector', 'c'])).stderr).toMatch(/^ {2}npm pkg set type=module$/m)
})

test('writes nothing over what is there, and nothing under a name that is none', async () => {
  const here = place()
  const make = async (...args: string[]) => {
    const { code, json } = await here.ask(['new', ...args, '--folder', join(here.folder, 'mine'), '--json'])
    return [code, json.error?.code]
  }
  expect(await make('connector', 'notes')).toEqual([0, undefined])
  const before = readFileSync(join(here.folder, 'mine', 'notes.ts'), 'utf8')
  rmSync(join(here.folder, 'mine', 'notes.test.ts'))
  expect(await make('connector', 'notes')).toEqual([2, 'file_exists'])
  expect(readFileSync(join(here.folder, 'mine', 'notes.ts'), 'utf8')).toBe(before)
  expect(readdirSync(join(here.folder, 'mine'))).toHaveLength(2)
  for (const name of ['My-Notes', '../x', 'a b', '-x', 'a-', '1a', 'sqlite', 'pg-x', 'a'.repeat(48)]) {
    expect((await make('connector', name))[0]).toBe(2)
  }
  // Every command would refuse a configuration that has it.
  expect(await make('connector', 'github')).toEqual([2, 'name_taken'])
  expect(await make('stream', 'notes')).toEqual([2, 'argument_invalid'])
  expect(await make('connector', 'others', '--reads', 'minds')).toEqual([2, 'argument_invalid'])
})

test('is used by a configuration in a folder that has nothing else', async () => {
  const here = place()
  await here.run(['new', 'connector', 'my-notes'])
  const source = join(here.folder, 'tidemark.config.ts')
  const emulator = (await import(join(here.folder, 'connectors', 'my-notes.emulator.ts'))) as {
    myNotesEmulator(count: number): Promise<{ url: string; token: string; close(): Promise<void> }>
  }
  const service = await emulator.myNotesEmulator(70)
  onTestFinished(() => service.close())
  const { url, token } = service
  writeFileSync(
    source,
    `import myNotes from './connectors/my-notes.ts'
    const options = { token: '${token}', baseUrl: '${url}', allowPrivateNetwork: true }
    export default { connectors: [myNotes], connections: { mine: { connector: 'my-notes', options } } }`,
  )
  const { code, json } = await here.run(['sync', '--json'])
  expect([code, json.runs[0].streams[0].counts.inserted]).toEqual([0, 70])
  expect((await here.run(['records', 'mine/notes', '--json'])).json).toHaveLength(70)
})
