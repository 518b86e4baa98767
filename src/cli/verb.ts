// Owns how operations become commands: their sentences, arguments, options and examples, as commander knows them.

import { Argument, Command, Option } from 'commander'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { Field } from '../operations/fields.ts'
import type { Described } from '../operations/operation.ts'
import type { Cli } from './cli.ts'
import { action, examples, type Run, withWords } from './command.ts'
import { quoted } from './own-command.ts'
import { amount, checkedText, collect, columnOrder, nameList, oneOf, wholeNumber } from './values.ts'
import { exampleLines, flagOf, speaks, type Written } from './written.ts'

type Inputs = Readonly<Record<string, Field>>

interface Told {
  /** Beside its name in the list of commands. @default the operation's sentence */
  readonly summary?: string
  /** Sentences for people at a terminal, after the operation's own. */
  readonly says?: string
  /** More examples, as they are typed. */
  readonly examples?: readonly string[]
}

export interface VerbMore extends Told, Written {
  /** Switches that are on here unless they are turned off: `--no-check`. */
  readonly on?: readonly string[]
  /** What it does, where that is another thing than the operation alone; its examples are then others, too. */
  readonly does?: string
  /** @default the details of the operation */
  readonly details?: string
  /** The arguments as commander reads them, where inputs are not written one by one. */
  readonly written?: readonly Argument[]
}

/** Adds a command for an operation. Its options have the names of the inputs, as `camelCase` in the action. */
export function verb(program: Command, name: string, operation: Described, more: VerbMore = {}): Command {
  const does = more.does ?? operation.does
  const details = more.does === undefined ? (more.details ?? operation.details) : more.details
  const args = more.args ?? operation.positional ?? []
  const fields = { ...left(operation, more), ...more.extra }
  const command = commandOf(program, name, [does, details, more.says], more.summary ?? does)
  speaks(name, operation, more)
  for (const argument of more.written ?? argumentsOf(fields, args)) command.addArgument(argument)
  for (const [input, field] of Object.entries(fields)) {
    if (!args.includes(input)) addOption(command, input, field, more.on?.includes(input))
  }
  const lines = more.does === undefined ? exampleLines(name, operation, more) : []
  return withExamples(command, [...lines, ...(more.examples ?? [])])
}

/** One thing that a command does: an operation, chosen by the first word behind the command's name. */
export interface Action extends Written {
  readonly operation: Described
  // The options and arguments are those that the action declares.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly act: (cli: Cli, options: any, ...args: string[]) => Promise<number | void>
}

interface ActionsMore extends Told {
  /** Options that every action takes. */
  readonly extra?: Inputs
}

/** Adds a command whose first word says which of several operations is meant; without one, the first of them. */
export function verbs(
  program: Command,
  { name, run, ...more }: ActionsMore & { readonly name: string; readonly run: Run },
  actions: Readonly<Record<string, Action>>,
): Command {
  const words = Object.keys(actions)
  const all = Object.entries(actions)
  const [first = ''] = words
  const says = new Set(all.flatMap(([word, one], place) => sentences(word, one.operation, place === 0)))
  const command = commandOf(program, name, [[...says, more.says ?? []].flat().join('\n')], more.summary ?? name)
  command.addArgument(action('[action]', words, `one of: ${words.join(', ')} (default: ${first})`))
  const inputs = all.map(([, one]) => ({ ...left(one.operation, one), ...one.extra }))
  const args = [...new Set(all.flatMap(([, one]) => argsOf(one)))]
  const fields: Inputs = Object.assign({}, ...inputs.toReversed(), more.extra)
  for (const arg of args) command.argument(`[${arg}]`, fields[arg]?.about)
  for (const [input, field] of Object.entries(fields)) if (!args.includes(input)) addOption(command, input, field)
  // What follows the name alone is taken for an action.
  const lines = all.flatMap(([word, one], place) => {
    const whole = exampleLines(`${name} ${word}`, one.operation, one)
    const [said, bare] = [`tidemark ${name} ${word}`, `tidemark ${name}`]
    return whole.map((line) =>
      place === 0 && /^(?: -|$)/.test(line.slice(said.length)) ? bare + line.slice(said.length) : line,
    )
  })
  const act = async (cli: Cli, word: string = first, ...rest: unknown[]) => {
    const chosen = actions[word]
    if (!chosen) {
      const isOfOne = argsOf(actions[first] as Action)[0] === 'connection'
      const meant = isOfOne ? `; of one connection: tidemark ${name} ${first} ${quoted(word)}` : ''
      const hint = `${knownNames(word, words, 'One of')}${meant}`
      throw new TidemarkError('argument_invalid', `The command ${name} has no action "${word}".`, { hint })
    }
    const given = rest.slice(0, args.length) as (string | undefined)[]
    const options = rest[args.length] as Readonly<Record<string, unknown>>
    const taken = inputs[words.indexOf(word)] ?? {}
    const call = `${name} ${word}`
    const stray = Object.keys(options).find((option) => !(option in taken) && !(option in (more.extra ?? {})))
    if (stray !== undefined)
      throw foreignOption(
        call,
        stray,
        words.filter((_, place) => stray in (inputs[place] ?? {})),
      )
    args.forEach((arg, place) => checkArgument(call, chosen, { arg, value: given[place], field: fields[arg] }))
    speaks(call, chosen.operation, chosen)
    return chosen.act(cli, options, ...(given as string[]))
  }
  return withExamples(command, [...lines, ...(more.examples ?? [])]).action(run(act))
}

const argsOf = (one: Action) => (one.args ?? one.operation.positional ?? []).filter((arg) => !omitted(one).has(arg))

