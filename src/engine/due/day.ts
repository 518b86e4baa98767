// Owns the days of a time zone.

/** Days as people of a time zone count them: YYYY-MM-DD. The last answer is kept, because pages come within a day. */
export function dayIn(timezone: string): (at: number) => string {
  // The first use of Intl takes some 20 ms, and most projects count in UTC.
  if (timezone === 'UTC') return (at) => new Date(at).toISOString().slice(0, 10)
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  let minute = -1
  let day = ''
  return (at) => {
    const current = Math.floor(at / 60_000)
    if (current !== minute) {
      minute = current
      day = format.format(at)
    }
    return day
  }
}
