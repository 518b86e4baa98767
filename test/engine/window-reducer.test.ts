// Owns the proof of every decision of the window reducer, in its order: what a walk knows, what it writes, what it asks.
// test/planted/windows.ts plants a fault into each of them.

import { describe, expect, test } from 'vitest'
import { DECISIONS } from '../../src/engine/passes/kinds/all.ts'
import type { Bounds } from '../../src/engine/passes/window/bounds.ts'
import { type Hole, holesOf } from '../../src/engine/passes/window/position.ts'
import {
  beginGroupAgain,
  brokenOff,
  endFrom,
  type Facts,
  LEFT_OUT_MAX,
  leaveOut,
  mayLeaveOut,
  openPart,
  openWalk,
  type PageSeen,
  type PageStep,
  seePage,
  startOf,
  type Walk,
} from '../../src/engine/passes/window/reducer.ts'
import type { Group, WindowTrack } from '../../src/engine/passes/window/step.ts'
import type { WalkRow } from '../../src/store/store.ts'

/** From 90 to 200; the cursor of earlier runs stands at 100. */
const BOUNDS: Bounds = {
  since: 90,
  until: 200,
  start: 199,
  reach: { overlap: 10, kept: 100, cursorMax: 199 },
  holeAfter: () => undefined,
  behindHoles: (since) => since,
}

/** What lies from 120 to 150 is read by itself. */
const WITH_HOLE: Partial<Bounds> = {
  holeAfter: (since) => ((since ?? 0) < 120 ? { since: 120 } : undefined),
  behindHoles: (since) => (since >= 120 && since < 150 ? 150 : since),
}

function row(walk: number, position: Partial<Record<'since' | 'until', number>> & { isHole?: boolean } = {}): WalkRow {
  const stands = { since: 90, until: 200, owed: null, ...position }
  const counts = { pages: 2, records: 6, note: 'so far' }
  return { walk, pass: 'byCursor', openedAt: 5, closedAt: null, ended: null, position: stands, ...counts }
}

const HOLE: Hole = { row: row(3, { since: 120, until: 150, isHole: true }), since: 120, until: 150 }

function facts({ bounds, ...over }: Partial<Omit<Facts, 'bounds'>> & { bounds?: Partial<Bounds> } = {}): Facts {
  return {
    decisions: DECISIONS,
    bounds: { ...BOUNDS, ...bounds },
    kept: { cursor: 100 },
    openWalks: [],
    nextWalk: 8,
    now: 9,
    requestsLeft: 100,
    sorted: true,
    unitMs: 1000,
    paid: false,
    fromBeginning: false,
    part: undefined,
    ...over,
  }
}

const begin = startOf({ kept: { cursor: 100 }, openWalks: [], fromBeginning: false })

/** Walk 5, as it stands where it began. */
function standing(track: Partial<WindowTrack> = {}, over: Partial<Walk> = {}): Walk {
  const begun = openWalk(facts(), begin)
  return { ...begun, row: row(5), ...over, track: { ...begun.track, ...track } }
}

const records = (...orders: readonly number[]) =>
  orders.map((order) => ({ key: `k${order}`, hash: `h${order}`, order }))

/** A page of three records with another one behind it. */
function page(over: Partial<PageSeen> = {}): PageSeen {
  const read = records(101, 102, 103)
  const said = { next: 'p2', total: undefined, lack: undefined, doubt: undefined }
  return { until: 200, hole: undefined, read, unread: [], fetched: 3, ...said, ...over }
}

const LAST = { next: undefined } as const
const positionIn = ({ walk }: Pick<PageStep, 'walk'>) => walk.row.position
const closedBy = ({ save }: PageStep) => save.walks.flatMap(({ walk, closedAt }) => (closedAt === null ? [] : [walk]))

