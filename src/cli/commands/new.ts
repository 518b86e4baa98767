// Owns `tidemark new`: the files of a connector of one's own, to be changed.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'

const FOLDER = 'connectors'

export const declare: Declare = (program, run) =>
  program
    .command('new')
    .summary('begin a connector of your own')
    .description(
      'Writes a connector that works, an emulator of the service that it reads, and a test that holds one against the ' +
        'other. Then change all three to what your service does.',
    )
    .argument('<what>', 'connector')
    .argument('<name>', 'lower-case words joined by dashes, such as my-notes')
    .option('--folder <folder>', `where to write (default: ${FOLDER})`)
    .addHelpText('after', examples('tidemark new connector my-notes', 'tidemark new connector my-notes --folder src'))
    .action(run(create))

async function create(cli: Cli, what: string, name: string, options: { folder?: string }): Promise<void> {
  if (what !== 'connector') {
    throw new TidemarkError('argument_invalid', `"${what}" is nothing that can be made`, {
      hint: 'Write: tidemark new connector <name>',
    })
  }
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) || name.length > 60) {
    throw new TidemarkError('argument_invalid', `"${name}" can't be the name of a connector`, {
      hint: 'Use lower-case words joined by dashes, such as my-notes.',
    })
  }
  const { connectorTemplates } = await import('../templates/connector.ts')
  const { folder = FOLDER } = options
  const files = connectorTemplates(name).map(({ file, text }) => ({ path: join(folder, file), text }))
  const there = files.find(({ path }) => existsSync(path))
  if (there) {
    throw new TidemarkError('file_exists', `${there.path} is there already; nothing was written`, {
      hint: 'Choose another name, or another --folder.',
    })
  }
  for (const { path, text } of files) write(path, text, folder)
  if (cli.options.json) return cli.json({ name, files: files.map(({ path }) => path) })
  for (const { path } of files) cli.out.line(`${cli.out.paint('green', '✓')} ${path}`)
  cli.note(
    `Try it (with tidemark installed here: npm install tidemark): node --test ${join(folder, `${name}.test.ts`)}`,
  )
  cli.note(`Use it: name it in tidemark.config.ts, under connectors, then tidemark connect ${name} --id <id>`)
}

function write(path: string, text: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    throw new TidemarkError('output_failed', `${path} can't be written (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    })
  }
}
