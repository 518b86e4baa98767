// Owns the program as commander knows it: the global options, the headings, and how help looks.

import { Command, Help } from 'commander'
import { TidemarkError } from '../model/errors.ts'
import { jsonText } from '../model/json-text.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'
import { type Cli, type GlobalOptions, version } from './cli.ts'
import type { Run } from './command.ts'
import { COMMANDS } from './commands.ts'
import type { LoadedConfig } from './config.ts'

/** Help is no wider than people read well, and in documents always as wide as this. */
const HELP_WIDTH = 100
/** Columns that a description needs beside its term. */
const LEAST_BESIDE = 44

/** The program with the given commands declared in it. */
export async function createProgram(cli: Cli, names: readonly string[] = Object.keys(COMMANDS)): Promise<Command> {
  const program = new Command('tidemark')
    .description('Keeps your own queryable copy of the services you depend on, with its history.')
    .usage('<command> [options]')
    .option(
      '--database <file>',
      'the database: a SQLite file or a postgres:// URL (default: tidemark.db, env: TIDEMARK_DATABASE)',
    )
    .option('--project <id>', 'the project to work in (default: default)')
    .option('--config <file>', 'the configuration file (default: tidemark.config.ts or .js in the current folder)')
    .option('--json', 'print exactly one JSON document')
    .option('-q, --quiet', 'print only results and errors, no progress and no notes')
    .option('--no-color', 'no colors (env: NO_COLOR)')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; after a command, the help of that command')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'print help')
    .configureHelp({
      subcommandTerm,
      formatItem,
      minWidthToWrap: 10,
      styleTitle: (title) => cli.out.paint('bold', title),
    })
    .configureOutput({
      writeOut: (text) =>
        cli.out.line(
          cli.options.json && text === `${version()}\n` ? jsonText({ version: version() }) : text.replace(/\n$/, ''),
        ),
      writeErr: (text) => cli.err.line(text.replace(/\n$/, '')),
      // What is wrong with a command line is told by main, like every other error.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(cli.out.width, HELP_WIDTH),
      getErrHelpWidth: () => Math.min(cli.err.width, HELP_WIDTH),
    })
    .exitOverride()
    .addHelpText('after', '\nStart with: tidemark demo')

  const runner =
    (standalone: boolean): Run =>
    (act) =>
    async (...args) => {
      const config = standalone ? undefined : await cli.readFolder(program.opts<{ config?: string }>().config)
      cli.configure(globalOptions(program, cli, config), config)
      cli.exitCode = (await act(cli, ...args)) ?? 0
    }
  for (const name of names) {
    const entry = COMMANDS[name]
    if (!entry) continue
    const { declare } = await entry.load()
    declare(program, runner(entry.standalone ?? false))
      .helpGroup(entry.heading)
      .usage(`${usageOf(program, name)}[options]`)
      .helpOption('-h, --help', 'print this help')
      .addHelpText('after', '\nGlobal options: tidemark --help')
  }
  return program
}

/** Arguments before options: `sync [targets...] [options]`. */
function usageOf(program: Command, name: string): string {
  const args = program.commands.find((command) => command.name() === name)?.registeredArguments ?? []
  return args
    .map((arg) => `${arg.required ? '<' : '['}${arg.name()}${arg.variadic ? '...' : ''}${arg.required ? '>' : ']'} `)
    .join('')
}

/** A term and what it means, beside each other; where that would leave no room, below. */
function formatItem(this: Help, term: string, termWidth: number, description: string, help: Help): string {
  const width = help.helpWidth ?? HELP_WIDTH
  if (description === '' || width - termWidth >= LEAST_BESIDE) {
    return Help.prototype.formatItem.call(this, term, termWidth, description, help)
  }
  const below = help.boxWrap(description, Math.max(10, width - 6)).replaceAll('\n', '\n      ')
  return `  ${term}\n      ${below}`
}

/** In the list of commands their names and arguments are enough. */
function subcommandTerm(this: Help, command: Command): string {
  return `${command.name()} ${command.usage().replace(/ ?\[options\]$/, '')}`.trimEnd()
}

function globalOptions(program: Command, cli: Cli, config: LoadedConfig | undefined): GlobalOptions {
  const {
    database: asked,
    project = config?.project ?? 'default',
    json,
    quiet,
    color,
  } = program.opts<{
    database?: string
    project?: string
    json?: boolean
    quiet?: boolean
    color: boolean
  }>()
  // An empty name would be a database that is gone when the command is over.
  if (asked === '') throw new TidemarkError('option_invalid', 'The option --database names nothing.')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(project)) {
    throw new TidemarkError('option_invalid', `"${project}" can't be the id of a project.`, {
      hint: 'Use letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit.',
    })
  }
  const named = cli.surroundings.environment['TIDEMARK_DATABASE'] || undefined
  const database = asked ?? named ?? config?.database ?? 'tidemark.db'
  checkScheme(database)
  return {
    database,
    databaseFrom: asked ? 'option' : named ? 'environment' : config?.database ? 'config' : 'default',
    project,
    json: json ?? false,
    quiet: quiet ?? false,
    color,
  }
}

/** A URL of what is no PostgreSQL would be looked for as a file. It may hold a password, and only its scheme is told. */
function checkScheme(database: string): void {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(database) ?? []
  if (scheme === undefined || isPostgresUrl(database)) return
  throw new TidemarkError('database_url_invalid', `A URL that begins with ${scheme}:// names no database.`, {
    hint: 'Name a SQLite file by its path, or a PostgreSQL database as postgres://user:password@host:5432/database',
  })
}