describe('where a walk begins', () => {
  const left = row(4, { since: 130, until: 180 })
  const hole = row(3, { since: 50, until: 60, isHole: true })
  const openWalks = [hole, row(2), left]

  test('is the cursor, where none is open', () => {
    const start = startOf({ kept: { cursor: 100 }, openWalks: [hole], fromBeginning: false })
    expect(start).toMatchObject({
      open: undefined,
      cursor: 100,
      openUntil: undefined,
      holes: [{ since: 50, until: 60 }],
    })
    expect(openWalk(facts(), start).row).toMatchObject({
      walk: 8,
      openedAt: 9,
      position: { since: 100, until: 200 },
    })
  })

  test('is where one broke off, which goes on', () => {
    const start = startOf({ kept: { cursor: 100 }, openWalks: [hole, left], fromBeginning: false })
    expect(start).toMatchObject({ cursor: 130, openUntil: 180 })
    expect(openWalk(facts(), start).row).toBe(left)
  })

  test('is the beginning of all, holes included, where everything is ordered', () => {
    const start = startOf({ kept: { cursor: 100 }, openWalks, fromBeginning: true })
    expect(start).toMatchObject({ open: undefined, cursor: undefined, holes: [] })
  })

  test('is inside the group where the one before stood', () => {
    const group: Group = { shown: ['k90'], first: 1, total: null, sought: null, left: null, tries: 0 }
    const inside = { since: 90, token: 'g2', group }
    const stood = { since: 90, until: 180, owed: null, inside }
    expect(openWalk(facts(), { ...begin, stood })).toMatchObject({
      track: { token: 'g2', group },
      resumed: inside,
    })
  })

  test('is inside a group that may still get records, which can’t be vouched for then', () => {
    const group: Group = { shown: ['k90'], first: 1, total: null, sought: ['k90'], left: null, tries: 0 }
    const stood = {
      since: 90,
      until: 95,
      owed: { since: 90, sought: [], behind: 91 },
      inside: { since: 90, token: 'g2', group },
    }
    expect(openWalk(facts(), { ...begin, stood }).track).toMatchObject({
      group: { late: true },
      owed: { late: true },
    })
    expect(openWalk(facts(), { ...begin, stood: { ...stood, until: 180 } }).track.group).toEqual(group)
  })
})

describe('a page', () => {
  test('moves the walk, the cursor and what may come again', () => {
    const step = seePage(facts(), standing(), page())
    expect(step.walk.track).toMatchObject({ since: 103, token: null, largest: 103 })
    expect(step.walk.row).toMatchObject({ walk: 5, pages: 3, records: 9, closedAt: null, ended: null })
    expect(positionIn(step)).toEqual({ since: 103, until: 200, owed: null })
    expect(step.save).toEqual({ walks: [step.walk.row], kept: { cursor: 103 } })
    expect([...step.walk.repeats]).toEqual([['k103', 'h103']])
    expect(step).toMatchObject({ ended: null, notes: [] })
  })

  test('that is the last one closes the walk', () => {
    const step = seePage(facts(), standing(), page(LAST))
    expect(step).toMatchObject({
      ended: 'exhausted',
      ahead: undefined,
      save: { walks: [{ closedAt: 9, ended: 'exhausted' }] },
    })
  })

  test('is followed by the next one while it is stored, unless that costs money', () => {
    expect(seePage(facts(), standing(), page()).ahead).toMatchObject({ since: 103 })
    expect(seePage(facts({ paid: true }), standing(), page()).ahead).toBeUndefined()
  })

  test('is no end where the window reaches further by now', () => {
    const step = seePage(facts(), standing(), page({ ...LAST, until: 150 }))
    expect(step).toMatchObject({ ended: null, walk: { track: { since: 103, token: null } } })
  })

  test('that ends at a hole goes on behind it', () => {
    const before = facts({ bounds: WITH_HOLE })
    expect(endFrom(before.bounds, 90)).toEqual({ until: 120, hole: { since: 120 } })
    expect(endFrom(before.bounds, 150)).toEqual({ until: 200, hole: undefined })
    const step = seePage(before, standing(), page({ ...LAST, until: 120, hole: { since: 120 } }))
    expect(step).toMatchObject({ ended: null, walk: { track: { since: 150 } } })
  })

  test('of another end leaves no token: it belongs to its window', () => {
    const same = seePage(facts(), standing(), page({ read: records(90, 90) }))
    expect(same.walk.track).toMatchObject({ since: 90, token: 'p2', group: { first: 2 } })
    const other = seePage(facts(), standing(), page({ read: records(90, 90), until: 150 }))
    expect(other.walk.track).toMatchObject({ since: 90, token: null, group: null })
  })

  test('that leads to a group in which an earlier run stood goes on inside it', () => {
    const group: Group = { shown: ['k103'], first: 1, total: null, sought: null, left: null, tries: 0 }
    const inside = { since: 103, token: 'g7', group }
    expect(seePage(facts(), standing({ inside }), page()).walk.track).toMatchObject({ since: 103, token: 'g7', group })
  })

  test('inside a group may show again all that the group has shown', () => {
    const group: Group = { shown: ['k90'], first: 1, total: null, sought: null, left: null, tries: 0 }
    const repeats = new Map([['k90', 'h90']])
    const next = page({ read: [{ key: 'other', hash: 'h', order: 90 }] })
    const seen = (track: Partial<WindowTrack>) => [
      ...seePage(facts(), standing(track, { repeats }), next).walk.repeats.keys(),
    ]
    expect(seen({ token: 'p2', group })).toEqual(['k90', 'other'])
    expect(seen({})).toEqual(['other'])
  })
})

