// Owns who is let in: MAC addresses, tokens of the handshake, and logins.
//
// SessionManager.cpp of pvr.stalker: a token is good for the profile only until that was read; status 2 asks for a login.
// Reports of clients, which nobody has recorded: a device has one token, so that the next handshake ends the one before
// (emulators that keep all tokens are met with `keepsTokens`), and a session of which the watchdog hears nothing is dropped.

import { createHash } from 'node:crypto'
import type { Call } from '../kit/answer.ts'

export interface SessionRules {
  /** The devices that the provider knows. */
  readonly macs: readonly string[]
  /** The portal asks for these before it lets a device in. */
  readonly login: { readonly login: string; readonly password: string } | undefined
  readonly keepsTokens: boolean
  /** A session ends so long after its token was made, in seconds: nobody reports to the watchdog. @default never */
  readonly watchdogSeconds?: number | undefined
}

interface Session {
  readonly token: string
  readonly mac: string
  /** In milliseconds since 1970. */
  readonly madeAt: number
  loggedIn: boolean
  /** The profile was read: the token is good for everything. */
  valid: boolean
}

export class Sessions {
  readonly #rules: SessionRules
  readonly #sessions = new Map<string, Session>()
  #made = 0
  #rivals = 0

  constructor(rules: SessionRules) {
    this.#rules = rules
  }

  get rules(): SessionRules {
    return this.#rules
  }

  handshake({ mac, now }: { readonly mac: string; readonly now: number }) {
    const given = this.#shakeHands(mac, now)
    if (this.#rivals > 0) {
      this.#rivals--
      this.#shakeHands(mac, now)
    }
    return given
  }

  /** Another box with the same address shakes hands, right after each of so many handshakes that are to come. */
  rival(times: number): void {
    this.#rivals = times
  }

  /** A recorded handshake: a token of 32 digits, 40 more, and whether the token that was shown is none. */
  #shakeHands(mac: string, now: number): { readonly token: string; readonly random: string; readonly not_valid: 0 } {
    if (!this.#rules.keepsTokens) this.#drop(mac)
    const digest = createHash('sha1')
      .update(`${mac} ${++this.#made}`)
      .digest('hex')
    const token = digest.slice(0, 32).toUpperCase()
    this.#sessions.set(token, { token, mac, madeAt: now, loggedIn: this.#rules.login === undefined, valid: false })
    return { token, random: digest, not_valid: 0 }
  }

  /** Undefined: the token is unknown, over, or another device's. */
  of(call: Call): Session | undefined {
    const token = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '')?.[1]
    const session = token === undefined ? undefined : this.#sessions.get(token)
    const { watchdogSeconds = Number.POSITIVE_INFINITY } = this.#rules
    if (session?.mac !== macOf(call) || call.now >= session.madeAt + watchdogSeconds * 1_000) return undefined
    return session
  }

  isKnown(mac: string): boolean {
    return this.#rules.macs.some((one) => one.toUpperCase() === mac)
  }

  /** Every token ends. */
  expire(): void {
    this.#sessions.clear()
  }

  #drop(mac: string): void {
    for (const session of this.#sessions.values()) if (session.mac === mac) this.#sessions.delete(session.token)
  }
}

/** The device's address, which clients write into the cookie with or without percent signs: clients differ. */
export function macOf({ headers }: Call): string {
  const written = /(?:^|;\s*)mac=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? ''
  try {
    return decodeURIComponent(written).toUpperCase()
  } catch {
    return written.toUpperCase()
  }
}
