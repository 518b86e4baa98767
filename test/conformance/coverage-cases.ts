// Owns the promises about coverage: what a stream's row says of it, the views say too, whatever the facts are; and what
// waits for a second witness is counted until it is listed again, removed, or the next full pass has its say.

import { describe, expect, it } from 'vitest'
import { COVERAGE_KINDS, type Reading } from '../../src/model/coverage.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0, type World, walk } from './world.ts'

const READINGS = COVERAGE_KINDS.filter((kind) => kind !== 'quarantined' && kind !== 'held')

export function coverageCases(open: OpenDatabase): void {
  describe('coverage', () => {
    const used = useWorld(open)

    it('is the same in a stream’s row and in the view, whatever is counted', async () => {
      const { world } = used
      await world.insert('a', 'b', 'c', 'd', 'e', 'f')
      const told = new Set<string>()
      for (const [n, facts] of combinations().entries()) {
        await world.put({
          ...nothing(world),
          walks: [walk(1, facts.open ? {} : { closedAt: T0, ended: 'exhausted' })],
          quarantine: bad(facts.quarantined),
          hold: { reason: 'many', keys: ['a', 'b'].slice(0, facts.held), replace: true },
          unconfirmed: { keys: ['c', 'd'].slice(0, facts.unconfirmed), replace: true },
          keep: ['e', 'f'].slice(0, facts.kept),
        })
        const coverage = {
          kind: facts.reading,
          note: facts.reading === 'complete' ? '' : `it's ${facts.reading}`,
        } as Reading
        await world.finishRun({
          streams: [{ streamNo: world.stream.no, succeeded: true, full: false, records: 1, coverage }],
        })
        world.run = await world.openRun(`next-${n}`)
        const row = await theStream(world)
        const [view] = await world.database.query(
          'SELECT coverage AS kind, coverage_note AS note, held, quarantined, unconfirmed FROM streams',
        )
        const { held, quarantined, unconfirmed } = row.counts
        expect(numbers(view)).toEqual({ ...row.coverage, held, quarantined, unconfirmed })
        expect({ held, quarantined, unconfirmed }).toMatchObject({
          held: facts.held,
          quarantined: facts.quarantined,
          unconfirmed: facts.unconfirmed,
        })
        told.add(row.coverage.kind)
      }
      expect([...told].sort()).toEqual([...COVERAGE_KINDS].sort())
    })

    it('keeps what waits for a second witness by its key and the run that missed it', async () => {
      const { world } = used
      const { store, stream, run } = world
      await world.insert('a', 'b', 'é', 'Z')
      await world.put({ unconfirmed: { keys: ['é', 'b', 'Z'], replace: true }, counts: { unconfirmed: 3 } })
      expect(await store.review.unconfirmedOf(stream.no, run.no, null, 2)).toEqual(['Z', 'b'])
      expect(await store.review.unconfirmedOf(stream.no, run.no, 'b', 2)).toEqual(['é'])
      expect(await store.review.unconfirmedOf(stream.no, run.no + 1, null, 2)).toEqual([])
      expect(await store.review.removals('default', 10)).toMatchObject([
        { run: 'run-1', unconfirmed: 3, held: 0, removed: 0 },
      ])
      expect((await store.runs.find('default', 'run-1'))?.passes[0]?.counts.unconfirmed).toBe(3)
      const shown = await world.database.query('SELECT _key, run, missed_at FROM unconfirmed_removals ORDER BY _key')
      expect(shown[0]).toEqual({ _key: 'Z', run: 'run-1', missed_at: '2026-01-01T00:00:00.000Z' })
      await world.nextRun('run-2', T0 + MINUTE)
      await world.put({ unconfirmed: { keys: ['a'], replace: false } })
      expect((await theStream(world)).counts.unconfirmed).toBe(4)
      await world.put({ unconfirmed: { keys: ['b'], replace: true } })
      expect((await theStream(world)).counts.unconfirmed).toBe(1)
    })

    it('waits no longer for what is listed again or removed', async () => {
      const { world } = used
      await world.insert('a', 'b', 'c')
      await world.put({ unconfirmed: { keys: ['a', 'b', 'c'], replace: true } })
      await world.put({ seen: ['a'], walk: 1, walks: [walk(1, { closedAt: T0, ended: 'exhausted' })] })
      await world.remove('b', 1)
      expect(await world.store.review.unconfirmedOf(world.stream.no, world.run.no, null, 10)).toEqual(['c'])
      expect((await theStream(world)).coverage.note).toBe('1 not listed any more; the next run confirms')
    })
  })
}

interface Facts {
  readonly reading: Reading['kind']
  readonly open: boolean
  readonly quarantined: number
  readonly held: number
  readonly unconfirmed: number
  readonly kept: number
}

/** Every reading with every set of facts; of each count none, and by turns one or two. */
function combinations(): Facts[] {
  const found: Facts[] = []
  for (const reading of READINGS) {
    for (let bits = 0; bits < 32; bits++) {
      const some = (bit: number) => ((bits >> bit) & 1) * (1 + ((bits >> ((bit + 1) % 5)) & 1))
      const counts = { quarantined: some(1), held: some(2), unconfirmed: some(3), kept: some(4) }
      found.push({ reading, open: (bits & 1) === 1, ...counts })
    }
  }
  return found
}

/** Lets go of what a combination before has left. */
function nothing(world: World) {
  const reads = ['q0', 'q1'].map((key) => ({ key, raw: '{}', order: null, askedAt: T0, settles: false }))
  return { walk: 1, seen: ['a', 'b', 'c', 'd', 'e', 'f', 'q0', 'q1'], reads, page: 1, runNo: world.run.no }
}

function bad(n: number) {
  return ['q0', 'q1'].slice(0, n).map((key, index) => ({ key, index, raw: '{}', code: 'shape', message: 'bad' }))
}

async function theStream(world: World) {
  const [row] = await world.store.streams.list(world.connection.no)
  if (!row) throw new Error('the stream is gone')
  return row
}

/** A server gives counts as text or as large integers. */
function numbers(row: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, name === 'kind' || name === 'note' ? value : Number(value)]),
  )
}
