// Owns the search for secrets in everything that leaves a connector's run: log, console, reports, page tokens, database.

import { isPlaceholder } from '../http/recording/redaction.ts'
import { SecretFinder } from '../http/secret-finder.ts'

/** A shorter secret stands in texts by chance. */
export const FINDABLE_LENGTH_MIN = 8

export class Evidence {
  readonly #secrets = new Map<string, string>()
  readonly #finder = new SecretFinder()
  readonly #found = new Map<string, string>()

  learn(name: string, value: string): void {
    if (value.length < FINDABLE_LENGTH_MIN || isPlaceholder(value) || this.#secrets.has(value)) return
    this.#secrets.set(value, name)
    this.#finder.add(value)
  }

  /** Whether there is anything to look for. */
  get knows(): boolean {
    return this.#secrets.size > 0
  }

  /** Looks for every secret in a text; what it finds is in `leaks`. */
  look(where: string, text: string | Buffer): void {
    for (const { secret } of this.#finder.find(typeof text === 'string' ? text : text.toString('latin1'))) {
      const name = this.#secrets.get(secret) ?? ''
      this.#found.set(`${name} ${where}`, `the secret "${name}" stands in ${where}`)
    }
  }

  get leaks(): readonly string[] {
    return [...this.#found.values()]
  }
}

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const

type Hear = (text: string) => void

/** Everybody who listens now, and what puts things back when nobody does any more. */
const listeners = new Set<Hear>()
let restore: (() => void) | undefined

/** Listens to what the connector writes to console, stdout and stderr while `act` runs; all is written as ever. */
export async function hearConsole<T>(hear: Hear, act: () => Promise<T>): Promise<T> {
  restore ??= listen()
  listeners.add(hear)
  try {
    return await act()
  } finally {
    listeners.delete(hear)
    if (listeners.size === 0) {
      restore?.()
      restore = undefined
    }
  }
}

function tell(text: string): void {
  for (const hear of listeners) hear(text)
}

function listen(): () => void {
  const before = METHODS.map((method) => [method, console[method]] as const)
  for (const [method, write] of before) {
    console[method] = (...words: unknown[]) => {
      tell(words.map((word) => (typeof word === 'string' ? word : textOf(word))).join(' '))
      ;(write as (...given: unknown[]) => void).apply(console, words)
    }
  }
  const ends = [process.stdout, process.stderr].map(listenTo)
  return () => {
    for (const end of ends) end()
    for (const [method, write] of before) console[method] = write
  }
}

function listenTo(stream: NodeJS.WriteStream): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, 'write')
  const write = stream.write.bind(stream)
  stream.write = (...given: unknown[]) => {
    const [chunk] = given
    tell(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString())
    return (write as (...words: unknown[]) => boolean)(...given)
  }
  return () => {
    if (own) Object.defineProperty(stream, 'write', own)
    else Reflect.deleteProperty(stream, 'write')
  }
}

function textOf(word: unknown): string {
  try {
    return word instanceof Error ? `${word.message} ${word.stack}` : (JSON.stringify(word) ?? String(word))
  } catch {
    return String(word)
  }
}
