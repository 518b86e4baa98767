// Owns the portal's HTTP semantics: its address, its envelope, its session, and its pages. Each behaviour names what it is
// from: a file of stalker_portal (server/lib/…), of a client (pvr.stalker, iptvnator), or of an emulator (XC_VM).

import { type Answer, type Call, type Handler, jsonAnswer } from '../kit/answer.ts'
import { categoryRows, channelRow, ministraRow, xtreamRow } from './rows.ts'
import { macOf, type Sessions } from './session.ts'
import type { SortBy, StalkerWorld, Title } from './world.ts'

export interface ApiRules {
  /** AjaxResponse::max_page_items; emulators have their own. @default 14 */
  readonly pageSize?: number
  /** Whether there is `get_all_channels`; without it `js` is false. @default true */
  readonly allChannels?: boolean
  /** Equals stand in another order on every request, as MySQL may have it; or on every page, always the same one there. @default false */
  readonly unstableTies?: boolean | 'by page'
  /**
   * Locks a device out that asks for more pages than this at once, as providers have done (STB-Proxy issues 18 and 26).
   * @default none is locked out
   */
  readonly pagesAtOnce?: number
  /** What the box is registered with beside its address. @default nothing */
  readonly device?: { readonly sn?: string; readonly deviceId?: string }
  /** `total_items` as text, as some portals write it. @default false */
  readonly totalAsText?: boolean
  /** @default 'text/javascript; charset=utf-8' on Ministra, 'text/html; charset=UTF-8' on emulators */
  readonly contentType?: string
}

/** Where each kind of portal answers: c/xpcom.common.js of stalker_portal, and the addresses of Xtream panels. */
export const ENDPOINTS = { ministra: '/stalker_portal/server/load.php', xtream: '/portal.php' } as const

/** Recorded answers of Ministra end with it; emulators send none. */
const MINISTRA_TEXT =
  'generated in: 0.03s; query counter: 40; cache hits: 0; cache miss: 0; php errors: 0; sql errors: 0;'

