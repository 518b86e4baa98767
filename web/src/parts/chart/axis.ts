// Owns how moments are written along an axis: as short as they can be told from each other, the date where it is another day. Pure.

const DAY_SECONDS = 86_400

/** Of moments in seconds since 1970, in order; a day alone is one of UTC, whatever zone the reader is in. */
export function momentTexts(moments: readonly number[], isDaily: boolean): readonly string[] {
  const apart = (moments[1] ?? 0) - (moments[0] ?? 0)
  const zone = isDaily ? { timeZone: 'UTC' } : {}
  const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', ...zone })
  if (isDaily || apart >= DAY_SECONDS) return moments.map((at) => day.format(at * 1_000))
  const seconds = apart < 60 ? ({ second: '2-digit' } as const) : {}
  const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', ...seconds })
  let before: string | undefined
  return moments.map((at) => {
    const date = day.format(at * 1_000)
    const isNew = date !== before
    before = date
    return isNew ? `${time.format(at * 1_000)}\n${date}` : time.format(at * 1_000)
  })
}
