// Owns the proof of every decision of the listing reducer, in its order: what a walk knows, what it writes, what it asks.
// test/planted/walks.ts plants a fault into each of them.

import { describe, expect, test } from 'vitest'
import type { ListingPass } from '../../src/connector/passes.ts'
import { DECISIONS } from '../../src/engine/passes/kinds/all.ts'
import type { Facts } from '../../src/engine/passes/listing/end.ts'
import type { Position } from '../../src/engine/passes/listing/position.ts'
import { TOP } from '../../src/engine/passes/listing/position.ts'
import {
  begin,
  goOn,
  hear,
  mayFail,
  openWalk,
  type Question,
  type Step,
  seePage,
  type Walk,
} from '../../src/engine/passes/listing/reducer.ts'
import type { PageSeen, Walking } from '../../src/engine/passes/listing/step.ts'
import { NO_TOTALS, type Totals } from '../../src/engine/passes/listing/totals.ts'
import { brokenOff } from '../../src/engine/passes/listing/walk-row.ts'
import type { WalkRow } from '../../src/store/store.ts'

const read = () => Promise.resolve({ records: [] })
const total = () => Promise.resolve(0)
const NEWEST: ListingPass = { kind: 'newestFirst', read, pageSize: 3 }
const COUNTED: ListingPass = { ...NEWEST, total }
const SETTLED: ListingPass = { ...NEWEST, settles: '1h' }
const FULL: ListingPass = { kind: 'fullPass', read, pageSize: 3 }
const KEYSET = { paging: 'keyset' } as const

const KNOWN = { anchored: true, pinned: false, order: undefined }
const NEW = { anchored: false, pinned: false, order: undefined }
const OPEN: WalkRow = {
  walk: 1,
  pass: 'newestFirst',
  openedAt: 5,
  closedAt: null,
  ended: null,
  position: null,
  pages: 2,
  records: 6,
  note: 'so far',
}

function facts(pass: ListingPass, over: Partial<Facts> = {}): Facts {
  const means = { left: 100, live: 10, stateExists: true }
  return {
    pass,
    decisions: DECISIONS,
    isResumed: false,
    means,
    kept: {},
    openWalks: [],
    now: 9,
    began: 20_000,
    ...over,
  }
}

interface Stand {
  readonly position?: Partial<Position>
  readonly totals?: Partial<Totals>
  readonly walking?: Partial<Walking>
  readonly row?: Partial<WalkRow>
  readonly walk?: Partial<Walk>
}

/** A walk from the top that has read two pages. */
function standing(pass: ListingPass, { position, totals, walking, row, walk }: Stand = {}): Walk {
  const begun = openWalk(pass, undefined, { walk: 1, at: 5, toEnd: false })
  const stands: Position = { ...TOP, page: 2, token: 'p2', next: 'p3', tail: ['k6'], different: 6, ...position }
  return {
    ...begun,
    walking: {
      ...begun.walking,
      pages: 2,
      rows: 6,
      unknown: 6,
      ...walking,
      position: { ...stands, totals: { ...NO_TOTALS, ...stands.totals, ...totals } },
    },
    row: { ...OPEN, pass: pass.kind, ...row },
    token: 'p3',
    ...walk,
  }
}

/** A page of three rows that nobody knew. */
function page(over: Partial<PageSeen> = {}): PageSeen {
  return {
    token: 'p3',
    next: 'p4',
    rows: 3,
    parsed: [],
    quarantine: [],
    sightings: [NEW, NEW, NEW],
    total: undefined,
    met: -1,
    repeats: 0,
    equals: 0,
    ahead: 0,
    arrived: 0,
    unknown: 3,
    expected: null,
    shown: { heads: new Map(), contents: new Map(), topBefore: undefined },
    moved: false,
    read: 9,
    fresh: 3,
    others: 0,
    placed: [],
    ...over,
  }
}

const MET = { sightings: [KNOWN, KNOWN, KNOWN] }
const END = { to: 'end', ended: 'exhausted' } as const
const asked = (question: object) => question as Question
const LAST = { ask: 'total', for: 'end', ended: 'exhausted' } as const
const position = ({ walk }: { walk: Walk }) => walk.walking.position

