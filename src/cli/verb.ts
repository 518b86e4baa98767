// Owns how an operation becomes a command: its sentence, arguments, options and examples, as commander knows them.

import { Argument, Command } from 'commander'
import type { Field } from '../operations/fields.ts'
import type { Described } from '../operations/operation.ts'
import { examples } from './command.ts'
import { quoted } from './own-command.ts'
import { amount, collect, columnList, columnOrder, oneOf, wholeNumber } from './values.ts'

export interface VerbMore {
  /** What stands beside its name in the list of commands. @default the operation's sentence */
  readonly summary?: string
  /** Inputs that are arguments here. @default those of the operation */
  readonly args?: readonly string[]
  /** Sentences for people at a terminal, after the operation's own. */
  readonly says?: string
  /** Inputs that this command takes in its own way, or not at all. */
  readonly omit?: readonly string[]
  /** More examples, as they are typed. */
  readonly examples?: readonly string[]
}

/** Adds a command for an operation. Its options have the names of the inputs, as `camelCase` in the action. */
export function verb(program: Command, name: string, operation: Described, more: VerbMore = {}): Command {
  const { does, details } = operation
  const positional = more.args ?? operation.positional ?? []
  const command = new Command(name)
    .summary(more.summary ?? lowered(does.replace(/\.$/, '')))
    .description([does, details, more.says].filter((text) => text !== undefined).join(' '))
    .copyInheritedSettings(program)
  program.addCommand(command)
  const left = Object.entries(operation.input).filter(([input]) => !more.omit?.includes(input))
  for (const argument of argumentsOf(left, positional)) command.addArgument(argument)
  for (const [input, field] of left) {
    if (!positional.includes(input) && field.kind !== 'hook') addOption(command, input, field)
  }
  const isTaken = (example: object) => Object.keys(example).every((input) => !more.omit?.includes(input))
  const lines = operation.examples
    .filter(isTaken)
    .map((example) => exampleLine(name, operation.input, positional, example))
  return command.addHelpText('after', examples(...new Set([...lines, ...(more.examples ?? [])])))
}

type Inputs = readonly (readonly [string, Field])[]

/** A connection and its stream are written as one: `me/stars`. */
function argumentsOf(inputs: Inputs, positional: readonly string[]): readonly Argument[] {
  const fields = new Map(inputs)
  const names = positional.filter((name) => fields.has(name))
  const isOfStream = names.includes('connection') && names.includes('stream')
  const rest = names.filter((name) => !isOfStream || (name !== 'connection' && name !== 'stream'))
  const target = isOfStream ? [new Argument('<stream>', 'which stream: <connection>/<stream>')] : []
  return [
    ...target,
    ...rest.map((name) => {
      const { schema, about, words, kind } = fields.get(name) as Field
      const isOptional = schema.safeParse(undefined).success
      const text = `${about}${name === 'key' ? '; write -- before one that begins with a dash' : ''}`
      const called = kind === 'list' ? `${name}...` : name
      return new Argument(isOptional ? `[${called}]` : `<${called}>`, words ? `one of: ${words.join(', ')}` : text)
    }),
  ]
}

const TIMES = 'a day, a time, or how long ago (2026-11-01, yesterday, 7d)'

function addOption(command: Command, input: string, field: Field): void {
  const flag = flagOf(input)
  const { kind, about, sign, otherwise, words } = field
  const text = [
    kind === 'moment' ? `${about}: ${TIMES}` : wordsText(about, words),
    ...(otherwise === undefined ? [] : [`(default: ${otherwise})`]),
  ].join(' ')
  if (kind === 'switch') command.option(`--${flag}`, text)
  else if (kind === 'number' && sign === 'n')
    command.option(`--${flag} <${sign}>`, text, wholeNumber(flag, mostOf(field)))
  else if (kind === 'number') command.option(`--${flag} <${sign}>`, text, amount(flag))
  else if (kind === 'word') command.option(`--${flag} <${sign}>`, text, oneOf(flag, words ?? []))
  else if (kind === 'list') command.option(`--${flag} <${sign}>`, text, columnList)
  else if (kind === 'order') command.option(`--${flag} <${sign}>`, text, columnOrder)
  else if (kind === 'pairs') command.option(`--${flag} <${sign}>`, text, collect)
  else command.option(`--${flag} <${sign}>`, text)
}

function wordsText(about: string, words: readonly string[] | undefined): string {
  return !words || about.startsWith(`${words[0]}:`) ? about : `${about}: ${words.join(' or ')}`
}

/** The largest number that a field takes. */
function mostOf({ most }: Field): number {
  return most ?? Number.MAX_SAFE_INTEGER
}

function exampleLine(name: string, input: Described['input'], positional: readonly string[], example: object): string {
  const given = Object.entries(example as Readonly<Record<string, unknown>>)
  const values = new Map(given)
  const names = positional.filter((key) => values.has(key))
  const isOfStream = names.includes('connection') && names.includes('stream')
  const target = isOfStream ? [`${String(values.get('connection'))}/${String(values.get('stream'))}`] : []
  const args = names.filter((key) => !isOfStream || (key !== 'connection' && key !== 'stream'))
  const words = [...target, ...args.flatMap((key) => [values.get(key)].flat().map((one) => quoted(String(one))))]
  for (const [key, value] of given) {
    if (!positional.includes(key)) words.push(...optionWords(flagOf(key), input[key], value))
  }
  return ['tidemark', name, ...words].join(' ')
}

function optionWords(flag: string, field: Field | undefined, value: unknown): readonly string[] {
  if (field?.kind === 'switch') return value === true ? [`--${flag}`] : []
  if (field?.kind === 'pairs') {
    return Object.entries(value as object).flatMap(([key, one]) => [
      `--${flag}`,
      quoted(`${key}=${[one].flat().join(',')}`),
    ])
  }
  return [`--${flag}`, quoted([value].flat().join(','))]
}

function flagOf(input: string): string {
  return input.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
