// Owns what a command is: the file in commands/ that declares it, and the function that does it.

import { Argument, type Command, type Option } from 'commander'
import type { Cli } from './cli.ts'

/** Wraps what a command does: its arguments come from commander, its number is the exit code (nothing: 0). */
export type Run = <A extends unknown[]>(
  act: (cli: Cli, ...args: A) => Promise<number | void>,
) => (...args: A) => Promise<void>

/** What each file in commands/ exports as `declare`: adds the command to the program. */
export type Declare = (program: Command, run: Run) => Command

const ACTIONS = new WeakMap<Argument, readonly string[]>()

/** A first argument that says what is to be done, as one of some words, which a shell then completes. */
export function action(name: string, words: readonly string[], description: string): Argument {
  const argument = new Argument(name, description)
  ACTIONS.set(argument, words)
  return argument
}

/** The words with which a command's first argument says what is to be done; none: it says something else. */
export function actionsOf({ registeredArguments: [first] }: Command): readonly string[] {
  return (first && ACTIONS.get(first)) ?? []
}

const WORDS = new WeakMap<Option, readonly string[]>()

/** An option whose value is one of some words, which a shell then completes. */
export function withWords(option: Option, words: readonly string[]): Option {
  WORDS.set(option, words)
  return option
}

export function wordsOf(option: Option): readonly string[] {
  return WORDS.get(option) ?? []
}

/** The block of examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
