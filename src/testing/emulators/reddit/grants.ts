// Owns the Reddit emulator's OAuth: apps, the refresh tokens that people have given them, and access tokens that run out.
//
// As in Reddit's published source of 2017 (r2/controllers/oauth2.py): the body of a renewal has no new refresh token, the
// one that was used stays good. An access token lives for an hour as recorded, for a day as the API says today.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'

export const SCOPES = ['history', 'identity', 'read'] as const

/** What a person has allowed an app to do. */
export interface Grant {
  readonly clientId: string
  readonly user: string
  readonly scopes: readonly string[]
  readonly refreshToken: string
  revoked: boolean
}

export interface Access {
  readonly token: string
  readonly grant: Grant
  /** In seconds since 1970. */
  until: number
}

export interface GrantRules {
  /** How long an access token lives, in seconds. @default 3600 */
  readonly accessSeconds?: number
  /** Every renewal gives a new refresh token, and ends the old one; Reddit does not. @default false */
  readonly rotates?: boolean
}

export class Grants {
  readonly #clock: Clock
  readonly #rules: GrantRules
  readonly #random: Random
  /** Secrets by client id; an installed app has an empty one. */
  readonly #apps = new Map<string, string>()
  readonly #grants: Grant[] = []
  readonly #codes = new Map<string, Grant>()
  readonly #access = new Map<string, Access>()

  constructor(clock: Clock, seed: number, rules: GrantRules) {
    this.#clock = clock
    this.#rules = rules
    this.#random = seeded(`reddit grants ${seed}`)
  }

  addApp(clientId: string, secret: string): void {
    this.#apps.set(clientId, secret)
  }

  isApp(clientId: string, secret: string): boolean {
    return this.#apps.get(clientId) === secret
  }

  /** Somebody lets an app in, for good (`duration=permanent`). */
  authorize(user: string, clientId: string, scopes: readonly string[] = SCOPES): Grant {
    const grant = { clientId, user, scopes, refreshToken: `${this.#random.digits(12)}-${this.#random.hex(24)}` }
    const added: Grant = { ...grant, revoked: false }
    this.#grants.push(added)
    return added
  }

  /** A code as the consent page's redirect carries it: good for one exchange. */
  issueCode(grant: Grant): string {
    const code = this.#random.hex(27)
    this.#codes.set(code, grant)
    return code
  }

  exchange(code: string, clientId: string): Access | undefined {
    const grant = this.#codes.get(code)
    this.#codes.delete(code)
    return grant && grant.clientId === clientId ? this.#admit(grant) : undefined
  }

  refresh(refreshToken: string, clientId: string): Access | undefined {
    const grant = this.#grants.find((one) => one.refreshToken === refreshToken && one.clientId === clientId)
    if (!grant || grant.revoked) return undefined
    if (!this.#rules.rotates) return this.#admit(grant)
    grant.revoked = true
    return this.#admit(this.authorize(grant.user, clientId, grant.scopes))
  }

  check(token: string): Grant | undefined {
    const access = this.#access.get(token)
    return access && !access.grant.revoked && access.until > this.#clock.seconds() ? access.grant : undefined
  }

  /** The newest that stands between a person and an app. */
  grantOf(user: string): Grant | undefined {
    return this.#grants.findLast((grant) => grant.user === user && !grant.revoked)
  }

  /** Every access token has run out. */
  expire(): void {
    for (const access of this.#access.values()) access.until = this.#clock.seconds()
  }

  /** Somebody takes back what an app was allowed, on reddit.com/prefs/apps. */
  revoke(user: string): void {
    for (const grant of this.#grants) if (grant.user === user) grant.revoked = true
  }

  get accessSeconds(): number {
    return this.#rules.accessSeconds ?? 3_600
  }

  #admit(grant: Grant): Access {
    const access = { token: `eyJ${this.#random.hex(60)}`, grant, until: this.#clock.seconds() + this.accessSeconds }
    this.#access.set(access.token, access)
    return access
  }
}
