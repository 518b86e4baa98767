// Owns how a call of an operation is typed in a command line: its examples, and what is wrong with its input in the words
// of the command that was typed. Pure, but for which command that was.

import { type ErrorCode, TidemarkError } from '../model/errors.ts'
import { InputRefused } from '../model/input-refused.ts'
import type { Field } from '../operations/fields.ts'
import type { Described } from '../operations/operation.ts'
import { quoted } from './own-command.ts'

/** How an operation is written in a command line, where that differs from how it describes itself. */
export interface Written {
  /** Inputs that are arguments here. @default those of the operation */
  readonly args?: readonly string[]
  /** Inputs that have no option of their own. */
  readonly omit?: readonly string[]
  /** Inputs that the words of the command settle, such as the verdict of `removals approve`. */
  readonly settles?: Readonly<Record<string, string>>
  /** Options of this face alone. */
  readonly extra?: Readonly<Record<string, Field>>
}

/** The examples of an operation, as they are typed; none that gives what this command does not take. */
export function exampleLines(name: string, operation: Described, more: Written): readonly string[] {
  const { omit = [], settles = {} } = more
  const isTaken = (example: object) =>
    Object.entries(example).every(([input, value]) => !omit.includes(input) && (settles[input] ?? value) === value)
  return operation.examples.filter(isTaken).map((example) => {
    const given = Object.entries(example as Readonly<Record<string, unknown>>).filter(([input]) => !(input in settles))
    const values = new Map(given)
    const args = more.args ?? operation.positional ?? []
    const names = args.filter((key) => values.has(key))
    const isOfStream = names.includes('connection') && names.includes('stream')
    const target = isOfStream ? [`${String(values.get('connection'))}/${String(values.get('stream'))}`] : []
    const others = names.filter((key) => !isOfStream || (key !== 'connection' && key !== 'stream'))
    const words = [...target, ...others.flatMap((key) => [values.get(key)].flat().map((one) => asTyped(String(one))))]
    for (const [key, value] of given) {
      if (!args.includes(key)) words.push(...optionWords(flagOf(key), operation.input[key], value))
    }
    return ['tidemark', name, ...words].join(' ')
  })
}

function optionWords(flag: string, field: Field | undefined, value: unknown): readonly string[] {
  if (field?.kind === 'switch') return value === true ? [`--${flag}`] : []
  if (field?.kind === 'pairs' || field?.kind === 'settings') {
    return Object.entries(value as object).flatMap(([key, one]) => [
      field.kind === 'settings' ? '--set' : `--${flag}`,
      asTyped(`${key}=${[one].flat().join(',')}`),
    ])
  }
  return [`--${flag}`, asTyped([value].flat().join(','))]
}

/** Quoted as every shell reads it, where that is possible. */
function asTyped(text: string): string {
  return /^[\w *:.,/=-]+$/.test(text) && /[ *]/.test(text) ? `"${text}"` : quoted(text)
}

export function flagOf(input: string): string {
  return input.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** What was typed, by the name of its operation. */
const spoken = new Map<string, { readonly name: string; readonly operation: Described; readonly written: Written }>()

/** From here on, what this operation refuses is told in the words of this command. */
export function speaks(name: string, operation: Described, written: Written): void {
  spoken.set(operation.name, { name, operation, written })
}

/** What an operation refuses of its input, as whoever typed the command knows it; any other error as it is. */
export function asSpoken(error: unknown): unknown {
  if (!(error instanceof InputRefused)) return error
  const { refusal } = error
  const said = spoken.get(refusal.call)
  const field = said?.operation.input[refusal.input]
  if (!said || !field || refusal.kind === 'unknown') return error
  const { name, operation, written } = said
  const isArgument = [...(written.args ?? operation.positional ?? []), ...(written.omit ?? [])].includes(refusal.input)
  const which = isArgument ? `argument ${refusal.input}` : `option --${flagOf(refusal.input)}`
  const [example] = exampleLines(name, operation, written)
  const hint = `${refusal.meant}${example === undefined ? `See: tidemark ${name} --help` : `For example: ${example}`}`
  if (refusal.kind === 'missing') {
    const code = isArgument ? 'argument_missing' : 'option_missing'
    return new TidemarkError(code, `The ${which} is missing: ${field.about}.`, { hint })
  }
  const message = `The ${which} ${refusal.within === '' ? '' : `(${refusal.within.slice(1)}) `}${refusal.expected}, not ${refusal.value}.`
  return new TidemarkError(error.code as ErrorCode, message as `The ${string}.`, { hint })
}
