// Owns the session of a Stalker portal: how it is opened, with the login where the portal asks for one, and whose it is.
//
// Facts (SessionManager.cpp and SAPI.cpp of pvr.stalker, c/xpcom.common.js of stalker_portal): a session is a token from
// `handshake`, which `get_profile` makes valid; status 2 of the profile asks for a login (`do_auth`), every other one but 0
// blocks the device. Clients report that a portal keeps one token for a MAC address: the handshake of another box that shows
// it ends ours, also between our handshake and our profile. pvr.stalker shakes hands five times before it gives up.

import type { Outgoing } from '../../connector/connector.ts'
import { type Sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { NO_SESSION, natural, noPage, type Portal, type PortalOptions, payloadOf, send } from './portal.ts'

type Query = Readonly<Record<string, string | number>>

/** So many handshakes at most for one session: another box may end it before its profile is read. */
const HANDSHAKES_MAX = 5

/** The token goes with everything but the handshake that asks for one. */
export function sign({ token }: PortalOptions, { query, headers }: Outgoing) {
  if (token === undefined || query['action'] === 'handshake' || headers['authorization'] !== undefined) return {}
  return { headers: { authorization: `Bearer ${token}` } }
}

/** A new token, made valid by the profile, with the login where the portal asks for one. */
export async function openSession(portal: Portal): Promise<string> {
  for (let handshakes = 1; ; handshakes++) {
    const session = await shakeHands(portal)
    try {
      await letIn(portal, session)
      return session.token
    } catch (error) {
      if (handshakes === HANDSHAKES_MAX || !isEnded(error)) throw error
    }
  }
}

/** What a handshake gives, and whether the portal says that the token before was none. */
interface Session {
  readonly token: string
  readonly notValid: 0 | 1
}

async function shakeHands(portal: Portal): Promise<Session> {
  const handshake = await send(portal, { type: 'stb', action: 'handshake', token: '' }).catch(refusedHandshake)
  const given = payloadOf(handshake, 'the handshake')
  const token = isObject(given) ? given['token'] : undefined
  if (typeof token !== 'string' || token === '') throw noToken()
  return { token, notValid: isObject(given) && natural(given['not_valid']) === 1 ? 1 : 0 }
}

async function letIn(portal: Portal, { token, notValid }: Session): Promise<void> {
  const { options } = portal
  const bearer = { authorization: `Bearer ${token}` }
  const profile = await send(portal, profileQuery(options, 0, notValid), bearer).catch(refusedLogin)
  if (!asksForLogin(profile)) {
    accountOf(profile, options)
    return
  }
  const { login, password } = options
  if (login === undefined || password === undefined) {
    throw new TidemarkError('login_expired', 'The portal asks for a login and a password.', {
      hint: 'Give both as your provider sent them: tidemark connect stalker --id … --set login=… --secret-env password=…',
    })
  }
  const { deviceId = '' } = options
  const query = { type: 'stb', action: 'do_auth', login, password, device_id: deviceId, device_id2: deviceId }
  if (payloadOf(await send(portal, query, bearer).catch(refusedCredentials), 'the login') !== true) throw wrongLogin()
  const second = await send(portal, profileQuery(options, 1, notValid), bearer).catch(refusedLogin)
  if (asksForLogin(second)) throw wrongLogin()
  accountOf(second, options)
}

/** The portal says of a token that it has just given that it is over. */
function isEnded(error: unknown): boolean {
  return error instanceof TidemarkError && error.cause instanceof TidemarkError && error.cause.code === 'token_expired'
}

/** One cheap request that shows whether the device is let in, and whose account it is. */
export async function check(portal: Portal): Promise<{ readonly account: string }> {
  return { account: accountOf(await send(portal, profileQuery(portal.options, 0, 0)), portal.options) }
}

function profileQuery({ serialNumber, deviceId }: PortalOptions, secondStep: 0 | 1, notValid: 0 | 1): Query {
  const device = deviceId === undefined ? {} : { device_id: deviceId, device_id2: deviceId }
  return {
    ...(serialNumber === undefined ? {} : { sn: serialNumber }),
    ...device,
    type: 'stb',
    action: 'get_profile',
    hd: 1,
    stb_type: 'MAG250',
    client_type: 'STB',
    num_banks: 2,
    not_valid_token: notValid,
    auth_second_step: secondStep,
  }
}

function statusOf(profile: unknown): number | undefined {
  return isObject(profile) && isObject(profile['js']) ? natural(profile['js']['status']) : undefined
}

function asksForLogin(profile: unknown): boolean {
  return statusOf(profile) === 2
}

/** Whose account the profile shows. @throws TidemarkError login_expired (pause) where the device is blocked */
function accountOf(profile: unknown, { mac, requestsAtOnce = 1 }: PortalOptions): string {
  const js = payloadOf(profile, 'the profile')
  if (!isObject(js)) throw new TidemarkError('login_expired', `The portal has no profile for device ${mac}.`, BLOCKED)
  if ((statusOf(profile) ?? 0) !== 0 || natural(js['blocked']) === 1) {
    const said = [js['msg'], js['block_msg']].flatMap((text) => plainText(text) ?? []).join(' ')
    throw new TidemarkError(
      'login_expired',
      `The portal blocks device ${mac}: ${said || 'it does not say why'}.`,
      requestsAtOnce > 1 ? { hint: `${IN_PARALLEL} ${BLOCKED.hint}` } : BLOCKED,
    )
  }
  const [name] = ['fname', 'login', 'name'].flatMap((field) => plainText(js[field]) ?? [])
  return name === undefined ? `device ${mac}` : `${name}, device ${mac}`
}

/** What a person can do whose provider lets one thing be asked at a time, and says so by locking out. */
const IN_PARALLEL =
  'If your provider locks out who asks for several pages at once, set the option requestsAtOnce to 1 before you go on.'

const BLOCKED = {
  hint: 'Ask your provider to register this MAC address, or give the registered one: tidemark connect stalker --id … --set mac=…',
}

/** Messages of portals are pieces of a web page. */
function plainText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? undefined : text.replace(/\.$/, '')
}

function wrongLogin(): TidemarkError {
  return new TidemarkError('login_expired', 'The portal refuses the login and the password.', {
    hint: 'Give both as your provider sent them: tidemark connect stalker --id … --set login=… --secret-env password=…',
  })
}

/** A portal that refuses every fresh session has locked the device out, or lets another box in with its address. */
function refusedLogin(error: unknown): never {
  if (!(error instanceof TidemarkError) || error.verdict !== 'pause') throw error
  throw new TidemarkError('login_expired', `The portal refuses to open a session: ${error.message}` as Sentence, {
    hint: `See that no other box or connection uses this MAC address at the same time: only one is let in. ${BLOCKED.hint}`,
    cause: error,
  })
}

/** A portal refuses a device in words or by the status of its profile. A handshake with nothing in it is a fault of its own. */
function refusedHandshake(error: unknown): never {
  if (error instanceof TidemarkError && error.code === NO_SESSION) throw noToken()
  return refusedLogin(error)
}

/** To a wrong password a portal answers with nothing. */
function refusedCredentials(error: unknown): never {
  if (error instanceof TidemarkError && error.code === NO_SESSION) throw wrongLogin()
  return refusedLogin(error)
}

function noToken(): TidemarkError {
  return noPage('The answer to the handshake has no token.')
}