/** What an operation says of itself; another than the first one with its word before it. */
function sentences(word: string, { does, details = '', input }: Described, isFirst: boolean): readonly string[] {
  const isOneOfSeveral = Object.values(input).some(({ words }) => words?.includes(word))
  return [`${isFirst || isOneOfSeveral ? does : `${word}: ${lowered(does)}`}${details === '' ? '' : ` ${details}`}`]
}

function foreignOption(call: string, option: string, owners: readonly string[]): TidemarkError {
  const flag = `--${flagOf(option)}`
  const [name] = call.split(' ')
  return new TidemarkError('option_conflict', `The command ${call} takes no ${flag}.`, {
    hint: `It belongs to: ${owners.map((owner) => `tidemark ${name} ${owner}`).join(', ')}`,
  })
}

interface Given {
  readonly arg: string
  readonly value: string | undefined
  readonly field: Field | undefined
}

function checkArgument(call: string, one: Action, { arg, value, field }: Given): void {
  const isTaken = argsOf(one).includes(arg)
  if (value !== undefined && !isTaken) {
    throw new TidemarkError('argument_unexpected', `The command ${call} takes no ${arg}, and was given "${value}".`, {
      hint: `For example: ${exampleLines(call, one.operation, one)[0]}`,
    })
  }
  if (value === undefined && isTaken && field && !isOptional(field)) {
    throw new TidemarkError('argument_missing', `The command ${call} needs ${field.about}.`, {
      hint: `For example: ${exampleLines(call, one.operation, one)[0]}`,
    })
  }
}

function commandOf(
  program: Command,
  name: string,
  sentencesOf: readonly (string | undefined)[],
  summary: string,
): Command {
  const command = new Command(name)
    .summary(lowered(summary.replace(/\.$/, '')))
    .description(sentencesOf.filter((text) => text !== undefined).join(' '))
    .copyInheritedSettings(program)
  program.addCommand(command)
  return command
}

function withExamples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', examples(...new Set(lines)))
}

/** The inputs that a command line has. */
function left({ input }: Described, written: Written): Inputs {
  const none = omitted(written)
  return Object.fromEntries(Object.entries(input).filter(([name, { kind }]) => kind !== 'hook' && !none.has(name)))
}

function omitted({ omit = [], settles = {} }: Written): ReadonlySet<string> {
  return new Set([...omit, ...Object.keys(settles)])
}

const isOptional = ({ schema }: Field) => schema.safeParse(undefined).success

/** A connection and its stream are written as one: `me/stars`. */
function argumentsOf(fields: Inputs, args: readonly string[]): readonly Argument[] {
  const names = args.filter((name) => name in fields)
  const isOfStream = names.includes('connection') && names.includes('stream')
  const rest = names.filter((name) => !isOfStream || (name !== 'connection' && name !== 'stream'))
  const target = isOfStream ? [new Argument('<stream>', 'which stream: <connection>/<stream>')] : []
  return [
    ...target,
    ...rest.map((name) => {
      const field = fields[name] as Field
      const { about, words, kind } = field
      const text = `${about}${name === 'key' ? '; write -- before one that begins with a dash' : ''}`
      const called = kind === 'list' ? `${name}...` : name
      const written = isOptional(field) ? `[${called}]` : `<${called}>`
      return new Argument(written, words ? `one of: ${words.join(', ')}` : text)
    }),
  ]
}

const TIMES = 'a day, a time, or how long ago (2026-11-01, yesterday, 7d)'

function addOption(command: Command, input: string, field: Field, isOn = false): void {
  const flag = flagOf(input)
  const { kind, about, sign, otherwise, words } = field
  if (kind === 'settings') return addSettings(command)
  if (isOn) return void command.option(`--no-${flag}`, `do not ${about}`)
  const text = [
    kind === 'moment' ? `${about}: ${TIMES}` : wordsText(about, words),
    ...(otherwise === undefined ? [] : [`(default: ${otherwise})`]),
  ].join(' ')
  const option = new Option(`--${flag}${kind === 'switch' ? '' : ` <${sign}>`}`, text)
  const parse = parserOf(flag, field)
  if (parse) option.argParser<unknown>((given, before) => parse(given, before as readonly string[] | undefined))
  command.addOption(kind === 'word' ? withWords(option, words ?? []) : option)
}

/** Options of a connector, some of which are secret: those need not stand in a command line. */
function addSettings(command: Command): void {
  command
    .option('--set <name=value>', 'an option of the connector (may be repeated)', collect)
    .option('--unset <name>', 'take an option away again (may be repeated)', collect)
    .option('--secret-env <name=VARIABLE>', 'a secret option, from an environment variable (may be repeated)', collect)
    .option('--secret-stdin <name>', 'a secret option, from standard input')
}

/** How the text of an option is read; undefined: it is taken as it is. */
function parserOf(flag: string, field: Field): ((text: string, before?: readonly string[]) => unknown) | undefined {
  const { kind, sign, words, most } = field
  if (field.sample !== undefined) return (text) => checkedText(flag, field, text)
  if (kind === 'number') return sign === 'amount' ? amount(flag) : wholeNumber(flag, most)
  if (kind === 'word') return oneOf(flag, words ?? [])
  if (kind === 'list') return (text, before) => nameList(flag, text, before)
  if (kind === 'order') return columnOrder
  return kind === 'pairs' ? collect : undefined
}

function wordsText(about: string, words: readonly string[] | undefined): string {
  return !words || about.startsWith(`${words[0]}:`) ? about : `${about}: ${words.join(' or ')}`
}

export function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
