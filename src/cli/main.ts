// Owns the way in: argv to exit code. Reads which command is meant, loads only that one, tells what went wrong, and
// closes what was opened.

import { Console } from 'node:console'
import { type Command, CommanderError } from 'commander'
import { TidemarkError } from '../model/errors.ts'
import { Cli, type Surroundings } from './cli.ts'
import { COMMANDS } from './commands.ts'
import { createProgram } from './program.ts'
import { Strays } from './stray.ts'
import { complain, usageError } from './terminal/complaint.ts'

/** Runs one command line (without the program's own name) and returns its exit code. Never throws, never exits. */
export async function main(argv: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process
  // Standard output is for results, whatever a configuration or a connector logs.
  const logging = new Console(stderr)
  for (const name of CONSOLE) console[name] = logging[name].bind(logging)
  return mainIn({ stdin, stdout, stderr, environment: env }, argv)
}

/** The same in other surroundings than those of the process. */
export async function mainIn(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  const command = commandIn(argv)
  // Known before the command line is read, because reading it may fail.
  const quiet = has(argv, /^(?:--quiet|-[hV]*q[hqV]*)$/)
  const early = { json: has(argv, /^--json$/), quiet, color: !has(argv, /^--no-color$/) }
  const cli = new Cli(surroundings, { database: '', databaseFrom: 'default', project: '', ...early })
  const strays = new Strays(cli)
  // Nothing is left that could finish the command: what it awaits never comes.
  const onIdle = () => void endIdle(cli, strays)
  process.once('beforeExit', onIdle)
  // Somebody else's code has ended the process. What is written now is written synchronously.
  const onExit = (code: number) => {
    if (code !== 0) return
    process.exitCode = 1
    void complain(cli, unfinished())
  }
  process.once('exit', onExit)
  try {
    const isKnown = command !== undefined && Object.hasOwn(COMMANDS, command)
    const isVersion = command === undefined && has(argv, /^(?:--version|-V)$/)
    const needed = isKnown && !COMMANDS[command]?.whole ? [command] : isVersion ? [] : undefined
    const program = await createProgram(cli, needed)
    await parse(program, helpWanted(argv, command), command)
    await cli.out.flush()
    if (cli.out.failure !== undefined) {
      throw new TidemarkError('output_failed', `Standard output can't be written (${cli.out.failure}).`)
    }
    return strays.exitCode || cli.exitCode
  } catch (error) {
    return await complain(cli, error)
  } finally {
    await cli.close()
    strays.stop()
    process.off('beforeExit', onIdle).off('exit', onExit)
  }
}

/** Runs the command. Help and the version end it, too: commander throws where it has printed them. */
async function parse(program: Command, argv: readonly string[], command: string | undefined): Promise<void> {
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const told = usageError(error, command)
    if (told) throw told
  }
}

/** What the command awaits may be what was told already. */
async function endIdle(cli: Cli, { exitCode }: Strays): Promise<never> {
  const code = exitCode || (await complain(cli, cli.stalled()))
  await cli.flush()
  process.exit(code)
}

function unfinished(): TidemarkError {
  return new TidemarkError('process_ended', 'The process was ended before the command was done.', {
    hint: 'Something calls process.exit: the configuration, a connector, or what they import. What was stored is kept.',
  })
}

/** What prints; the rest of the console prints by these. */
const CONSOLE = [
  'log',
  'info',
  'debug',
  'dir',
  'dirxml',
  'table',
  'group',
  'groupCollapsed',
  'timeLog',
  'timeEnd',
  'count',
] as const

/** Help on a command that is not there is a mistake like that command itself, not a wish for all help. */
function helpWanted(argv: readonly string[], command: string | undefined): readonly string[] {
  if (command !== 'help') return argv
  const word = commandIn(argv.slice(argv.indexOf('help') + 1))
  return word === undefined || word === 'help' || Object.hasOwn(COMMANDS, word)
    ? argv
    : argv.filter((one) => one !== 'help')
}

/** Global options that take a value, which is not the command's name. */
const WITH_VALUE = ['--database', '--project', '--config']

/** The first word that is neither an option nor the value of a global one. */
function commandIn(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (WITH_VALUE.includes(word)) i++
    else if (!word.startsWith('-')) return word
  }
  return undefined
}

function has(argv: readonly string[], flag: RegExp): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => flag.test(word))
}
