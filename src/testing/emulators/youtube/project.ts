// Owns the Google Cloud project behind the emulator's API keys: which keys are good, and how much of the daily quota is
// used up.
//
// developers.google.com/youtube/v3/determine_quota_cost: 10,000 units a day for all keys of a project, one for each
// request for channels, playlistItems and videos, also for an invalid one; the day begins at midnight Pacific Time.

/** What the API says to whoever uses a key. */
export type KeyState = 'good' | 'invalid' | 'invalid-2019' | 'expired' | 'api-off' | 'blocked'

const PACIFIC = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' })

export class Project {
  readonly #unitsPerDay: number
  readonly #keys = new Map<string, KeyState>()
  #day = ''
  #spent = 0

  constructor(unitsPerDay: number) {
    this.#unitsPerDay = unitsPerDay
  }

  setKey(key: string, state: KeyState): void {
    this.#keys.set(key, state)
  }

  stateOf(key: string): KeyState {
    return this.#keys.get(key) ?? 'invalid'
  }

  /** Takes a unit; false: there is none left today. */
  take(now: number): boolean {
    if (this.spent(now) >= this.#unitsPerDay) return false
    this.#spent++
    return true
  }

  spent(now: number): number {
    const day = PACIFIC.format(now)
    if (day !== this.#day) {
      this.#day = day
      this.#spent = 0
    }
    return this.#spent
  }
}