export function stalkerHandler(world: StalkerWorld, sessions: Sessions, rules: ApiRules): Handler {
  const { kind } = world.rules
  const isMinistra = kind === 'ministra'
  const contentType = rules.contentType ?? (isMinistra ? 'text/javascript; charset=utf-8' : 'text/html; charset=UTF-8')
  const envelope = (js: unknown): Answer =>
    jsonAnswer(200, isMinistra ? { js, text: MINISTRA_TEXT } : { js }, { 'Content-Type': contentType })
  let asked = 0

  return (call) => {
    asked++
    const { path, query } = call
    if (path.endsWith('/c/')) return page(200, 'stalker_portal')
    if (path.includes('/screenshots/')) return { status: 200, headers: { 'Content-Type': 'image/gif' }, body: POSTER }
    if (path !== ENDPOINTS[kind]) return page(404, '404 Not Found')
    const [type, action] = [query.get('type'), query.get('action')]
    if (type === 'stb' && action === 'handshake') {
      return envelope(sessions.handshake({ mac: macOf(call), now: call.now }))
    }
    const session = sessions.of(call)
    if (!session) return refusal()
    if (type === 'stb' && action === 'get_profile') return envelope(profile(call))
    if (type === 'stb' && action === 'do_auth') {
      const { login } = sessions.rules
      session.loggedIn = query.get('login') === login?.login && query.get('password') === login?.password
      return envelope(session.loggedIn)
    }
    if (!session.valid || world.blocked) return refusal()
    if (action === 'get_categories' && type === 'vod') return envelope(categoryRows(kind, world.categoryIds(), 'vod'))
    // Tests of clients: false is the answer of a portal that has no such section.
    if (action === 'get_categories' && type === 'series') {
      return envelope(isMinistra ? false : categoryRows(kind, world.categoryIds(), 'series'))
    }
    if (action === 'get_ordered_list' && call.together > (rules.pagesAtOnce ?? Number.POSITIVE_INFINITY)) {
      world.block('Your account is locked', 'Too many connections at once')
      return refusal()
    }
    if (action === 'get_ordered_list') return { ...envelope(ordered(call, type)), page: true }
    if (action === 'get_all_channels' && type === 'itv' && rules.allChannels !== false) return envelope(allChannels())
    return envelope(false)
  }

  /** What portals say of a box that is registered with more than its address, and shows something else: a real refusal. */
  function conflict(what: string) {
    return { status: 1, msg: `Device conflict - ${what} mismatch`, block_msg: 'Please contact your provider' }
  }

  /** Reading it makes the token good. SessionManager.cpp: status 2 asks for the login; any other one but 0 locks out. */
  function profile(call: Call) {
    const mac = macOf(call)
    const session = sessions.of(call)!
    if (world.blocked) return { status: 1, ...world.blocked }
    if (!sessions.isKnown(mac)) return { status: 1, msg: 'Device not found', block_msg: `Unknown device ${mac}` }
    const { sn, deviceId } = rules.device ?? {}
    if ((sn ?? call.query.get('sn')) !== call.query.get('sn')) return conflict('Serial Number')
    if ((deviceId ?? call.query.get('device_id')) !== call.query.get('device_id')) return conflict('Device ID')
    if (!session.loggedIn) return { id: null, status: 2 }
    session.valid = true
    const value = (number: number) => (isMinistra ? String(number) : number)
    return {
      id: value(1),
      name: mac,
      fname: 'Ada',
      mac,
      status: 0,
      blocked: value(0),
      watchdog_timeout: 120,
      timeslot: 90,
    }
  }

  function ordered(call: Call, type: string | null): unknown {
    const { query } = call
    // vod.class.php: by name unless `sortby`. PortalHelpers.php of XC_VM: in the order of its bouquets, which is no date's.
    const sortBy: SortBy = query.get('sortby') === 'added' ? 'added' : isMinistra ? 'name' : 'bouquet'
    if (type === 'itv') return listing(call, world.channels(), (channel) => channelRow(kind, channel))
    if (type !== 'vod' && (type !== 'series' || isMinistra)) return false
    const category = query.get('category')
    const stream = isMinistra ? 'all' : type === 'vod' ? 'movies' : 'series'
    const offset = stream === 'series' ? 500 : 0
    const list = world.list(
      stream,
      sortBy,
      category === null || category === '*' ? undefined : Number(category) - offset,
    )
    const today = Math.floor(call.now / 1_000)
    const rowOf = (title: Title) => {
      const id = world.idOf(title)
      return isMinistra ? ministraRow(title, { id, today, sortBy }) : xtreamRow(title, { id, today })
    }
    const isShuffled = rules.unstableTies && sortBy === 'added'
    const order = rules.unstableTies === 'by page' ? window(call)[0] : asked
    return listing(call, isShuffled ? shuffled(list, window(call), order) : list, rowOf)
  }

  /** ajaxresponse.class.php: 14 rows, `p` counts from 1, and a missing one, or 0, is the first. */
  function window({ query }: Call): readonly [number, number] {
    const size = rules.pageSize ?? 14
    const p = Math.max(1, Number(query.get('p')) || 1)
    return [(p - 1) * size, p * size]
  }

  /** ajaxresponse.class.php: `cur_page` is 0, whatever was asked for; past the end `data` is empty. */
  function listing<T>(call: Call, list: readonly T[], rowOf: (one: T) => unknown): unknown {
    const total = list.length
    const data = list.slice(...window(call)).map(rowOf)
    const total_items = rules.totalAsText ? String(total) : total
    return { total_items, max_page_items: rules.pageSize ?? 14, selected_item: 0, cur_page: 0, data }
  }

  function allChannels(): unknown {
    const data = world.channels().map((channel) => channelRow(kind, channel))
    return { total_items: data.length, max_page_items: rules.pageSize ?? 14, selected_item: 0, cur_page: 0, data }
  }
}

/** A token that is over: status 200, and no JSON (c/xpcom.common.js; SAPI.cpp compares the text). */
function refusal(): Answer {
  return { status: 200, headers: { 'Content-Type': 'text/html; charset=UTF-8' }, body: 'Authorization failed.' }
}

/** A picture of one dot, all of whose bytes are ASCII. */
const POSTER = 'GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;'

export function page(status: number, title: string): Answer {
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body></body></html>`
  return { status, headers: { 'Content-Type': 'text/html; charset=UTF-8' }, body }
}

/** The list with the equals that touch a page in an order of its own: vod.class.php orders by date, and nothing else. */
function shuffled(list: readonly Title[], [from, to]: readonly [number, number], order: number): readonly Title[] {
  let start = Math.min(from, list.length)
  while (start > 0 && list[start - 1]?.added === list[start]?.added) start--
  let end = Math.min(to, list.length)
  while (end < list.length && list[end]?.added === list[end - 1]?.added) end++
  const place = ({ n }: Title) => {
    const mixed = Math.imul(n ^ Math.imul(order + 1, 0x9e37_79b1), 0x85eb_ca6b)
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 0
  }
  const equals = list.slice(start, end).sort((a, b) => b.added - a.added || place(a) - place(b))
  return [...list.slice(0, start), ...equals, ...list.slice(end)]
}
