// Owns the live lines of runs under way, drawn in place on a terminal's stderr: what is read now, how much, how fast,
// and how long still when that can be said. At most ten drawings a second, each in one write, the cursor always given back.

import type { RunProgress } from '../../engine/runs/progress.ts'
import { durationText } from '../../model/duration.ts'
import { count, plural } from '../../model/plural.ts'
import type { Progress } from '../../model/run.ts'
import { addSample, type Estimate, estimate, type Sample } from './estimate.ts'
import type { Paint } from './output.ts'
import { cut, oneLine } from './printable.ts'

export interface Screen {
  write(text: string): unknown
  readonly columns?: number
  readonly rows?: number
}

interface StreamView {
  readonly pages: number
  readonly processed: number
  readonly total: number | null
  readonly samples: readonly Sample[]
}

type RunView = ReadonlyMap<string, StreamView>

/** Milliseconds between two drawings. */
const FRAME_MS = 100
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** Terminals that know it show a drawing at once (DEC mode 2026); the others ignore it. */
const BEGIN_FRAME = '\x1b[?2026h'
const END_FRAME = '\x1b[?2026l'

export class LiveProgress {
  readonly #screen: Screen
  readonly #paint: Paint
  readonly #mono: () => number
  readonly #runs = new Map<string, RunView>()
  readonly #showCursor = () => void this.#screen.write(SHOW_CURSOR)
  #timer: NodeJS.Timeout | undefined
  #drawn = 0
  #frame = 0
  #footer = ''

  constructor(screen: Screen, paint: Paint, mono: () => number) {
    this.#screen = screen
    this.#paint = paint
    this.#mono = mono
  }

  begin(connection: string): void {
    this.#runs.set(connection, new Map())
    if (this.#timer) return
    this.#timer = setInterval(() => this.#draw(), FRAME_MS)
    this.#timer.unref()
    // Also when the program ends in the middle, the cursor must be there again.
    process.once('exit', this.#showCursor)
    this.#screen.write(HIDE_CURSOR)
  }

  update(progress: RunProgress): void {
    const view = this.#runs.get(progress.connection)
    if (!view) return
    const at = this.#mono()
    const streams = new Map(
      progress.streams.map(({ stream, pages, processed, total }) => {
        const samples = view.get(stream)?.samples ?? []
        const isNew = samples.at(-1)?.processed !== processed
        return [stream, { pages, processed, total, samples: isNew ? addSample(samples, { at, processed }) : samples }]
      }),
    )
    this.#runs.set(progress.connection, streams)
  }

  /** Takes a run's lines away. */
  end(connection: string): void {
    this.#runs.delete(connection)
    if (this.#runs.size === 0) this.stop()
  }

  /** A line under the others, until the end. */
  footer(text: string): void {
    this.#footer = text
  }

  /** Lets something be written where the lines are; they come again below it. */
  above(write: () => void): void {
    this.#erase()
    write()
    if (this.#timer) this.#draw()
  }

  stop(): void {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#erase()
    process.off('exit', this.#showCursor)
    this.#showCursor()
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`\r\x1b[${this.#drawn}A\x1b[J`)
    this.#drawn = 0
  }

  #draw(): void {
    const { columns = 80, rows = 24 } = this.#screen
    const spinner = SPINNER[this.#frame++ % SPINNER.length] as string
    const all = [...this.#runs].flatMap(([connection, run]) => this.#lines(connection, run, spinner))
    // Lines that don't fit on the screen could not be drawn over again.
    const lines = all.slice(0, Math.max(1, rows - 2))
    if (this.#footer !== '') lines.push({ sign: ' ', text: this.#footer })
    const drawing = lines.map(({ sign, text }) => `\x1b[2K${this.#paint('cyan', sign)} ${cut(text, columns - 3)}\n`)
    const up = this.#drawn > 0 ? `\r\x1b[${this.#drawn}A` : '\r'
    this.#screen.write(`${BEGIN_FRAME}${up}${drawing.join('')}\x1b[J${END_FRAME}`)
    this.#drawn = lines.length
  }

  #lines(connection: string, streams: RunView, spinner: string): { sign: string; text: string }[] {
    if (streams.size === 0) return [{ sign: spinner, text: `${oneLine(connection)}  asking for the first page` }]
    return [...streams].map(([stream, view], place) => {
      const isLast = place === streams.size - 1
      const name = `${oneLine(connection)}/${oneLine(stream)}`
      return { sign: isLast ? spinner : '✓', text: `${name}  ${progressText(view, isLast)}` }
    })
  }
}

/** What is said of one stream: "3 pages · 300 of 616 records (48 %) · 120/s · about 3 s left". */
export function progressText({ pages, processed, total, samples }: StreamView, isReading: boolean): string {
  const { percent, ...pace } = estimate(samples, total)
  return [
    plural(pages, 'page'),
    amount({ processed, total, percent }, ' records'),
    ...(isReading ? paceText(pace) : []),
  ].join(' · ')
}

/** What is said of a whole run that another process does: "1,200 of 5,000 (24 %), 310/s, about 12 s left". */
export function runProgressText(progress: Progress): string {
  return [amount(progress, progress.percent === null ? ' records' : ''), ...paceText(progress)].join(', ')
}

function amount(
  { processed, total, percent }: Pick<Progress, 'processed' | 'total' | 'percent'>,
  noun: string,
): string {
  if (percent === null || total === null) return `${count(processed)}${noun}`
  return `${count(processed)} of ${count(total)}${noun} (${percent} %)`
}

function paceText({ rate, etaSeconds }: Pick<Estimate, 'rate' | 'etaSeconds'>): string[] {
  return [
    ...(rate !== null && rate > 0 ? [`${rate < 1 ? 'less than 1' : count(Math.round(rate))}/s`] : []),
    ...(etaSeconds === null ? [] : [`about ${secondsText(Math.max(1, etaSeconds))} left`]),
  ]
}

/** An estimate has no tenths. */
function secondsText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : durationText(seconds * 1_000)
}
