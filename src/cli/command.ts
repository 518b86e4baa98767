// Owns what a command is: the file in commands/ that declares it, and the function that does it.

import type { Command } from 'commander'
import type { Cli } from './cli.ts'

/** Wraps what a command does: its arguments come from commander, its number is the exit code (nothing: 0). */
export type Run = <A extends unknown[]>(
  act: (cli: Cli, ...args: A) => Promise<number | void>,
) => (...args: A) => Promise<void>

/** What each file in commands/ exports as `declare`: adds the command to the program. */
export type Declare = (program: Command, run: Run) => Command

/** The block of examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
