// Owns a page whose rows are found in the text of its answer, for checks that change one of them.

import { parseDigits } from '../../model/exact-json.ts'
import { canonical } from '../../model/json.ts'
import type { Trouble } from '../fault-proxy.ts'
import { editRows, placeOfCopies, placeOfRows, type RowPlace, textAt } from '../json-lists.ts'
import type { Bench } from './check.ts'
import { notStaged } from './found.ts'
import type { ReadingPass } from './reading-pass.ts'
import type { Walked, WalkedPage } from './walk.ts'

export interface Sample {
  readonly pass: ReadingPass
  readonly page: WalkedPage
  readonly bounds: Walked['bounds']
  readonly place: RowPlace
}

/** The first page whose rows stand in an answer as they are, or else, where copies will do, one with as many rows. */
export async function sampleOf(bench: Bench, orCopies = false): Promise<Sample> {
  for (const find of orCopies ? [placeOfRows, placeOfCopies] : [placeOfRows]) {
    for (const pass of bench.passes) {
      const { pages, bounds } = await bench.walk(pass, 'some')
      for (const page of pages) {
        for (const answer of page.answers) {
          const place = find(answer.body, page.page.records)
          if (place) return { pass, page, bounds, place }
        }
      }
    }
  }
  return notStaged('the rows are not found in an answer as they are')
}

/** An answer whose rows are changed one by one; null takes one out. */
export function edited({ place }: Sample, change: (row: string, index: number) => string | null): Trouble {
  return {
    kind: 'edit',
    edit: (text) => (textAt(text, place.list) === undefined ? text : editRows(text, place, change)),
  }
}

/** Whether a row's text is that of a record, whatever white space and volatile values are in it. */
export function isRow({ stream }: Pick<Bench, 'stream'>, text: string, raw: string): boolean {
  if (text === raw) return true
  const volatile = stream.volatile ?? []
  return canonical(parseDigits(text), volatile) === canonical(parseDigits(raw), volatile)
}
