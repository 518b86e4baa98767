// Owns asking the source for records by key, when a few of the keys can't be asked for: one that the source blocks, or
// breaks on, must not keep it from being asked for the others.

import { isPageFault, scopeOf } from '../../model/errors.ts'
import type { Key } from '../../model/record.ts'

/** So many questions in a row may fail before the rest are no longer asked: then it is not about single keys. */
export const FAULTS_IN_A_ROW_MAX = 10

export interface ByKeyAnswers<T> {
  /** What was answered, with the keys that were asked for together. */
  readonly answers: readonly { readonly keys: readonly Key[]; readonly answer: T }[]
  /** Keys that could not be asked for, and why. */
  readonly failed: ReadonlyMap<Key, unknown>
}

export interface ByKeyQuestion<T> {
  readonly keys: readonly Key[]
  /** Keys asked for at a time. */
  readonly batch: number
  readonly ask: (keys: readonly Key[]) => Promise<T>
  /** Asking costs money: a batch that fails is not asked again, and nothing behind it. @default false */
  readonly paid?: boolean | undefined
  /** Asks for something that the same login was allowed to read a moment ago, to tell whether it still is. */
  readonly tryLogin: () => Promise<unknown>
}

/**
 * Asks for records in batches. A batch that fails by its own fault is asked again in halves, down to the single key. A
 * login that is refused for some keys, while others are answered or the login holds elsewhere, is a fault of those keys.
 *
 * @throws what `ask` throws when it is no fault of the keys: a limit, a budget, the database, a login that is lost
 */
export async function askByKey<T>({
  keys,
  batch,
  ask,
  paid = false,
  tryLogin,
}: ByKeyQuestion<T>): Promise<ByKeyAnswers<T>> {
  const answers: { keys: readonly Key[]; answer: T }[] = []
  const failed = new Map<Key, unknown>()
  const parts = inParts(keys, batch)
  let faultsInARow = 0
  let refusedLogin: unknown
  let loginHolds = false
  const checkLogin = async () => {
    if (refusedLogin === undefined || loginHolds || answers.length > 0) return
    await tryLogin().catch((error: unknown) => {
      throw scopeOf(error) === 'run' ? error : refusedLogin
    })
    loginHolds = true
  }
  for (let part = parts.shift(); part; part = parts.shift()) {
    try {
      answers.push({ keys: part, answer: await ask(part) })
      faultsInARow = 0
    } catch (error) {
      const isLogin = scopeOf(error) === 'login'
      if (paid) throw error
      if (!isLogin && !isPageFault(error)) throw error
      if (isLogin) refusedLogin ??= error
      faultsInARow++
      if (isLogin && faultsInARow >= LOGIN_REFUSALS) await checkLogin()
      const rest = faultsInARow >= FAULTS_IN_A_ROW_MAX ? [part, ...parts.splice(0)] : undefined
      if (!rest && part.length > 1) {
        const halves = inParts(part, Math.ceil(part.length / 2))
        // Whether a login is lost, the keys furthest from those that were refused can tell best.
        if (isLogin) parts.push(...halves)
        else parts.unshift(...halves)
      } else for (const key of (rest ?? [part]).flat()) failed.set(key, error)
    }
  }
  await checkLogin()
  return { answers, failed }
}

/** Refused so often, with nothing answered, the login is tried elsewhere before more is asked with it. */
const LOGIN_REFUSALS = 3

function inParts(keys: readonly Key[], size: number): (readonly Key[])[] {
  const parts: (readonly Key[])[] = []
  for (let i = 0; i < keys.length; i += size) parts.push(keys.slice(i, i + size))
  return parts
}
