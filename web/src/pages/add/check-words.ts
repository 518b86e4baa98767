// Owns what a check of a login says to a person: whose it is, or what is wrong with it. Pure.

import { Problem } from '../../api/client.ts'
import { plural } from '../../parts/values.tsx'
import type { Check } from './queries.ts'

/** Outcomes after which a person has something to mend. */
const WRONG: readonly string[] = ['refused', 'wrong', 'unreachable']

export function isWrong({ outcome }: Check): boolean {
  return WRONG.includes(outcome)
}

/** What is done about it beside the form of its options, instead of in a terminal. */
const HINTS: Readonly<Record<string, string>> = {
  token_rejected: 'Write new credentials into the form, and test them.',
  address_refused: 'If the service really runs there, turn on “Allow private network” under Advanced.',
}

/** What the service has said of the login, as what the server says of a call. */
export function checkProblem({ error, outcome }: Check): Problem {
  if (error === null) return new Problem({ status: 0, code: outcome, detail: 'The service did not take the login.' })
  return new Problem({ status: 0, code: error.code, detail: error.message, hint: HINTS[error.code] ?? error.hint })
}

export function accountText({ account, outcome, requestsLeft }: Check): string {
  const left = requestsLeft === null ? '' : ` ${plural(requestsLeft, 'request')} left in its current window.`
  if (outcome === 'ok')
    return `${account === null ? 'The service takes the login.' : `The service takes the login, and calls it ${account}.`}${left}`
  if (outcome === 'skipped') return 'There is nothing to ask that costs nothing: the next sync will tell.'
  return 'Whether the login is right is not known yet: the next sync will tell.'
}
