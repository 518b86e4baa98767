// Owns the token host's state: who may read which shops, until when, and what happens to tokens that were rotated.
//
// Documented (TikTok Shop Partner Center, Authorization guide): both `…_expire_in` are seconds since 1970, an access token
// lives for seven days, and each renewal gives another refresh token. What becomes of one that is shown again is not
// documented: it is an option.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'

export interface TokenRules {
  /** How long an access token lives. @default 7 days */
  readonly accessSeconds?: number
  /** @default 60 days */
  readonly refreshSeconds?: number
  /** A rotated refresh token shown again is refused, or costs the whole authorization. @default 'refuse' */
  readonly reuse?: 'refuse' | 'revoke'
  /** For so many seconds after a rotation the old refresh token still answers, with the same new tokens. @default 0 */
  readonly graceSeconds?: number
  /** Whether the old access token works on after a rotation, until it expires. @default true */
  readonly oldAccessWorks?: boolean
}

/** One seller's consent: a chain of tokens, each pair following the one before. */
export interface Authorization {
  readonly id: number
  readonly shopIds: readonly string[]
  readonly scopes: readonly string[]
  revoked: boolean
  pair: TokenPair
}

/** Times are absolute, in seconds since 1970, as the provider writes them. */
export interface TokenPair {
  readonly access: string
  readonly accessExpireIn: number
  readonly refresh: string
  readonly refreshExpireIn: number
}

export type AccessState = { readonly state: 'unknown' } | { readonly state: 'expired' } | ValidAccess
export interface ValidAccess {
  readonly state: 'valid'
  readonly authorization: Authorization
}

export const SCOPES = ['seller.authorization.info', 'seller.order.info', 'seller.product.basic'] as const

export class TokenHost {
  readonly #clock: Clock
  readonly #rules: TokenRules
  readonly #random: Random
  readonly #codes = new Map<string, { authorization: Authorization; until: number }>()
  readonly #access = new Map<string, { authorization: Authorization; until: number }>()
  readonly #used = new Map<string, { authorization: Authorization; at: number }>()
  readonly #authorizations: Authorization[] = []

  constructor(clock: Clock, seed: number, rules: TokenRules) {
    this.#clock = clock
    this.#rules = rules
    this.#random = seeded(`tokens ${seed}`)
  }

  /** A seller consents; the tokens are valid at once. */
  authorize(shopIds: readonly string[], scopes: readonly string[] = SCOPES): Authorization {
    const authorization: Authorization = {
      id: this.#authorizations.length + 1,
      shopIds,
      scopes,
      revoked: false,
      pair: this.#newPair(),
    }
    this.#authorizations.push(authorization)
    this.#admit(authorization)
    return authorization
  }

  /** A code as the consent page's redirect carries it: for 30 minutes, good for one exchange. */
  issueCode(authorization: Authorization): string {
    const code = `ROW_${this.#random.hex(40)}`
    this.#codes.set(code, { authorization, until: this.#clock.seconds() + 1800 })
    return code
  }

  /** The tokens for a code; undefined when it is unknown, used or late. */
  exchange(code: string): Authorization | undefined {
    const known = this.#codes.get(code)
    this.#codes.delete(code)
    if (!known || known.until <= this.#clock.seconds() || known.authorization.revoked) return undefined
    return this.#rotate(known.authorization)
  }

  /** The next pair for a refresh token; undefined when it is unknown, expired, rotated away or revoked. */
  refresh(refreshToken: string): Authorization | undefined {
    const now = this.#clock.seconds()
    const current = this.#authorizations.find(({ pair }) => pair.refresh === refreshToken)
    if (current) {
      if (current.revoked || current.pair.refreshExpireIn <= now) return undefined
      return this.#rotate(current)
    }
    const used = this.#used.get(refreshToken)
    if (!used || used.authorization.revoked) return undefined
    if (now - used.at < (this.#rules.graceSeconds ?? 0)) return used.authorization
    if (this.#rules.reuse === 'revoke') this.revoke(used.authorization)
    return undefined
  }

  check(accessToken: string): AccessState {
    const known = this.#access.get(accessToken)
    if (!known || known.authorization.revoked) return { state: 'unknown' }
    if (known.until <= this.#clock.seconds()) return { state: 'expired' }
    return { state: 'valid', authorization: known.authorization }
  }

  /** The seller withdraws consent, or reuse was detected: nothing of this authorization works any more. */
  revoke(authorization: Authorization): void {
    authorization.revoked = true
  }

  /** Ends the present access token now, ahead of its time. */
  expire(authorization: Authorization): void {
    const known = this.#access.get(authorization.pair.access)
    if (known) known.until = this.#clock.seconds()
  }

  #rotate(authorization: Authorization): Authorization {
    this.#used.set(authorization.pair.refresh, { authorization, at: this.#clock.seconds() })
    if (this.#rules.oldAccessWorks === false) this.#access.delete(authorization.pair.access)
    authorization.pair = this.#newPair()
    this.#admit(authorization)
    return authorization
  }

  #admit(authorization: Authorization): void {
    const { access, accessExpireIn } = authorization.pair
    this.#access.set(access, { authorization, until: accessExpireIn })
  }

  #newPair(): TokenPair {
    const now = this.#clock.seconds()
    return {
      access: `ROW_${this.#random.hex(60)}`,
      accessExpireIn: now + (this.#rules.accessSeconds ?? 7 * 86_400),
      refresh: `ROW_${this.#random.hex(64)}`,
      refreshExpireIn: now + (this.#rules.refreshSeconds ?? 60 * 86_400),
    }
  }
}
