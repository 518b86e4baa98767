// Owns the comparison of a store with a few lines that say what it should do: random batches, right and stale ones, and
// after each the same heads, histories, feed and totals.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeOp, Key, VersionOp } from '../../src/model/record.ts'
import type { Batch } from '../../src/store/store.ts'
import { type OpenDatabase, record, superseded, T0, update, World } from './world.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e'] as const

interface Step {
  readonly key: Key
  readonly op: 'insert' | 'update' | 'overwrite' | 'restore' | 'touch' | 'miss' | 'remove' | 'supersede'
  /** How far from the truth the expected ordinal is: 0 nearly always. */
  readonly off: number
  /** Whether the operation is done even where the record's state makes it stale. */
  readonly isBlind: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  key: fc.constantFrom(...KEYS),
  op: fc.constantFrom('insert', 'update', 'overwrite', 'restore', 'touch', 'miss', 'remove', 'supersede'),
  off: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  isBlind: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})
/** A batch names a key once. */
const batch = fc.uniqueArray(step, { maxLength: 4, selector: ({ key }) => key })

interface Known {
  readonly ordinal: number
  readonly isRemoved: boolean
  readonly walk: number | null
  readonly missedBy: number | null
  /** Ordinal, operation and revision of every content that is kept, the current one last. */
  readonly history: readonly Past[]
  /** Revisions that came when a newer content was stored, in the order in which they came. */
  readonly superseded: readonly number[]
}

type Past = readonly [ordinal: number, op: VersionOp, revision: number]

class Model {
  readonly known = new Map<Key, Known>()
  readonly feed: (readonly [key: Key, op: ChangeOp, ordinal: number])[] = []

  /** The batch of the steps, and what becomes of the model; undefined if the store must call it stale. */
  plan(steps: readonly Step[], revision: number): { part: Partial<Batch>; commit: (() => void) | undefined } {
    const part = { inserts: [], updates: [], touches: [], missed: [], removals: [], superseded: [] } as {
      [list in 'inserts' | 'updates' | 'touches' | 'missed' | 'removals' | 'superseded']: NonNullable<
        Batch[list]
      >[number][]
    }
    const commits: (readonly [order: number, commit: () => void])[] = []
    let isStale = false
    for (const { key, op: wanted, off, isBlind } of steps) {
      const now = this.known.get(key)
      const op = isBlind ? wanted : possible(wanted, now)
      const expected = (now?.ordinal ?? 0) + off
      const next = (change: Partial<Known>) => this.known.set(key, { ...(now as Known), ...change })
      const needs = (isLive: boolean) => {
        if (!now || now.isRemoved === isLive || off !== 0) isStale = true
      }
      const ordinal = (now?.ordinal ?? 0) + 1
      const last = now?.history.at(-1)
      if (op === 'insert') {
        if (now) isStale = true
        part.inserts.push(record(key, revision))
        const first = { ordinal: 1, isRemoved: false, walk: revision, missedBy: null, superseded: [] }
        commits.push([
          0,
          () => (this.change(key, 'insert', 1), this.known.set(key, { ...first, history: [[1, 'insert', revision]] })),
        ])
      } else if (op === 'update' || op === 'overwrite' || op === 'restore') {
        needs(op !== 'restore')
        const made = op === 'restore' ? 'restore' : 'update'
        part.updates.push(update(key, expected, revision, { op: made, version: op === 'update', walk: revision }))
        const before = op === 'overwrite' ? (now?.history.slice(0, -1) ?? []) : (now?.history ?? [])
        const content = { ordinal, isRemoved: false, walk: revision, missedBy: null }
        commits.push([
          1,
          () => (
            this.change(key, made, ordinal), next({ ...content, history: [...before, [ordinal, made, revision]] })
          ),
        ])
      } else if (op === 'touch') {
        needs(true)
        part.touches.push({ key, expect: expected, walk: revision })
        commits.push([2, () => next({ walk: revision, missedBy: null })])
      } else if (op === 'miss') {
        needs(true)
        part.missed.push({ key, expect: expected })
        commits.push([2, () => next({ missedBy: revision })])
      } else if (op === 'supersede') {
        // Live or not: only what stands there has to be as expected.
        if (!now || off !== 0) isStale = true
        part.superseded.push(superseded(key, expected, revision))
        commits.push([2, () => next({ superseded: [...(now?.superseded ?? []), revision] })])
      } else {
        needs(true)
        part.removals.push({ key, expect: expected, reason: 'gone' })
        const gone = [...(now?.history ?? []), [ordinal, 'remove', last?.[2] ?? 0] as const]
        commits.push([
          3,
          () => (this.change(key, 'remove', ordinal), next({ ordinal, isRemoved: true, history: gone })),
        ])
      }
    }
    // The feed has a batch's inserts first, then its updates and restorations, then its removals.
    const inOrder = commits.toSorted(([a], [b]) => a - b)
    return { part, commit: isStale ? undefined : () => inOrder.forEach(([, commit]) => commit()) }
  }

