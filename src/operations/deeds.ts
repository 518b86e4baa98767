// Owns the audit log's entries: which deeds are written down, by whom they were done, and what of their input is told.

import { asError, LeaseLost, TidemarkError } from '../model/errors.ts'
import type { Mirror } from './mirror.ts'
import type { Described } from './operation.ts'

/** For whom an operation is done: the project, and who acts, for the audit log. */
export interface Actor {
  readonly project: string
  /** @default nobody is named, and nothing is written there */
  readonly who?: string | undefined
}

/** The longest text of a deed's input, in characters; a longer one names the inputs alone. */
export const GIVEN_CHARS_MAX = 2_000

/** Of an operation whose input may be a secret, only these are told. */
const TOLD_OF_SECRETIVE = ['connector', 'id', 'check']

/**
 * The same result, after the deed was written into the audit log. Looking is no deed, and where nobody has said who acts,
 * nothing is written. A deed that can't be written down is done all the same: it is told in the log of the program.
 */
export function recorded<Result>(
  operation: Described,
  on: object,
  given: Readonly<Record<string, unknown>>,
  result: Result,
): Result {
  if (isLook(operation) || !isKept(on) || !(result instanceof Promise)) return result
  const at = on.clock.now()
  const write = async (outcome: string) => {
    try {
      const { project, who, store } = on
      const connection = connectionOf(operation, given)
      await store.audit.add({
        project,
        at,
        who,
        operation: operation.name,
        connection,
        given: toldOf(operation, given),
        outcome,
      })
    } catch (error) {
      on.logger.event('error', 'audit.failed', { operation: operation.name, code: codeOf(error) })
    }
  }
  const done = result.then(
    async (value: unknown) => {
      await write('done')
      return value
    },
    async (error: unknown) => {
      // Whoever has lost its lease writes nothing more.
      if (!(error instanceof LeaseLost)) await write(codeOf(error))
      throw error
    },
  )
  // Closing waits for what is being done, and for its entry.
  on.underWay?.add(done)
  const forget = () => void on.underWay?.delete(done)
  done.then(forget, forget)
  return done as Result
}

/** Whether it changes nothing, whoever may do it. */
export function isLook({ scope, isLook: looks = false }: Described): boolean {
  return scope === 'read' || looks
}

/** Whether there is somebody to name, and where to write it. */
function isKept(on: object): on is Mirror & { readonly who: string } {
  return 'who' in on && typeof on.who === 'string'
}

function codeOf(error: unknown): string {
  return error instanceof TidemarkError ? error.code : asError(error).name
}

function connectionOf({ name }: Described, given: Readonly<Record<string, unknown>>): string | null {
  const connection = name === 'connect' ? given['id'] : given['connection']
  return typeof connection === 'string' ? connection : null
}

const textOf = (value: unknown) =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))

function toldOf({ isSecretive = false, input }: Described, given: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(given).filter(([name, value]) => {
    if (name === 'connection' || value === undefined || !(name in input)) return false
    if (isSecretive) return TOLD_OF_SECRETIVE.includes(name)
    // Bytes and streams are no text.
    return (
      typeof value !== 'object' ||
      value === null ||
      Array.isArray(value) ||
      Object.getPrototypeOf(value) === Object.prototype
    )
  })
  const text = textOf(Object.fromEntries(told))
  return text.length <= GIVEN_CHARS_MAX ? text : textOf({ inputs: told.map(([name]) => name) })
}