describe('totals', () => {
  const lack = 'the source said 9'

  test('are held against the last page of a request only, and keep the walk open', () => {
    expect(seePage(facts(), standing(), page({ lack }))).toMatchObject({
      ended: null,
      notes: [],
      walk: { track: { unsure: null } },
    })
    const step = seePage(facts(), standing(), page({ ...LAST, lack }))
    expect(step).toMatchObject({ ended: 'limit', notes: [lack], save: { walks: [{ closedAt: null, ended: 'limit' }] } })
    // The next run reads from where the page was asked for.
    expect(positionIn(step)).toMatchObject({ since: 90 })
    // A request that has to go on, because the window reaches further, is none.
    expect(seePage(facts(), standing(), page({ ...LAST, until: 150, lack })).notes).toEqual([])
    const atHole = { ...LAST, until: 120, hole: { since: 120 }, lack }
    expect(seePage(facts({ bounds: WITH_HOLE }), standing(), page(atHole)).notes).toEqual([lack])
  })

  test('leave the first place where they lacked something', () => {
    const step = seePage(facts(), standing({ unsure: { since: 80 } }), page({ ...LAST, lack }))
    expect(positionIn(step)).toMatchObject({ since: 80 })
  })

  const again = { again: 95 }

  test('that do not agree have both pages read once more, with what they showed', () => {
    const repeats = new Map([['k100', 'h100']])
    const step = seePage(facts(), standing({ since: 100 }, { repeats }), page({ ...LAST, lack, doubt: again }))
    expect(step).toMatchObject({ ended: null, doubt: again, notes: [], ahead: { since: 95 } })
    expect(step.walk.track).toMatchObject({ since: 95, token: null, group: null, largest: 103, unsure: null })
    expect([...step.walk.repeats.keys()]).toEqual(['k100', 'k101', 'k102', 'k103'])
  })

  test('are left alone by a run that is at its end, and in an order that does not rise', () => {
    const poor = seePage(facts({ requestsLeft: 2 }), standing(), page({ doubt: again }))
    expect(poor).toMatchObject({ doubt: undefined, walk: { track: { since: 103 } } })
    const unsorted = seePage(facts(), standing(), page({ read: records(103, 101), doubt: again }))
    expect(unsorted.doubt).toBeUndefined()
  })

  test('of a window that is declared to have no order follow the token to its end, whatever is learned of the clock', () => {
    const declared = facts({ sorted: false, bounds: { until: 230 } })
    const begun = openWalk(declared, begin)
    const first = seePage(declared, { ...begun, row: row(5) }, page({ until: 200, next: 't2' }))
    expect(first).toMatchObject({
      ended: null,
      notes: [],
      walk: { track: { since: 90, token: 't2', unsorted: true } },
    })
    expect(positionIn(first)).toMatchObject({ since: 90 })
    const last = seePage(declared, first.walk, page({ ...LAST, until: 200, read: records(207, 101) }))
    expect(last).toMatchObject({ ended: 'exhausted', notes: [], walk: { track: { largest: 207 } } })
    expect(last.save.kept.cursor).toBeGreaterThan(100)
  })

  test('that still do not agree leave the walk open from the first of the two', () => {
    const step = seePage(facts(), standing({ since: 100 }), page({ doubt: { lack, from: 95 } }))
    expect(step).toMatchObject({ notes: [lack], walk: { track: { since: 103 } } })
    expect(positionIn(step)).toMatchObject({ since: 95 })
    const last = seePage(facts(), standing({ since: 100 }), page({ ...LAST, lack: 'own', doubt: { lack, from: 95 } }))
    expect(last).toMatchObject({ ended: 'limit', notes: ['own'] })
  })
})