describe('where a walk begins', () => {
  test('one that broke off goes on with the page behind the last one', () => {
    const left = { ...OPEN, position: { ...TOP, page: 2, token: 'p2', next: 'p3', tail: ['k6'] } }
    const walk = openWalk({ ...NEWEST, ...KEYSET }, left, { walk: 9, at: 8, toEnd: false })
    expect(walk).toMatchObject({ token: 'p3', row: { walk: 1, openedAt: 5 }, walking: { fromTop: false } })
    // Where tokens count from the top, with the last page itself.
    expect(openWalk(NEWEST, left, { walk: 9, at: 8, toEnd: false })).toMatchObject({ token: 'p2' })
  })

  test('one that begins at the top again forgets its leg', () => {
    const left = { ...OPEN, position: { ...TOP, page: 1, next: 'p2', tail: ['k3'], different: 3, rereads: 1 } }
    const walk = openWalk({ ...FULL, total }, left, { walk: 9, at: 8, toEnd: false })
    expect(walk).toMatchObject({
      token: undefined,
      walking: { fromTop: true, position: { ...TOP, rereads: 1, sought: true } },
    })
  })

  test('one that has come to its end only asks for what proves it', () => {
    const walk = standing(COUNTED, { position: { reached: 'exhausted' }, totals: { total: 6, unproven: 1 } })
    expect(begin(facts(COUNTED), { ...walk, walking: { ...walk.walking, fromTop: false } }).next).toEqual(LAST)
  })

  test('a full pass of more than a page counts first', () => {
    const pass = { ...FULL, total }
    const walk = openWalk(pass, undefined, { walk: 1, at: 5, toEnd: false })
    expect(begin(facts(pass), walk).next).toEqual({ ask: 'total', for: 'start' })
    expect(begin(facts(FULL), walk).next).toEqual({ ask: 'page' })
  })
})

describe('a page', () => {
  test('that meets known ground closes the walk', () => {
    const { walk, save, go } = seePage(facts(NEWEST), standing(NEWEST), page(MET))
    expect(go).toEqual({ to: 'end', ended: 'met-anchored' })
    expect(walk.row).toMatchObject({ ended: 'met-anchored', closedAt: 9, pages: 3, records: 9 })
    expect(save.walks).toEqual([walk.row])
  })

  test('that is the last one closes nothing before totals are compared', () => {
    const { walk, go } = seePage(facts(NEWEST), standing(NEWEST), page({ next: undefined }))
    expect(go).toEqual(END)
    expect(walk.row).toMatchObject({ ended: null, closedAt: null })
  })

  test('at the end leaves open what is still to be asked for, and says so', () => {
    const walk = standing(COUNTED, { totals: { total: 6, unproven: 1 } })
    const step = seePage(facts(COUNTED), walk, page(MET))
    expect(step.walk.row.closedAt).toBeNull()
    expect(position(step).reached).toBe('met-anchored')
    expect(position(seePage(facts(NEWEST), standing(NEWEST), page(MET))).reached).toBeNull()
  })

  test('inside a group is no end before the total is heard', () => {
    const pass = { ...COUNTED, settles: '1h' } as const
    const sightings = [1, 2, 3, 4].map(() => ({ ...KNOWN, order: 7, settled: true }))
    const walk = standing(pass, { totals: { total: 6, unproven: 1 } })
    const step = seePage(facts(pass), walk, page({ sightings }))
    expect(step.go).toMatchObject({ to: 'end', inside: true })
    expect(position(step).reached).toBeNull()
    expect(step.walk.row.closedAt).toBeNull()
  })

  test('closes no walk of several pages whose total could not be asked for', () => {
    const walk = standing(COUNTED, { walk: { uncounted: new Error('down') } })
    expect(seePage(facts(COUNTED), walk, page(MET)).walk.row.closedAt).toBeNull()
  })

  test('that closes the walk keeps when it was read, and how many records there are', () => {
    const walk = standing(SETTLED, { totals: { total: 7 } })
    const { save } = seePage(facts(SETTLED), walk, page({ ...MET, met: 2 }))
    expect(save.kept).toEqual({ read: { at: 10_000, total: 7 } })
    expect(seePage(facts(SETTLED), walk, page()).save.kept).toBeUndefined()
  })

  test('without the place where the walk stood forgets what was seen', () => {
    const walk = standing(NEWEST, { walking: { fromTop: false, seeks: true } })
    const { go, save } = seePage(facts(NEWEST), walk, page())
    expect(go).toEqual({ to: 'top' })
    expect(save.forgetSeen).toBe(1)
  })

  test('names the page that is read next', () =>
    expect(seePage(facts(NEWEST), standing(NEWEST), page()).walk.token).toBe('p4'))

  test('is followed by one that is read ahead, while all is news', () => {
    const ahead = (pass: ListingPass, seen = page(), stand: Stand = {}) =>
      seePage(facts(pass), standing(pass, stand), seen).ahead
    const known = page({ sightings: [NEW, KNOWN, NEW] })
    expect(ahead(NEWEST)).toEqual({ token: 'p4', pages: 1 })
    expect(ahead({ ...NEWEST, paid: true })).toBeUndefined()
    expect(ahead({ ...NEWEST, listing: { cap: 100 } })).toBeUndefined()
    expect(ahead(NEWEST, known)).toBeUndefined()
    expect(ahead(FULL, known)).toMatchObject({ token: 'p4' })
    expect(ahead(NEWEST, known, { position: { toEnd: true } })).toMatchObject({ token: 'p4' })
    // A count comes in between.
    expect(ahead(COUNTED, page(), { position: { careful: true } })).toBeUndefined()
    expect(ahead(COUNTED, page(), { position: TOP, walking: { pages: 0 } })).toBeUndefined()
  })
})

