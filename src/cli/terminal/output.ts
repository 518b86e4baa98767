// Owns the two streams that a command writes to, and what each can show: colours, a width, a place to draw. A reader
// that went away (`| head`) is no error; a slow one is waited for.

import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'

export type Paint = (style: Style, text: string) => string

/** The part of a process stream that is needed. */
export type Stream = Pick<NodeJS.WriteStream, 'write' | 'on' | 'off'> & { isTTY?: boolean; columns?: number }

/** How wide a terminal is taken to be that doesn't say. */
const WIDTH = 80

/** Where rows go: a terminal, a pipe, a file. */
export interface Sink {
  readonly isTerminal: boolean
  /** Nobody reads any more. */
  readonly isClosed: boolean
  readonly width: number
  readonly paint: Paint
  write(text: string): Promise<void>
}

export class Output {
  readonly isTerminal: boolean
  readonly paint: Paint
  readonly #stream: Stream
  #isClosed = false
  #failure: string | undefined

  constructor(stream: Stream, colors: boolean) {
    this.#stream = stream
    this.isTerminal = stream.isTTY === true
    this.paint = colors ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#isClosed = true
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') this.#failure = error.code ?? error.message
    })
  }

  /** Nobody reads any more: whoever produces much may stop. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Why it could not be written, if it broke in another way than by its reader going away: a full disk. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Columns; without a terminal nothing has to be cut. */
  get width(): number {
    return this.isTerminal ? (this.#stream.columns ?? WIDTH) : Number.POSITIVE_INFINITY
  }

  /** Writes, and resolves when more may be written. */
  async write(text: string): Promise<void> {
    if (this.#isClosed || text === '' || this.#stream.write(text)) return
    await new Promise<void>((resolve) => {
      const events = ['drain', 'close', 'error'] as const
      const onEvent = () => {
        for (const event of events) this.#stream.off(event, onEvent)
        resolve()
      }
      for (const event of events) this.#stream.on(event, onEvent)
    })
  }

  /** Resolves when everything written so far has left or has failed. */
  async flush(): Promise<void> {
    if (!this.#isClosed) await new Promise<void>((resolve) => void this.#stream.write('', () => resolve()))
  }

  /** Writes a line without waiting, for what is short. */
  line(text = ''): void {
    if (!this.#isClosed) this.#stream.write(`${text}\n`)
  }
}

/**
 * Whether a stream gets colours: NO_COLOR (no-color.org) and --no-color win, FORCE_COLOR asks for them where no
 * terminal is, and otherwise a terminal decides.
 */
export function wantsColors(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
  asked: boolean,
): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment
  if (!asked || (NO_COLOR !== undefined && NO_COLOR !== '')) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && TERM !== 'dumb'
}
