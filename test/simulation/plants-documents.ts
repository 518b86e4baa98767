// Owns the planted faults of whole algorithms, as systems of others have them: how far a reader of pages goes, what an upload
// means, and what is made of records.

import type { Decisions } from '../../src/engine/passes/decisions.ts'
import type { Readings, RecordRow } from '../../src/store/store.ts'
import { type Plant, type StoreMethod, wrap } from './process.ts'

function instead(name: string, style: string | undefined, wrong: (right: Decisions) => Partial<Decisions>): Plant {
  return { name, ...(style ? { style } : {}), decisions: (_clock, right) => ({ ...right, ...wrong(right) }) }
}

/** A store that answers a question otherwise. */
function answering(name: string, style: string, method: StoreMethod, wrong: (answer: unknown) => unknown): Plant {
  const store: Plant['store'] = (right) =>
    wrap(right, async (called, args, call) => {
      const answer = await call(args)
      return called === method ? wrong(answer) : answer
    })
  return { name, style, store }
}

export const DOCUMENT_PLANTS: readonly Plant[] = [
  // Pages, newest first, until one has nothing but what is known.
  instead('a page of known records is the end', 'newest-keyset', ({ newestFirstStep }) => ({
    isAnchored: (head) => head !== undefined && head.removedAt === null,
    newestFirstStep: (track, page, stopAfter) => ({
      ...newestFirstStep(track, page, stopAfter),
      stopAt: page.every(({ anchored }) => anchored) ? 0 : -1,
    }),
  })),
  // Saved things, newest first, until one was made before the last sync.
  {
    name: 'what is older than the last sync is known',
    style: 'newest-keyset',
    decisions: (_clock, right) => {
      let last = Number.NEGATIVE_INFINITY
      return {
        ...right,
        planStream: (input) => {
          last = input.row.lastSuccessAt ?? last
          return right.planStream(input)
        },
        newestFirstStep: (track, page, stopAfter) => ({
          ...right.newestFirstStep(track, page, stopAfter),
          stopAt: page.findIndex(({ order, pinned }) => !pinned && Number(order) * 1_000 <= last),
        }),
      }
    },
  },
  // What a file lacks is deleted, whichever file it is.
  instead('any file is the whole list', 'uploaded-alone', () => ({
    uploadAge: () => 'newer',
    heldReason: () => undefined,
  })),
  instead('what a file shows is there', 'uploaded', () => ({ uploadFate: () => 'store' })),
  answering('what a source does not show is asked for again', 'uploaded-alone', 'records.readings', (answer) =>
    (answer as readonly Readings[]).map((one) => ({ ...one, unavailableSince: null })),
  ),
  answering('a catalog leaves a record out', 'published', 'records.list', (answer) =>
    (answer as readonly RecordRow[]).slice(1),
  ),
  answering('a summary leaves a record out', 'summed', 'records.list', (answer) =>
    (answer as readonly RecordRow[]).slice(1),
  ),
]