describe('between two pages', () => {
  const first = { position: { page: 1 }, walking: { pages: 1 } }

  test('the second page is read when the total is known', () => {
    const next = { ask: 'total', for: 'second page' }
    expect(goOn(facts(COUNTED), standing(COUNTED, first), { to: 'next' }).next).toEqual(next)
    const told = standing(COUNTED, { ...first, totals: { total: 6 } })
    expect(goOn(facts(COUNTED), told, { to: 'next' }).next).toEqual({ ask: 'page' })
  })

  test('the last request is not spent on a total of the first page', () => {
    const means = { left: 0, live: 10, stateExists: true }
    expect(goOn(facts(COUNTED, { means }), standing(COUNTED, first), { to: 'next' }).next).toEqual({ ask: 'page' })
  })

  test('a careful walk ends a run with a count', () => {
    const means = { left: 1, live: 10, stateExists: true }
    const walk = standing(COUNTED, {
      position: { careful: true },
      totals: { total: 6, unproven: 1 },
      walking: { pages: 3 },
    })
    const next = { ask: 'total', for: 'last request' }
    expect(goOn(facts(COUNTED, { means }), walk, { to: 'next' }).next).toEqual(next)
  })

  test('a doubtful boundary is read again, and what was read ahead is void', () => {
    const walk = standing(NEWEST, { walking: { seeks: true } })
    const step = goOn(facts(NEWEST), walk, { to: 'before' })
    expect(step).toMatchObject({ next: { ask: 'page' }, again: 'page', walk: { token: 'p2' } })
  })

  test('a walk that has lost its place begins again', () => {
    const step = goOn(facts(NEWEST), standing(NEWEST), { to: 'top' })
    expect(step).toMatchObject({ next: { ask: 'page' }, again: 'leg', walk: { token: undefined } })
    expect(step.walk.walking).toMatchObject({ fromTop: true, pages: 0, position: { tail: [], page: 0 } })
  })

  test('what was missed is read again from the top, and forgotten first', () => {
    const step = goOn(facts(FULL), standing(FULL), { to: 'reread', why: 'short' })
    expect(step).toMatchObject({ next: { ask: 'page' }, again: 'leg', save: { forgetSeen: 1 } })
    expect(step.walk.row).toMatchObject({ ended: null, note: 'short', position: { rereads: 1, page: 0 } })
  })

  test('a walk that can go no further stays where it stands', () => {
    const step = goOn(facts(NEWEST), standing(NEWEST), { to: 'stay', why: 'nothing now' })
    expect(step).toMatchObject({ next: { ask: 'nothing', ended: 'limit' }, note: 'nothing now' })
    expect(step.walk.row).toMatchObject({ ended: 'limit', note: 'nothing now', position: { page: 2, next: 'p3' } })
    expect(step.save?.forgetSeen).toBeUndefined()
  })

  test('a group may be left unread where the total says so', () => {
    const go = { to: 'end', ended: 'met-anchored', inside: true } as const
    expect(goOn(facts(COUNTED), standing(COUNTED), go).next).toEqual({ ask: 'total', for: 'group' })
    expect(goOn(facts(NEWEST), standing(NEWEST), go).next).toMatchObject({ ask: 'nothing', ended: 'met-anchored' })
  })
})

