// Owns the store of a process that is killed: from one of its calls on, nothing that it asks reaches the database.

import type { Store } from '../../src/store/store.ts'

export class Killed extends Error {}

/** Which calls count, such as `connections.save` or `checkpoint`. */
type Counts = (method: string) => boolean

/** The store of a process that is killed before its call number `at`, from 1; `before` is awaited before each. */
export function mortal(
  store: Store,
  at: number,
  counts: Counts = () => true,
  before: (call: number) => Promise<unknown> = async () => {},
): Store {
  let calls = 0
  const dying =
    (method: string, call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      if (counts(method)) calls++
      if (calls >= at) throw new Killed(method)
      if (counts(method)) await before(calls)
      return call(...args)
    }
  const part = (name: string, methods: object) =>
    Object.fromEntries(
      Object.entries(methods).map(([method, call]) => [method, dying(`${name}.${method}`, call as never)]),
    )
  const parts = Object.entries(store).map(([name, value]) => {
    if (typeof value === 'function') return [name, name === 'close' ? value : dying(name, value as never)] as const
    return [name, typeof value === 'object' ? part(name, value as object) : value] as const
  })
  return Object.fromEntries(parts) as unknown as Store
}