describe('how far a walk has come', () => {
  test('is where it stood before, while the source does not answer in order', () => {
    const step = seePage(facts(), standing(), page({ read: records(103, 101) }))
    expect(positionIn(step)).toMatchObject({ since: 90 })
    expect(step.save.kept).toEqual({ cursor: 100 })
    expect(step.notes).toEqual(['the source did not answer in order; the cursor moves at the end of the pass only'])
    const on = seePage(facts(), step.walk, page({ read: records(104, 102) }))
    expect([on.notes, positionIn(on)]).toEqual([[], expect.objectContaining({ since: 90 })])
    const end = seePage(facts(), step.walk, page({ ...LAST, read: records(104, 102) }))
    expect(end.save.kept).toEqual({ cursor: 104 })
    // Also where the request has to go on from another place, because the window reaches further.
    const moved = seePage(facts(), standing(), page({ ...LAST, read: records(103, 101), until: 150 }))
    expect([moved.walk.track.since, positionIn(moved)]).toEqual([103, expect.objectContaining({ since: 90 })])
  })

  test('says once that records of one time kept changing', () => {
    const restless = { ...facts().decisions, byCursorStep: unsureAt(101) }
    const step = seePage(facts({ decisions: restless }), standing(), page())
    expect(step.notes).toEqual([expect.stringContaining('kept changing')])
    expect(positionIn(step)).toMatchObject({ since: 101 })
    expect(seePage(facts(), step.walk, page({ read: records(104, 105) })).notes).toEqual([])
  })

  test('is not to the end where something was left out', () => {
    const step = seePage(facts(), standing({}, { leftOut: new Set([6]) }), page(LAST))
    expect(step).toMatchObject({ ended: 'failed', save: { walks: [{ ended: 'exhausted', closedAt: 9 }] } })
  })
})

function unsureAt(since: number): Facts['decisions']['byCursorStep'] {
  return (track, seen) => {
    const step = DECISIONS.byCursorStep(track, seen)
    return { ...step, track: { ...step.track, unsure: { since } } }
  }
}

describe('walks that are closed with it', () => {
  const openWalks = [
    row(2),
    HOLE.row,
    row(5),
    row(6, { since: 60, until: 70 }),
    { ...row(1), pass: 'fullPass' as const },
  ]

  test('are those of the pass that broke off before', () => {
    const leftOut = new Set([6])
    expect(closedBy(seePage(facts({ openWalks }), standing({}, { leftOut }), page(LAST)))).toEqual([5, 2])
    expect(seePage(facts({ openWalks }), standing(), page()).save.walks).toHaveLength(1)
  })

  test('are what earlier runs had to leave out, where it began at the beginning of all', () => {
    const all = facts({ openWalks, fromBeginning: true })
    expect(closedBy(seePage(all, standing({}, { leftOut: new Set([6]) }), page(LAST)))).toEqual([5, 2, 3])
  })

  test('are none where a part is read', () => {
    const bounds = { ...BOUNDS, since: 120, until: 150 }
    const part = facts({ bounds, openWalks, part: 'lower' })
    expect(closedBy(seePage(part, openPart(bounds, HOLE, true), page({ ...LAST, until: 150 })))).toEqual([3])
  })
})

