// Owns `tidemark completion`: a script that a shell reads, and the names that the script asks for.

import { type Command, Option } from 'commander'
import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { Cli } from '../cli.ts'
import { actionsOf, type Declare, examples } from '../command.ts'
import type { Completed, CompletedCommand, CompletedOption, Kind } from '../completion.ts'

export const declare: Declare = (program, run) =>
  program
    .command('completion')
    .summary('set up completion for your shell')
    .description(
      'Prints a script that completes commands, options, and the names of your connections and streams in bash, zsh ' +
        'or fish. Load it from the startup file of your shell.',
    )
    .argument('[shell]', 'bash, zsh or fish')
    .addOption(new Option('--list <kind>', 'names that a script asks for').hideHelp())
    .addHelpText(
      'after',
      examples(
        'eval "$(tidemark completion bash)"',
        'eval "$(tidemark completion zsh)"',
        'tidemark completion fish > ~/.config/fish/completions/tidemark.fish',
      ),
    )
    .action(
      run((cli, shell: string | undefined, { list }: { list?: string }) =>
        list === undefined ? printScript(cli, program, shell) : printNames(cli, list as Kind),
      ),
    )

async function printScript(cli: Cli, program: Command, shell: string | undefined): Promise<void> {
  const { bashScript, fishScript, zshScript } = await import('../completion.ts')
  const scripts = new Map([
    ['bash', bashScript],
    ['zsh', zshScript],
    ['fish', fishScript],
  ])
  const make = scripts.get(shell ?? '')
  if (!make) {
    const hint = knownNames(shell ?? '', [...scripts.keys()], 'One of')
    if (shell === undefined) throw new TidemarkError('argument_missing', 'No shell was named.', { hint })
    throw new TidemarkError('argument_invalid', `There is no completion for "${shell}".`, { hint })
  }
  const script = make(completed(program))
  if (cli.options.json) return cli.json({ shell, script })
  await cli.out.write(script)
}

function completed(program: Command): Completed {
  return {
    options: [...optionsOf(program), { flag: '--help', short: '-h', takesValue: false, description: 'print help' }],
    commands: [
      ...program.commands.map(
        (command): CompletedCommand => ({
          name: command.name(),
          summary: command.summary(),
          options: optionsOf(command),
          actions: actionsOf(command),
          kind: kindOf(command),
        }),
      ),
      { name: 'help', summary: 'print help', options: [], actions: [], kind: 'commands' },
    ],
  }
}

function optionsOf({ options }: Command): readonly CompletedOption[] {
  return options
    .filter(({ hidden, long }) => !hidden && long)
    .map(({ long, short, required, optional, description }) => {
      return { flag: long ?? '', short, takesValue: required || optional, description }
    })
}

/** By what its arguments are called. */
function kindOf({ registeredArguments }: Command): Kind | undefined {
  const names = registeredArguments.map((argument) => argument.name())
  if (names.some((name) => /^(?:targets?|stream)$/.test(name))) return 'targets'
  if (names.includes('connection')) return 'connections'
  return names.includes('connector') ? 'connectors' : undefined
}

/** A line for each name. Whatever is in the way of knowing them, a shell that completes must not be bothered with. */
async function printNames(cli: Cli, kind: Kind): Promise<void> {
  try {
    await cli.out.write((await namesOf(cli, kind)).map((name) => `${name}\n`).join(''))
  } catch {
    // No database yet, or none that can be read.
  }
}

async function namesOf(cli: Cli, kind: Kind): Promise<readonly string[]> {
  if (kind === 'connectors') {
    const tidemark = await cli.open({ database: ':memory:', create: true })
    return tidemark.connectorNames()
  }
  const { store, project } = await cli.open()
  const names: string[] = []
  for (const { id, no } of await store.connections.list(project)) {
    names.push(id)
    if (kind === 'targets') for (const { stream } of await store.streams.list(no)) names.push(`${id}/${stream}`)
  }
  return names
}
