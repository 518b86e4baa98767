// Owns where in the dashboard a person does what a to-do asks for. Pure.

import type { Connection } from '../../api/queries.ts'
import type { TABS } from './route.ts'

type ToDo = Connection['todo'][number]

interface Way {
  /** The part of the connection's page. */
  readonly tab: (typeof TABS)[number] | undefined
  /** What is done there. */
  readonly words: string
  /** Its message goes on a sentence that begins with the connection: `needs a new login`. @default it is one of its own */
  readonly isClause?: true
}

const WAYS: Readonly<Record<ToDo['what'], Way>> = {
  login: { tab: 'options', words: 'Renew its login', isClause: true },
  connect: { tab: 'options', words: 'Connect it again', isClause: true },
  resume: { tab: undefined, words: 'Resume', isClause: true },
  purge: { tab: undefined, words: 'Show', isClause: true },
  failed: { tab: 'runs', words: 'Show the run' },
  unavailable: { tab: undefined, words: 'Show' },
  incomplete: { tab: undefined, words: 'Show' },
  removals: { tab: 'review', words: 'Review' },
  quarantine: { tab: 'review', words: 'Review' },
}

/** The way to it, and what stands in the address there: of a run that failed, the run. */
export function wayOf({ what }: Pick<ToDo, 'what'>, lastRun: { readonly id: string } | null) {
  const { tab, words, isClause = false } = WAYS[what]
  return { words, tab, joint: isClause ? ' ' : ': ', search: { tab, run: what === 'failed' ? lastRun?.id : undefined } }
}

/** As a sentence of its own. */
export function sentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`
}
