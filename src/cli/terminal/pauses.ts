// Owns why connections stand still, and what follows for commands that mean all of them. Pure.

import type { Standing } from '../../engine/runs/documents.ts'
import { HOW_TO_MEND } from '../../engine/runs/standing.ts'

const WORDS: Readonly<Record<string, string>> = { user: 'paused', login: 'login needed', purging: 'being deleted' }

/** Why a connection stands still, in words: a person paused it, its login ended, it was disconnected. */
export function pausedText(reasons: readonly string[]): string {
  return reasons.map((reason) => WORDS[reason] ?? reason).join(', ')
}

/** What else keeps a paused connection from running, in parentheses; '' where nothing does. */
export function alsoText(reasons: readonly string[]): string {
  if (isDisconnected(reasons)) return ' (it is also disconnected)'
  return reasons.includes('login') ? ' (it also needs a login)' : ''
}

/** Of whom, why it stands still and what to do: "me needs a new login: … Run: tidemark connect …". */
export function standingText(who: string, { state, why, mend }: Standing): string {
  return state === 'on' ? `${who} runs.` : `${who} ${why}. ${HOW_TO_MEND[state]}: ${mend}`
}

export function isDisconnected(reasons: readonly string[]): boolean {
  return reasons.includes('disconnected')
}