describe('a total', () => {
  const totalFor = (what: string) => asked({ ask: 'total', for: what })
  const told = (stand: Stand = {}) => standing(COUNTED, { totals: { total: 6, unproven: 1, least: 6 }, ...stand })

  test('that can not be asked for ends a run only where the run ends with it', () => {
    const all = ['start', 'second page', 'group', 'last request', 'end'].map((what) => mayFail(totalFor(what)))
    expect(all).toEqual([true, true, true, false, false])
    const failed = new Error('down')
    const step = hear(facts(COUNTED), told(), totalFor('second page'), { failed })
    expect(step).toMatchObject({ next: { ask: 'page' }, walk: { uncounted: failed, token: 'p3' } })
  })

  test('that fell since an earlier run sends the walk back', () => {
    const walk = told({ walking: { fromTop: false } })
    const step = hear(facts(COUNTED), walk, totalFor('start'), { total: 4 })
    expect(step).toMatchObject({ again: 'leg', save: { forgetSeen: 1 } })
    // The new leg begins with that total; from now on a run ends with a count.
    expect(position(step)).toMatchObject({ careful: true, rereads: 1, totals: { total: 4, least: 4 } })
    expect(hear(facts(COUNTED), walk, totalFor('start'), { total: 6 })).toMatchObject({ next: { ask: 'page' } })
  })

  test('of the first page has that page read once more', () => {
    const first = standing(COUNTED, { position: { page: 1, token: null, next: 'p2' }, walking: { pages: 1 } })
    const step = hear(facts(COUNTED), { ...first, token: 'p2' }, totalFor('second page'), { total: 6 })
    expect(step).toMatchObject({ again: 'page', walk: { token: undefined, walking: { seeks: true } } })
    expect(step.walk.row.position).toMatchObject({ total: 6, totals: { total: 6, least: 6 } })
    expect(step.save?.walks).toEqual([step.walk.row])
  })

  test('of the last request is kept for the next run', () => {
    const step = hear(facts(COUNTED), told(), totalFor('last request'), { total: 6 })
    expect(step).toMatchObject({ next: { ask: 'page' }, walk: { token: 'p3' } })
    expect(step.walk.row.position).toMatchObject({ totals: { total: 6, unproven: 0 } })
    expect(step.save?.walks).toEqual([step.walk.row])
    expect(hear(facts(COUNTED), told(), totalFor('last request'), { total: 5 }).again).toBe('leg')
  })

  describe('of a group that may be left unread', () => {
    const kept = { read: { at: 0, total: 4 } }
    const pass = { ...SETTLED, total } as ListingPass
    const walk = (totals: Partial<Totals>) => standing(pass, { totals, walking: { unknown: 2 } })
    const hearGroup = (totals: Partial<Totals>, answer: object): Step =>
      hear(facts(pass, { kept }), walk(totals), totalFor('group'), answer)

    test('as expected ends the walk, and is what is kept', () => {
      const step = hearGroup({ total: 5 }, { total: 6 })
      expect(step).toMatchObject({
        next: { ask: 'nothing', ended: 'met-anchored' },
        save: { kept: { read: { total: 6 } } },
      })
    })

    test('otherwise has the group read whole', () => {
      const step = hearGroup({ total: 6 }, { total: 7 })
      expect(step).toMatchObject({ next: { ask: 'page' }, walk: { token: 'p3', walking: { whole: true } } })
    })

    test('that is the first one told has its page read once more', () => {
      const step = hearGroup({}, { total: 7 })
      expect(step).toMatchObject({ again: 'page', walk: { token: 'p2', walking: { whole: true, seeks: true } } })
      expect(position(step)).toMatchObject({ total: 7, totals: { total: 7 } })
    })

    test('that can not be asked for has the group read, and one that is not told ends the walk', () => {
      expect(hearGroup({}, { failed: new Error('down') })).toMatchObject({
        next: { ask: 'page' },
        walk: { token: 'p3' },
      })
      expect(hearGroup({}, {}).next).toMatchObject({ ask: 'nothing', ended: 'met-anchored' })
    })
  })
})

