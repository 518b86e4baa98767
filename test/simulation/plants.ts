// Owns the planted faults: the mistakes that the simulation must notice. Each replaces a pure decision of the engine, or
// stands before the store's port; nothing in the engine knows of them.

import type { Decisions } from '../../src/engine/passes/decisions.ts'
import type { Head } from '../../src/model/record.ts'
import { NO_COUNTS } from '../../src/model/run.ts'
import type { Batch, FinishRun, Lease, NewRun, StreamState } from '../../src/store/store.ts'
import { DOCUMENT_PLANTS } from './plants-documents.ts'
import { LIVED_PLANTS } from './plants-lived.ts'
import { type Plant, wrap } from './process.ts'

/** Known is not anchored: a record may stand above a hole. */
const isKnown = (head: Head | undefined) => head !== undefined && head.removedAt === null

function instead(name: string, wrong: (right: Decisions) => Partial<Decisions>): Plant {
  return { name, decisions: (_clock, right) => ({ ...right, ...wrong(right) }) }
}

const ENGINE: readonly Plant[] = [
  instead('stop at the first known record', ({ newestFirstStep }) => ({
    isAnchored: isKnown,
    newestFirstStep: (track, page, stopAfter) => ({
      ...newestFirstStep(track, page, stopAfter),
      stopAt: page.findIndex(({ anchored }) => anchored),
    }),
  })),
  {
    name: 'cursor = now, at the end',
    decisions: (clock, right) => ({
      ...right,
      cursorAfter: (input) => (input.done ? Math.floor(clock.now() / 1_000) : input.before),
    }),
  },
  {
    name: 'cursor committed before the data',
    store: (store) =>
      wrap(store, async (method, args, call) => {
        if (method !== 'checkpoint') return call(args)
        const batch = args[0] as Batch
        if (batch.inserts.length + batch.updates.length === 0 || batch.walks.length === 0) return call(args)
        const nothing = {
          inserts: [],
          updates: [],
          touches: [],
          snapshots: [],
          seen: [],
          quarantine: [],
          counts: NO_COUNTS,
        }
        await call([{ ...batch, ...nothing }])
        const { state: _state, ...data } = batch
        return call([{ ...data, walks: [], requests: [], pass: { ...batch.pass, pages: 0, requests: 0 } }])
      }),
  },
  instead('delete what a capped listing lacks', () => ({ isCandidate: () => true })),
  { ...instead('delete what moved past the reader', () => ({ proofFor: () => 'walk' })), style: 'moving-keyset' },
  instead('accept an empty listing', ({ heldReason }) => ({
    heldReason: (input) => (input.listed === 0 ? undefined : heldReason(input)),
  })),
  instead('> for >=', ({ byCursorStep, windowFor }) => ({
    windowFor: (input) => {
      const { since, until } = windowFor(input)
      return { since: since === undefined ? undefined : since + 1, until }
    },
    byCursorStep: (track, page) => {
      const step = byCursorStep(track, page)
      const moved = step.track.since !== null && step.track.since !== track.since
      return moved ? { ...step, track: { ...step.track, since: step.track.since + 1 } } : step
    },
  })),
  {
    // Its walks are forgotten with the process; what is stored counts as read.
    name: '"table not empty" decides the mode',
    decisions: (_clock, right) => ({
      ...right,
      isAnchored: isKnown,
      planStream: (input) => {
        const incremental = input.passes.filter(({ kind }) => kind !== 'fullPass')
        if (input.row.totalRecords === 0 || incremental.length === 0) return right.planStream(input)
        return incremental.map((pass) => ({ pass, why: 'the table is not empty', requests: null }))
      },
    }),
    store: (store) =>
      wrap(store, async (method, args, call) => {
        const result = await call(args)
        return method === 'streams.state' ? { ...(result as StreamState), openWalks: [] } : result
      }),
  },
  {
    ...instead('what is known is ground wherever it stands', ({ newestFirstStep }) => ({
      newestFirstStep: (track, page, stopAfter) =>
        newestFirstStep(
          track,
          page.map(({ left: _left, ...one }) => one),
          stopAfter,
        ),
    })),
    style: 'saved-again',
  },
  {
    // The vendor is asked for the newest 5, 10, 15 and 20, until a known one is among them.
    ...instead('5, 10, 15, 20, and no more', ({ newestFirstStep }) => ({
      isAnchored: isKnown,
      newestFirstStep: (track, page, stopAfter) => ({
        ...newestFirstStep(track, page, stopAfter),
        stopAt: page.findIndex(({ anchored }) => anchored),
      }),
      sizeOf: ({ failed }) => failed + 5,
      judge: (_pass, _position, { leg, size }) =>
        leg.met || size >= 20 || leg.rows < size ? { to: 'close', ended: 'met-anchored' } : { to: 'more' },
    })),
    style: 'paid-runs',
  },
  {
    name: 'what was paid for is forgotten with its process',
    store: (store) =>
      wrap(store, (method, args, call) => (method === 'intents.open' ? Promise.resolve([]) : call(args))),
    style: 'paid-runs',
  },
  {
    name: 'fencing dropped',
    store: (store, fences) =>
      wrap(store, (method, args, call) => {
        if (method === 'leases.renew') return Promise.resolve(true)
        if (!['checkpoint', 'runs.open', 'runs.finish'].includes(method)) return call(args)
        const { lease, ...batch } = args[0] as (Batch | NewRun | FinishRun) & { lease: Lease | null }
        return call([{ ...batch, lease: lease && { ...lease, generation: fences.last(lease) } }])
      }),
  },
]

export const PLANTS: readonly Plant[] = [...ENGINE, ...LIVED_PLANTS, ...DOCUMENT_PLANTS]
