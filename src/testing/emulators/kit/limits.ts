// Owns the two ways in which providers count requests: so many per fixed window, and a bucket that refills.

export interface WindowState {
  readonly allowed: boolean
  readonly limit: number
  readonly used: number
  readonly remaining: number
  /** When the window ends, in milliseconds since 1970. */
  readonly resetAt: number
}

/** Counts per key in fixed windows; a window starts with the first request of its key. */
export interface FixedWindow {
  /** Takes one, if there is one left. */
  take(key: string, limit: number, now: number): WindowState
  /** Gives back what `take` took: the answer turned out to be free. */
  refund(key: string, limit: number, now: number): WindowState
  /** Looks without taking. */
  peek(key: string, limit: number, now: number): WindowState
}

export function fixedWindow(windowMs: number): FixedWindow {
  const windows = new Map<string, { resetAt: number; used: number }>()
  const find = (key: string, now: number): { resetAt: number; used: number } => {
    const present = windows.get(key)
    if (present && present.resetAt > now) return present
    const fresh = { resetAt: now + windowMs, used: 0 }
    windows.set(key, fresh)
    return fresh
  }
  const state = (window: { resetAt: number; used: number }, limit: number, allowed: boolean): WindowState => ({
    allowed,
    limit,
    used: window.used,
    remaining: Math.max(0, limit - window.used),
    resetAt: window.resetAt,
  })
  return {
    take: (key, limit, now) => {
      const window = find(key, now)
      if (window.used >= limit) return state(window, limit, false)
      window.used++
      return state(window, limit, true)
    },
    refund: (key, limit, now) => {
      const window = find(key, now)
      window.used = Math.max(0, window.used - 1)
      return state(window, limit, true)
    },
    peek: (key, limit, now) => {
      const window = find(key, now)
      return state(window, limit, window.used < limit)
    },
  }
}

export interface BucketState {
  readonly allowed: boolean
  /** How long until the next request is allowed, in milliseconds; 0 when this one was. */
  readonly waitMs: number
}

/** Counts per key with buckets that hold `burst` and refill at `perSecond`. */
export interface TokenBucket {
  take(key: string, now: number): BucketState
}

export function tokenBucket(rule: { readonly perSecond: number; readonly burst: number }): TokenBucket {
  if (rule.perSecond <= 0 || rule.burst < 1) throw new RangeError('a bucket refills, and holds at least one')
  const buckets = new Map<string, { level: number; at: number }>()
  return {
    take: (key, now) => {
      const bucket = buckets.get(key) ?? { level: rule.burst, at: now }
      // A clock that was set back must not drain the bucket.
      const passed = Math.max(0, now - bucket.at)
      bucket.level = Math.min(rule.burst, bucket.level + (passed / 1000) * rule.perSecond)
      bucket.at = now
      buckets.set(key, bucket)
      if (bucket.level < 1) return { allowed: false, waitMs: Math.ceil(((1 - bucket.level) / rule.perSecond) * 1000) }
      bucket.level--
      return { allowed: true, waitMs: 0 }
    },
  }
}
