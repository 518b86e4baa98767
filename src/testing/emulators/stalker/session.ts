// Owns who is let in: MAC addresses, tokens of the handshake, and logins. One token a device: the next handshake ends the
// one before. Nobody has recorded that; emulators that keep all tokens are met with `keepsTokens`.

import { createHash } from 'node:crypto'
import type { Call } from '../kit/answer.ts'

export interface SessionRules {
  /** The devices that the provider knows. */
  readonly macs: readonly string[]
  /** The portal asks for these before it lets a device in. */
  readonly login: { readonly login: string; readonly password: string } | undefined
  readonly keepsTokens: boolean
}

interface Session {
  readonly token: string
  readonly mac: string
  loggedIn: boolean
  /** The profile was read: the token is good for everything. */
  valid: boolean
}

export class Sessions {
  readonly #rules: SessionRules
  readonly #sessions = new Map<string, Session>()
  #made = 0

  constructor(rules: SessionRules) {
    this.#rules = rules
  }

  get rules(): SessionRules {
    return this.#rules
  }

  handshake(mac: string): { readonly token: string; readonly random: string; readonly not_valid: 0 } {
    if (!this.#rules.keepsTokens) this.#drop(mac)
    const digest = createHash('sha1')
      .update(`${mac} ${++this.#made}`)
      .digest('hex')
    const token = digest.slice(0, 32).toUpperCase()
    this.#sessions.set(token, { token, mac, loggedIn: this.#rules.login === undefined, valid: false })
    return { token, random: digest, not_valid: 0 }
  }

  /** Undefined: the token is unknown, or another device's. */
  of(call: Call): Session | undefined {
    const token = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '')?.[1]
    const session = token === undefined ? undefined : this.#sessions.get(token)
    return session?.mac === macOf(call) ? session : undefined
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

/** The device's address, which clients write into the cookie with or without percent signs. */
export function macOf({ headers }: Call): string {
  const written = /(?:^|;\s*)mac=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? ''
  try {
    return decodeURIComponent(written).toUpperCase()
  } catch {
    return written.toUpperCase()
  }
}