describe('a listing that was read too often', () => {
  const walk = standing(FULL, { position: { rereads: 2 } })

  test('is left to the next run, from the top', () => {
    const step = goOn(facts(FULL), walk, { to: 'reread', why: 'short' })
    expect(step).toMatchObject({ next: { ask: 'nothing', ended: 'limit' }, note: 'short', save: { forgetSeen: 1 } })
    expect(step.walk.row.position).toEqual(TOP)
  })

  test('but for one that began in another run', () => {
    const resumed = { ...walk, walking: { ...walk.walking, fromTop: false } }
    expect(goOn(facts(FULL), resumed, { to: 'reread', why: 'short' })).toMatchObject({
      next: { ask: 'page' },
      again: 'leg',
    })
  })
})

describe('the end of a leg', () => {
  const last = (pass: ListingPass, stand: Stand = {}, over: Partial<Facts> = {}) =>
    goOn(facts(pass, over), standing(pass, stand), END)
  const hearEnd = (pass: ListingPass, stand: Stand, question: object, answer: object) =>
    hear(facts(pass), standing(pass, stand), asked({ ...LAST, ...question }), answer)
  const isClosed = { next: { ask: 'nothing', ended: 'exhausted' } }

  test('of a walk that was closed with its page asks nothing', () => {
    expect(last(NEWEST, { row: { closedAt: 9 } })).toMatchObject({ next: { ask: 'nothing' } })
    expect(last(NEWEST, { row: { closedAt: 9 } }).save).toBeUndefined()
  })

  test('fails where the total of several pages could not be asked for', () => {
    const uncounted = new Error('down')
    expect(last(COUNTED, { walk: { uncounted } }).next).toEqual({ ask: 'nothing', error: uncounted })
    expect(last(COUNTED, { walk: { uncounted }, walking: { pages: 1 } }).next).toMatchObject({ ask: 'read' })
  })

  describe('of a capped listing', () => {
    const capped = { ...NEWEST, listing: { cap: 6 } }
    const told = (most: number) => ({ totals: { total: most, least: Math.min(most, 6), most } })

    test('has read as many records as its total says, or its cap', () => {
      expect(last(capped).next).toEqual({ ...LAST, ask: 'read' })
      expect(hearEnd(capped, told(9), { ask: 'read' }, { read: 6 })).toMatchObject(isClosed)
      expect(hearEnd(capped, told(5), { ask: 'read' }, { read: 4 })).toMatchObject({ again: 'leg' })
    })

    test('may lack what arrivals have pushed out', () => {
      expect(hearEnd(capped, told(9), { ask: 'read' }, { read: 5 }).next).toMatchObject({ ask: 'total' })
      const short = { ask: 'top', read: 5 } as const
      expect(hearEnd(capped, told(9), short, { top: { total: 10, arrived: 1 } })).toMatchObject(isClosed)
      expect(hearEnd(capped, told(9), short, { top: { total: 10, arrived: null } })).toMatchObject(isClosed)
      expect(hearEnd(capped, told(9), short, { top: { total: 9, arrived: 0 } })).toMatchObject({ again: 'leg' })
    })

    test('at its cap that began in another run lacks nothing that a total could tell', () => {
      const other = { ...told(9), walking: { fromTop: false } }
      expect(hearEnd({ ...capped, paging: 'keyset' }, other, { ask: 'read' }, { read: 1 })).toMatchObject(isClosed)
    })
  })

  test('compares what was read with what was told', () => {
    expect(last(NEWEST).next).toEqual({ ...LAST, ask: 'read' })
    const told = { totals: { total: 6, least: 6 } }
    expect(hearEnd(NEWEST, told, { ask: 'read' }, { read: 6 })).toMatchObject(isClosed)
    expect(hearEnd(NEWEST, told, { ask: 'read' }, { read: 5 })).toMatchObject({
      again: 'leg',
      walk: { row: { ended: null } },
    })
    // A row whose key is not certain is a record, too.
    const unread = { ...told, position: { unreadable: 1 } }
    expect(hearEnd(NEWEST, unread, { ask: 'read' }, { read: 5 })).toMatchObject(isClosed)
  })

  test('of a walk that began in another run counts with what that one has read', () => {
    const resumed = { position: { different: 6 }, walking: { fromTop: false }, totals: { total: 6, least: 6 } }
    expect(hearEnd({ ...NEWEST, ...KEYSET }, resumed, { ask: 'read' }, { read: 1 })).toMatchObject(isClosed)
    expect(last(NEWEST, { walking: { fromTop: false }, totals: { total: 6, unproven: 1 } }).next).toEqual(LAST)
  })

  test('without a total so far asks for one, where more than a page was read', () => {
    expect(hearEnd(COUNTED, {}, { ask: 'read' }, { read: 6 }).next).toEqual({ ...LAST, read: 6 })
    const one = { walking: { pages: 1, rows: 2, unknown: 0 } }
    expect(hearEnd(COUNTED, one, { ask: 'read' }, { read: 12 })).toMatchObject(isClosed)
  })

  test('of a keyset listing asks for the total of now, and for what has come on top since', () => {
    const pass = { ...COUNTED, ...KEYSET } as ListingPass
    const told = { totals: { total: 8, least: 8 } }
    expect(hearEnd(pass, told, { ask: 'read' }, { read: 6 }).next).toEqual({ ...LAST, read: 6 })
    expect(hearEnd(pass, told, { read: 6 }, { total: 6 })).toMatchObject(isClosed)
    expect(hearEnd(pass, told, { read: 6 }, { total: 7 }).next).toEqual({ ...LAST, ask: 'top', read: 6, total: 7 })
    const top = { ask: 'top', read: 6, total: 7 }
    expect(hearEnd(pass, told, top, { top: { total: undefined, arrived: 1 } })).toMatchObject(isClosed)
    expect(hearEnd(pass, told, top, { top: { total: undefined, arrived: 0 } }).again).toBe('leg')
    expect(hearEnd(pass, told, top, { top: { total: undefined, arrived: null } }).again).toBe('leg')
  })

  const shifted: Stand = { totals: { total: 6, unproven: 1, fromTop: true, least: null }, walking: { fromTop: false } }

  test('of pages that shift compares the total with the one before', () => {
    expect(hearEnd(COUNTED, shifted, {}, { total: 6 })).toMatchObject(isClosed)
    expect(hearEnd(COUNTED, shifted, {}, {})).toMatchObject(isClosed)
    const later = { ...shifted, totals: { ...shifted.totals, fromTop: false } }
    expect(hearEnd(COUNTED, later, {}, { total: 5 }).again).toBe('leg')
    // What was told shows where the next leg begins.
    expect(position(hearEnd(COUNTED, later, {}, { total: 5 })).totals).toMatchObject({ total: 5, least: 5 })
  })

  test('of pages that have moved looks at the top for what has arrived', () => {
    expect(hearEnd(COUNTED, shifted, {}, { total: 7 }).next).toEqual({ ...LAST, ask: 'top', total: 7 })
    const top = { ask: 'top', total: 7 }
    expect(hearEnd(COUNTED, shifted, top, { top: { total: undefined, arrived: 1 } })).toMatchObject(isClosed)
    expect(hearEnd(COUNTED, shifted, top, { top: { total: undefined, arrived: 2 } }).again).toBe('leg')
  })

  test('of pages that alone tell the total reads the first one for it', () => {
    expect(hearEnd(NEWEST, shifted, {}, {}).next).toEqual({ ...LAST, ask: 'top', total: undefined })
    expect(hearEnd(NEWEST, shifted, { ask: 'top' }, { top: { total: 6, arrived: 0 } })).toMatchObject(isClosed)
    expect(hearEnd(NEWEST, shifted, { ask: 'top' }, { top: { total: 5, arrived: 0 } }).again).toBe('leg')
  })

  test('of records that keep moving up is believed after two readings', () => {
    const moving = { ...shifted, position: { moves: true, rereads: 2 }, totals: { ...shifted.totals, repeats: 1 } }
    const step = hearEnd(COUNTED, moving, { ask: 'top', total: 6 }, { top: { total: undefined, arrived: 1 } })
    expect(step).toMatchObject(isClosed)
  })
})

