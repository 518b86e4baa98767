// Owns the proof of the live lines on a terminal that does what their control sequences say: lines in place, nothing
// left behind, never wider than the screen, and the cursor given back.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveProgress, runProgressText } from '../../src/cli/terminal/progress.ts'
import type { RunProgress } from '../../src/engine/runs/progress.ts'
import { NO_COUNTS, type Progress } from '../../src/model/run.ts'

/** As much of a terminal as the lines use: it keeps what is seen, and refuses what it does not know. */
class Terminal {
  readonly columns: number
  readonly rows = 24
  readonly lines: string[] = ['']
  cursorShown = true
  frames = 0
  #row = 0
  #column = 0

  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    this.frames++
    // oxlint-disable-next-line no-control-regex
    for (const [part, sequence, character] of text.matchAll(/\x1b\[(\??[\d;]*[A-Za-z])|(.)/gsu)) {
      if (sequence !== undefined) this.#obey(sequence)
      else this.#put(character ?? part)
    }
  }

  get shown(): string[] {
    return this.lines.map((line) => line.trimEnd()).filter((line) => line !== '')
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') {
      this.#row++
      this.#column = 0
      this.lines[this.#row] ??= ''
    } else {
      if (this.#column >= this.columns) throw new Error(`a line is wider than ${this.columns} columns`)
      const line = (this.lines[this.#row] ?? '').padEnd(this.#column)
      this.lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #obey(sequence: string): void {
    const n = Number.parseInt(sequence, 10) || 1
    if (sequence === '?25l' || sequence === '?25h') this.cursorShown = sequence === '?25h'
    else if (sequence === '?2026h' || sequence === '?2026l' || sequence.endsWith('m')) return
    else if (sequence.endsWith('A')) this.#row -= n
    else if (sequence === '2K') this.lines[this.#row] = ''
    else if (sequence === 'J') this.lines.splice(this.#row, Number.POSITIVE_INFINITY, '')
    else throw new Error(`this terminal does not know ${sequence}`)
    if (this.#row < 0) throw new Error('the cursor left the screen')
  }
}

const plain = (_: unknown, text: string) => text

function progress(
  connection: string,
  streams: readonly [name: string, processed: number, total: number | null][],
): RunProgress {
  return {
    run: '01',
    connection,
    requests: 1,
    startedAt: 0,
    streams: streams.map(([stream, processed, total]) => {
      return { stream, processed, total, pages: processed / 100, counts: NO_COUNTS }
    }),
  }
}

describe('live lines', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function live(columns = 80) {
    const terminal = new Terminal(columns)
    return { terminal, lines: new LiveProgress(terminal, plain, () => Date.now()) }
  }

  test('stand in place, one for each stream, and go when the run ends', () => {
    const { terminal, lines } = live()
    lines.begin('me')
    vi.advanceTimersByTime(100)
    expect(terminal.shown).toEqual([expect.stringMatching(/^\S me {2}asking for the first page$/)])
    expect(terminal.cursorShown).toBe(false)
    for (let page = 1; page <= 3; page++) {
      lines.update(
        progress(
          'me',
          [
            ['stars', page * 100, 600],
            ['likes', page * 10, null],
          ].slice(0, page > 1 ? 2 : 1) as never,
        ),
      )
      vi.advanceTimersByTime(500)
    }
    expect(terminal.shown).toHaveLength(2)
    expect(terminal.shown[0]).toMatch(/^✓ me\/stars {2}3 pages · 300 of 600 records \(50 %\)$/)
    expect(terminal.shown[1]).toMatch(/^\S me\/likes {2}.* 30 records · 20\/s$/)
    lines.end('me')
    expect(terminal.shown).toEqual([])
    expect(terminal.cursorShown).toBe(true)
  })

  test('give way to what is written above them', () => {
    const { terminal, lines } = live()
    lines.begin('me')
    lines.begin('shop')
    vi.advanceTimersByTime(100)
    lines.end('me')
    lines.above(() => terminal.write('me is done\n'))
    expect(terminal.shown).toEqual(['me is done', expect.stringMatching(/^\S shop {2}/)])
    lines.end('shop')
    expect(terminal.shown).toEqual(['me is done'])
  })

  test('fit a narrow screen, also with wide letters, and are at most ten a second', () => {
    const { terminal, lines } = live(30)
    lines.begin('スター付きの一覧を読む接続の名前')
    for (let i = 0; i < 1_000; i++) {
      lines.update(progress('スター付きの一覧を読む接続の名前', [['stars', i, null]]))
      vi.advanceTimersByTime(1)
    }
    expect(terminal.shown[0]).toMatch(/…$/)
    expect(terminal.frames).toBeLessThanOrEqual(12)
    lines.footer('Stopping after this page')
    vi.advanceTimersByTime(100)
    expect(terminal.shown.at(-1)?.trim()).toBe('Stopping after this page')
    lines.stop()
    expect(terminal.shown).toEqual([])
  })

  test('of more runs than the screen has lines still stay on it', () => {
    const { terminal, lines } = live()
    for (let i = 0; i < 60; i++) lines.begin(`connection-${i}`)
    vi.advanceTimersByTime(1_000)
    expect(terminal.shown).toHaveLength(terminal.rows - 2)
    lines.stop()
  })
})

describe('the line of a run that another process does', () => {
  const run: Progress = { processed: 1_200, total: 5_000, percent: 24, rate: 310.4, etaSeconds: 12, streams: [] }

  test.each<[string, Partial<Progress>]>([
    ['1,200 of 5,000 (24 %), 310/s, about 12 s left', {}],
    ['1,200 of 5,000 (24 %), 310/s, about 1h 2m left', { etaSeconds: 3_725 }],
    ['1,200 of 5,000 (24 %), less than 1/s', { rate: 0.3, etaSeconds: null }],
    ['1,200 records, 310/s', { total: null, percent: null, etaSeconds: null }],
    ['5,100 records, 310/s', { processed: 5_100, percent: null, etaSeconds: null }],
    ['0 records', { processed: 0, total: null, percent: null, rate: 0, etaSeconds: null }],
  ])('is "%s"', (text, more) => {
    expect(runProgressText({ ...run, ...more })).toBe(text)
  })
})