  change(key: Key, op: ChangeOp, ordinal: number): void {
    this.feed.push([key, op, ordinal])
  }
}

/** The operation that was wanted, or the only one that the record's state allows. */
function possible(wanted: Step['op'], now: Known | undefined): Step['op'] {
  if (!now) return 'insert'
  if (wanted === 'supersede') return wanted
  if (now.isRemoved) return 'restore'
  return wanted === 'insert' || wanted === 'restore' ? 'update' : wanted
}

export function modelCases(open: OpenDatabase): void {
  describe('any batches', () => {
    it('leave what a few lines say they should', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 25 }), async (batches) => {
          const database = await open()
          try {
            const world = await new World(database, await database.connect(), 'default').begin()
            const model = new Model()
            for (const [index, steps] of batches.entries()) {
              const revision = index + 1
              const { part, commit } = model.plan(steps, revision)
              expect(await world.write({ ...part, walk: revision, at: T0 + revision })).toBe(
                commit ? 'written' : 'stale',
              )
              commit?.()
            }
            await compare(world, model)
          } finally {
            await database.drop()
          }
        }),
        { numRuns: open.examples ?? 60 },
      )
    })
  })
}

async function compare(world: World, model: Model): Promise<void> {
  expect((await world.changes()).map(({ key, op, ordinal }) => [key, op, ordinal])).toEqual(model.feed)
  expect((await world.store.feed.bounds('default')).seq).toBe(model.feed.length)
  expect(await world.total()).toBe([...model.known.values()].filter(({ isRemoved }) => !isRemoved).length)
  const heads = await world.store.records.look(world.stream.no, KEYS)
  expect([...heads.keys()].sort()).toEqual([...model.known.keys()].sort())
  for (const [key, known] of model.known) {
    const head = heads.get(key)
    const { ordinal, isRemoved, walk, missedBy } = known
    expect([head?.ordinal, head?.removedAt !== null, head?.walk, head?.missedBy]).toEqual([
      ordinal,
      isRemoved,
      walk,
      isRemoved ? null : missedBy,
    ])
    expect((await world.history(key)).map((version) => [version.ordinal, version.op, version.raw])).toEqual(
      expectedHistory(known).map(([number, op, revision]) => [number, op, record(key, revision).raw]),
    )
  }
}

/** What was superseded stands before the first newer content, at the latest before the current one. */
function expectedHistory({ history, superseded: shown }: Known): readonly Past[] {
  const expected: Past[] = []
  let left = shown.map((revision, i): Past => [-i - 1, 'superseded', revision])
  for (const [place, past] of history.entries()) {
    const before = left.filter(([, , revision]) => place === history.length - 1 || revision < past[2])
    left = left.filter((one) => !before.includes(one))
    expected.push(...before, past)
  }
  return expected
}
