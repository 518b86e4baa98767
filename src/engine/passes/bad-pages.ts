// Owns what a run knows of pages that can't be read: which they are, and what they answered. Two walks of a stream that
// stand before the same page ask for it once. A total that can't be asked for is such a page, too.

import { isPageFault } from '../../model/errors.ts'
import { canonical, type Json } from '../../model/json.ts'
import { isCleanStop } from './budget.ts'

/** A function of the connector that asks for something. */
type Read = (request: never) => Promise<unknown>

/** How a page is asked for: with this function and this token, which is null for the first one. */
export interface PageAddress {
  readonly read: Read
  readonly token: Json
}

interface Fault {
  readonly error: Error
  readonly token: string
}

export class BadPages {
  readonly #faults = new Map<Read, Map<string, Fault>>()
  #first: Fault | undefined

  /** What the page answered when it was asked for in this run. */
  at({ read, token }: PageAddress): Fault | undefined {
    return this.#faults.get(read)?.get(tokenText(token))
  }

  /** Whether the page with this token, as text, could not be read in this run. */
  knows(read: Read, token: string): boolean {
    return this.#faults.get(read)?.has(token) ?? false
  }

  /** Takes note of what was thrown while a page was read, if it is that page's fault. */
  note({ read, token }: PageAddress, error: unknown): void {
    if (!(error instanceof Error) || !isPageFault(error)) return
    const fault = { error, token: tokenText(token) }
    this.#first ??= fault
    if (!this.#faults.has(read)) this.#faults.set(read, new Map())
    this.#faults.get(read)?.set(fault.token, fault)
  }

  /** Whether a page is to blame for this error. */
  has(error: unknown): boolean {
    return this.#all().some((fault) => fault.error === error)
  }

  /** The error of the first page that could not be read; undefined: all could. */
  get first(): Fault | undefined {
    return this.#first
  }

  #all(): readonly Fault[] {
    return [...this.#faults.values()].flatMap((byToken) => [...byToken.values()])
  }
}

/** Does what may meet a page that can't be read, and goes on behind it. */
export async function past<T>(badPages: BadPages, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (badPages.has(error)) return undefined
    // A limit or a budget that ends the run later on leaves the page what it is.
    if (badPages.first && isCleanStop(error)) throw badPages.first.error
    throw error
  }
}

/** How a token is kept to recognise it. */
export function tokenText(token: Json): string {
  return canonical(token)
}
