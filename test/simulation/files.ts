// Owns the files that people upload: exports of the source's list, made at some time, and uploaded then, later, cut short, or
// without the list.

import type { Random } from '../../src/testing/emulators/kit/random.ts'
import { contentNow, type Row } from './api.ts'
import type { Source } from './source.ts'

/** The list as it was when the service made the file. */
export interface Export {
  readonly n: number
  /** The world's count of events at that time. */
  readonly tick: number
  readonly keys: ReadonlySet<string>
  /** Rows as the file shows them, and as they may be stored: on top of what an answer has told of their records. */
  readonly rows: readonly Row[]
  readonly merged: readonly Row[]
  /** The greatest date in it; undefined: it lists nothing, or tells no dates. */
  readonly newest: number | undefined
}

export type Shape = 'whole' | 'cut' | 'without the list'

export interface Chosen {
  readonly file: Export
  readonly shape: Shape
}

export class Files {
  readonly all: Export[] = []
  readonly #source: Source
  readonly #random: Random

  constructor(source: Source, random: Random) {
    this.#source = source
    this.#random = random
  }

  /** A file that the service makes now. */
  make(): Export {
    const source = this.#source
    source.settle()
    const { style } = source
    const items = source.listing()
    const isPoor = style.files === 'alone'
    const rowsOf = (poor: boolean) =>
      items.map((item): Row => {
        const content = contentNow(item, style)
        const text = poor ? content.replace(/"title":"[^"]*"/, '"title":null') : content
        return { key: item.key, text, content: text }
      })
    const file = {
      n: this.all.length + 1,
      tick: source.tick++,
      keys: new Set(items.map(({ key }) => key)),
      rows: rowsOf(isPoor),
      merged: rowsOf(false),
      newest: isPoor && items.length > 0 ? Math.max(...items.map(({ created }) => created)) : undefined,
    }
    this.all.push(file)
    return file
  }

  /** What somebody uploads now: mostly a file of today. */
  choose(): Chosen {
    const file = this.all.length === 0 || this.#random.chance(0.7) ? this.make() : this.#random.pick(this.all)
    const shape = this.#random.chance(0.8) ? 'whole' : this.#random.pick(['cut', 'without the list'] as const)
    return { file, shape }
  }
}

export function bytesOf({ rows }: Export, shape: Shape): Uint8Array {
  const name = shape === 'without the list' ? 'others' : 'items'
  const text = `{"profile":{"name":"ada"},"${name}":[${rows.map((row) => row.text).join(',')}]}`
  return Buffer.from(shape === 'cut' ? text.slice(0, -3) : text)
}