describe('a walk that is closed', () => {
  const older = { ...OPEN, walk: 1 }
  const newer = { ...OPEN, walk: 7 }
  const openWalks = [older, newer, { ...OPEN, walk: 2, pass: 'fullPass' as const }]
  const close = (pass: ListingPass, stand: Stand = {}) =>
    hear(facts(pass, { openWalks }), standing(pass, { row: { walk: 5 }, ...stand }), asked({ ...LAST, ask: 'read' }), {
      read: 6,
    })
  const closed = ({ save }: Step) => save?.walks?.map(({ walk, closedAt, ended }) => [walk, closedAt, ended])

  test('at the end of its listing covers all that others have left open', () => {
    expect(closed(close(NEWEST))).toEqual([5, 1, 7].map((walk) => [walk, 9, 'exhausted']))
    const resumed = { walking: { fromTop: false }, totals: { total: null }, row: { walk: 5 } }
    expect(closed(close({ ...NEWEST, ...KEYSET }, resumed))).toEqual([5, 1].map((walk) => [walk, 9, 'exhausted']))
  })

  test('covers nothing where it has read nothing', () => {
    expect(closed(close(NEWEST, { row: { walk: 5, records: 0 } }))).toEqual([[5, 9, 'exhausted']])
  })

  test('covers nothing at known ground', () => {
    const step = goOn(facts(NEWEST, { openWalks }), standing(NEWEST, { row: { walk: 5 } }), {
      ...END,
      ended: 'met-anchored',
    })
    expect(closed(step)).toEqual([[5, 9, 'met-anchored']])
  })

  test('is left to others where it is a full pass', () => {
    expect(close(FULL)).toMatchObject({ next: { ask: 'nothing', ended: 'exhausted' } })
    expect(close(FULL).save).toBeUndefined()
  })

  test('says when it was read only where it read the top, and something', () => {
    expect(close(SETTLED).save?.kept).toMatchObject({ read: { at: 10_000, total: null } })
    expect(close(NEWEST).save?.kept).toBeUndefined()
    expect(close({ ...SETTLED, ...KEYSET }, { walking: { fromTop: false } }).save?.kept).toBeUndefined()
    expect(close(SETTLED, { walking: { rows: 0 } }).save?.kept).toBeUndefined()
  })
})

describe('a page that can not be read', () => {
  const at = { isResumed: false, token: 'p3', before: undefined }

  test('is kept with the walk that stands before it', () => {
    const below = { next: 'p5', failed: 1, known: 3 }
    const row = brokenOff(OPEN, { ...TOP, page: 2 }, { ...at, before: { ...TOP, below } })
    expect(row).toMatchObject({ ended: 'failed', note: 'so far; the next page cannot be read' })
    expect(row?.position).toMatchObject({ page: 2, stuck: '"p3"', below })
    // A total that can't be asked for is no page.
    expect(brokenOff(OPEN, TOP, { ...at, token: undefined })?.position).toMatchObject({ stuck: null, below: null })
  })

  test('keeps nothing of a walk that has read nothing, or that is closed', () => {
    expect(brokenOff({ ...OPEN, pages: 0 }, TOP, at)).toBeUndefined()
    expect(brokenOff({ ...OPEN, pages: 0 }, TOP, { ...at, isResumed: true })).toBeDefined()
    expect(brokenOff({ ...OPEN, closedAt: 9 }, TOP, at)).toBeUndefined()
  })
})
