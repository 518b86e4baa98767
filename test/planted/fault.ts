// Owns what a planted fault is: a mistake that somebody could make in src/, as text to find and text to put there, and the
// tests that must turn red because of it.

export interface PlantedFault {
  readonly id: string
  /** The failure mode that the mistake brings back. */
  readonly mode: `FM-${number}` | `I${number}`
  /** The mistake, in words. */
  readonly what: string
  readonly edits: readonly Edit[]
  readonly caughtBy: Catcher
}

export interface Edit {
  /** From the project's folder. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly put: string
}

export type Catcher = Tests | Seeds

/** Files of tests, and which of their tests, as vitest's -t takes it. */
export interface Tests {
  readonly tests: readonly string[]
  readonly only?: string
}

/** So many seeds of the simulation, from 1. */
export interface Seeds {
  readonly style: string
  readonly seeds: number
}

/** An edit of one file. */
export function edit(file: string, find: string, put: string): Edit {
  return { file, find, put }
}

/** A scenario of the n-th-fault loop, by its name. */
export function scenario(group: 'reading' | 'running', name: string): Catcher {
  return { tests: [`test/faults/${group}.test.ts`], only: `no single fault matters: ${name}$` }
}