describe('a part of a hole', () => {
  const lower = { since: 120, until: 135 }
  const upper = { since: 135, until: 150 }
  const read = (part: 'lower' | 'upper', over: Partial<PageSeen>, cursor = 160) => {
    const bounds = { ...BOUNDS, ...(part === 'lower' ? lower : upper) }
    const before = facts({ bounds, part, kept: { cursor } })
    return seePage(before, openPart(bounds, HOLE, true), page({ until: bounds.until, ...over }))
  }

  test('that is the lower one takes out of the hole what was read', () => {
    const step = read('lower', { read: records(121, 125) })
    expect(step.walk.hole).toMatchObject({ since: 125, until: 150 })
    expect(holesOf([step.walk.row])).toMatchObject([{ since: 125, until: 150 }])
    expect(step.walk.row).toMatchObject({ walk: 3, pages: 3, closedAt: null })
    expect(read('lower', LAST).walk.hole).toMatchObject({ since: 135, until: 150 })
  })

  test('that is the upper one counts when it was read whole', () => {
    expect(read('upper', { read: records(136) }).walk.hole).toMatchObject({ since: 120, until: 150 })
    expect(read('upper', { ...LAST, read: records(136) }).walk.hole).toMatchObject({ since: 120, until: 135 })
  })

  test('that is all of it closes the hole', () => {
    const bounds = { ...BOUNDS, since: 120, until: 150 }
    const step = seePage(facts({ bounds, part: 'lower' }), openPart(bounds, HOLE, true), page({ ...LAST, until: 150 }))
    expect(step.walk.row).toMatchObject({ walk: 3, closedAt: 9, ended: 'exhausted' })
  })

  test('moves the cursor only where it follows on what was read', () => {
    expect(read('upper', { ...LAST, read: records(140) }, 130).save.kept).toEqual({ cursor: 130 })
    expect(read('upper', { ...LAST, read: records(140) }, 135).save.kept).toEqual({ cursor: 140 })
  })
})

describe('a page that can not be read', () => {
  const group: Group = { shown: ['k90'], first: 1, total: null, sought: null, left: null, tries: 0 }
  const resumed = { since: 90, token: 'g2', group }

  test('of a group in which an earlier run stood: the group begins again, once', () => {
    const again = beginGroupAgain(standing({ token: 'g2', group }, { resumed }))
    expect(again).toMatchObject({ track: { since: 90, token: null, group: null }, resumed: null })
    expect(beginGroupAgain(standing({ token: 'g3', group }, { resumed }))).toBeUndefined()
    expect(beginGroupAgain(standing({ token: 'g2', group }))).toBeUndefined()
  })

  test('may be left out so often, and where that costs nothing', () => {
    const often = new Set(Array.from({ length: LEFT_OUT_MAX }, (_, i) => i))
    expect(mayLeaveOut({ paid: false }, standing())).toBe(true)
    expect(mayLeaveOut({ paid: true }, standing())).toBe(false)
    expect(mayLeaveOut({ paid: false }, standing({}, { leftOut: often }))).toBe(false)
  })

  test('becomes a hole, behind which the walk goes on', () => {
    const before = standing({ token: 'g2', group }, { repeats: new Map([['k90', 'h90']]) })
    const { walk, save, aside } = leaveOut(facts(), before, { since: 90, until: 140 })
    expect(walk.track).toMatchObject({ since: 140, token: null, group: null, owed: null, inside: null })
    expect([walk.repeats.size, [...walk.leftOut]]).toEqual([0, [8]])
    expect(save.walks).toMatchObject([
      { walk: 5, position: { since: 140, until: 200 }, pages: 2 },
      {
        walk: 8,
        position: { since: 90, until: 140, isHole: true },
        pages: 0,
        records: 0,
        ended: 'failed',
        openedAt: 9,
      },
    ])
    expect(aside).toContain('could not be read')
    // The walk itself may not be stored yet: then the next number is its own.
    expect([...leaveOut(facts({ nextWalk: 5 }), before, { since: 90, until: 140 }).walk.leftOut]).toEqual([6])
  })

  test('grows the hole that is known already where it lies', () => {
    const known = facts({ openWalks: [HOLE.row] })
    const { walk, save } = leaveOut(known, standing({ since: 110 }), { since: 110, until: 130 })
    expect([...walk.leftOut]).toEqual([3])
    expect(save.walks[1]).toMatchObject({ walk: 3, position: { since: 110, until: 150 } })
  })

  test('leaves what can not be vouched for unread', () => {
    const { save } = leaveOut(facts(), standing({ unsure: { since: 95 } }), { since: 100, until: 140 })
    expect(save.walks[0]).toMatchObject({ position: { since: 95 } })
  })

  test('marks the walk that stands before it, if that is stored', () => {
    const openWalks = [row(2), { ...row(5), note: 'as stored' }]
    expect(brokenOff({ openWalks }, standing())).toEqual([{ ...row(5), note: 'as stored', ended: 'failed' }])
    expect(brokenOff({ openWalks: [row(2)] }, standing())).toEqual([])
  })
})
