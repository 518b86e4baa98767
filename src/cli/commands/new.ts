// Owns `tidemark new`: the files of a connector of one's own, to be changed.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import { didYouMean } from '../../model/near-miss.ts'
import { PACKAGE_FOLDER } from '../../program-files.ts'
import { makeFolder } from '../../store/make-folder.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { findConfig } from '../folder.ts'
import { unwritable } from '../terminal/file-output.ts'

const FOLDER = 'connectors'
/** With `_posts` and `_snapshots` behind it, it is as long as PostgreSQL lets the name of a table be. */
const NAME_CHARS_MAX = 47

export const declare: Declare = (program, run) =>
  program
    .command('new')
    .summary('create a connector of your own')
    .description(
      'Writes a connector that works, an emulator of the service that it reads (or a file of it), and a test that runs ' +
        'one against the other. Change them step by step to what your service does.',
    )
    .argument('<what>', 'what to create: connector')
    .argument('<name>', 'lower-case words joined by dashes, such as my-notes')
    .option(
      '--reads <what>',
      'what it reads: pages of an API, files that people upload, or runs at a vendor that cost money (one of pages, files, runs; default: pages)',
    )
    .option('--folder <folder>', `the folder to write to (default: ${FOLDER})`)
    .addHelpText(
      'after',
      examples(
        'tidemark new connector my-notes',
        'tidemark new connector my-export --reads files',
        'tidemark new connector my-notes --folder src',
      ),
    )
    .action(run(create))

async function create(
  cli: Cli,
  what: string,
  name: string,
  options: { folder?: string; reads?: string },
): Promise<void> {
  if (what !== 'connector') {
    throw new TidemarkError('argument_invalid', `Cannot create "${what}".`, {
      hint: `${didYouMean(what, ['connector'])}Write: tidemark new connector <name>`,
    })
  }
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) || /^(?:sqlite|tm|pg)(?:-|$)/.test(name)) {
    throw new TidemarkError('argument_invalid', `"${name}" can't be the name of a connector.`, {
      hint: 'Use lower-case words joined by dashes, such as my-notes; databases keep names that begin with sqlite, pg and tm.',
    })
  }
  if (name.length > NAME_CHARS_MAX) {
    throw new TidemarkError('argument_invalid', `"${name}" is too long for the name of a connector.`, {
      hint: `Use at most ${NAME_CHARS_MAX} characters: names of tables begin with it, and a database cuts long ones.`,
    })
  }
  const { builtInNames } = await import('../../built-in.ts')
  if ((await builtInNames()).includes(name)) {
    throw new TidemarkError('name_taken', `A connector that comes with Tidemark is called "${name}".`, {
      hint: `Choose another name, such as my-${name}. What it reads: tidemark connectors ${name}`,
    })
  }
  const { connectorTemplates, variableOf } = await import('../templates/all.ts')
  const { folder = FOLDER, reads = 'pages' } = options
  const files = connectorTemplates(name, reads).map(({ file, text }) => ({ path: join(folder, file), text }))
  const there = files.find(({ path }) => existsSync(path))
  if (there) {
    throw new TidemarkError('file_exists', `The file ${there.path} is there already; nothing was written.`)
  }
  for (const { path, text } of files) write(path, text, folder)
  if (cli.options.json) return cli.json({ name, files: files.map(({ path }) => path) })
  for (const { path } of files) cli.done(path)
  for (const line of toUse(folder, name, variableOf(name))) cli.note(line)
  for (const line of toTry(folder, `${name}.test.ts`)) cli.note(line)
}

/** How the program comes to know the connector. */
function toUse(folder: string, name: string, variable: string): readonly string[] {
  const path = join(folder, `${name}.ts`).replaceAll('\\', '/')
  const from = isAbsolute(path) ? path : `./${path}`
  const then = `Then: tidemark connect ${name} --id <id>`
  const known = findConfig(undefined)
  if (known !== undefined) {
    return [`To use it, import ${variable} from '${from}' in ${basename(known)} and add it to connectors.`, then]
  }
  return [
    'To use it, write this into tidemark.config.ts:',
    "  import { defineConfig } from 'tidemark'",
    `  import ${variable} from '${from}'`,
    '',
    `  export default defineConfig({ connectors: [${variable}] })`,
    then,
  ]
}

/** How the test runs: at once where the package is found from there; else after it was put there. */
function toTry(folder: string, file: string): readonly string[] {
  const steps = [
    ...(findsPackage(folder) ? [] : linkSteps()),
    ...(isCommonJs(folder) ? ['npm pkg set type=module'] : []),
    `${quoted(nodeFor())} --test ${quoted(join(folder, file))}`,
  ]
  if (steps.length === 1) return [`Run its test: ${steps[0]}`]
  const why = 'To run its test, first make the package "tidemark" importable here:'
  return [why, ...steps.map((step) => `  ${step}`)]
}

/** The package is not in the registry; it is taken from where this program is. */
function linkSteps(): readonly string[] {
  const from = PACKAGE_FOLDER
  const isBuilt = existsSync(join(from, 'dist', 'testing', 'index.js'))
  const link =
    process.platform === 'win32'
      ? `mkdir node_modules & mklink /J node_modules\\tidemark "${from}"`
      : `mkdir -p node_modules && ln -s ${quoted(from)} node_modules/tidemark`
  return [...(isBuilt ? [] : [`npm run build --prefix ${quoted(from)}`]), link]
}

/** The Node that brought us up, where it came with the checkout: that on the path may be too old for TypeScript. */
function nodeFor(): string {
  return process.execPath.includes('node_modules') ? process.execPath : 'node'
}

/** Whether the nearest package.json says that files are not ES modules. */
function isCommonJs(folder: string): boolean {
  for (let place = resolve(folder); ; place = dirname(place)) {
    const file = join(place, 'package.json')
    if (existsSync(file)) return /"type"\s*:\s*"commonjs"/.test(readFileSync(file, 'utf8'))
    if (place === dirname(place)) return false
  }
}

/** As Node looks for it: this package itself around the folder, or a node_modules there or above. */
function findsPackage(folder: string): boolean {
  try {
    createRequire(join(resolve(folder), 'x.js')).resolve('tidemark/testing')
    return true
  } catch {
    return false
  }
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}

function write(path: string, text: string, folder: string): void {
  try {
    makeFolder(folder)
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    throw unwritable(path, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}
