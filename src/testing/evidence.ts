// Owns the search for secrets in everything that leaves a connector's run: log, console, reports, page tokens, database.

import { isPlaceholder } from '../http/record-redaction.ts'
import { secretForms } from '../http/record-forms.ts'

/** A shorter secret stands in texts by chance. */
export const FINDABLE_LENGTH_MIN = 8

export class Evidence {
  readonly #secrets = new Map<string, { readonly name: string; readonly forms: readonly string[] }>()
  readonly #found = new Map<string, string>()

  learn(name: string, value: string): void {
    if (value.length < FINDABLE_LENGTH_MIN || isPlaceholder(value) || this.#secrets.has(value)) return
    this.#secrets.set(value, { name, forms: secretForms(value) })
  }

  /** Whether there is anything to look for. */
  get knows(): boolean {
    return this.#secrets.size > 0
  }

  /** Looks for every secret in a text; what it finds is in `leaks`. */
  look(where: string, text: string | Buffer): void {
    for (const { name, forms } of this.#secrets.values()) {
      if (!this.#found.has(`${name} ${where}`) && forms.some((form) => text.includes(form))) {
        this.#found.set(`${name} ${where}`, `the secret "${name}" stands in ${where}`)
      }
    }
  }

  get leaks(): readonly string[] {
    return [...this.#found.values()]
  }
}

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const

/** Listens to what the connector writes to console, stdout and stderr while `act` runs; all is written as ever. */
export async function hearConsole<T>(hear: (text: string) => void, act: () => Promise<T>): Promise<T> {
  const before = METHODS.map((method) => [method, console[method]] as const)
  for (const [method, write] of before) {
    console[method] = (...words: unknown[]) => {
      hear(words.map((word) => (typeof word === 'string' ? word : textOf(word))).join(' '))
      ;(write as (...given: unknown[]) => void).apply(console, words)
    }
  }
  const ends = [process.stdout, process.stderr].map((stream) => hearStream(stream, hear))
  try {
    return await act()
  } finally {
    for (const end of ends) end()
    for (const [method, write] of before) console[method] = write
  }
}

function hearStream(stream: NodeJS.WriteStream, hear: (text: string) => void): () => void {
  const write = stream.write.bind(stream)
  stream.write = (...given: unknown[]) => {
    const [chunk] = given
    hear(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString())
    return (write as (...words: unknown[]) => boolean)(...given)
  }
  return () => {
    stream.write = write
  }
}

function textOf(word: unknown): string {
  try {
    return word instanceof Error ? `${word.message} ${word.stack}` : (JSON.stringify(word) ?? String(word))
  } catch {
    return String(word)
  }
}
