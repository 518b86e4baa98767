// Owns how values are written: moments, counts, money, sizes, lengths of time. In the reader's language and zone; the exact
// value is under the pointer.

import { useEffect, useState } from 'react'

const NUMBERS = new Intl.NumberFormat()
const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })
const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

const UNITS = [
  { unit: 'second', ms: 1_000, below: 60_000 },
  { unit: 'minute', ms: 60_000, below: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, below: 86_400_000 },
  { unit: 'day', ms: 86_400_000, below: 30 * 86_400_000 },
  { unit: 'month', ms: 30 * 86_400_000, below: 365 * 86_400_000 },
  { unit: 'year', ms: 365 * 86_400_000, below: Number.POSITIVE_INFINITY },
] as const

/** Moments are told anew this often, in milliseconds. */
const TELL_EVERY_MS = 5_000

/** `2 min. ago`, `in 3 hr.` */
export function relative(at: number, now: number): string {
  const apart = at - now
  if (Math.abs(apart) < 5_000) return 'now'
  const { unit, ms } = UNITS.find(({ below }) => Math.abs(apart) < below) ?? UNITS[0]
  return RELATIVE.format(Math.round(apart / ms), unit)
}

/** The time, every few seconds. */
export function useNow(everyMs = TELL_EVERY_MS): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** A moment as it stands to now; `none` where there is none. */
export function Time({ at, none = 'never' }: { readonly at: string | null | undefined; readonly none?: string }) {
  const now = useNow()
  if (at === null || at === undefined) return <span className="text-muted">{none}</span>
  const instant = Date.parse(at)
  return (
    <time dateTime={at} title={ABSOLUTE.format(instant)} className="whitespace-nowrap">
      {relative(instant, now)}
    </time>
  )
}

/** When something is due; what is past is due now. */
export function Due({ at, none = 'not scheduled' }: { readonly at: string | null; readonly none?: string }) {
  const now = useNow()
  if (at !== null && Date.parse(at) <= now) return <span title={ABSOLUTE.format(Date.parse(at))}>due</span>
  return <Time at={at} none={none} />
}

export function countText(n: number): string {
  return NUMBERS.format(n)
}

export function Count({ n, isShort = false }: { readonly n: number; readonly isShort?: boolean }) {
  return (
    <span title={isShort && n >= 10_000 ? NUMBERS.format(n) : undefined}>
      {isShort && n >= 10_000 ? SHORT.format(n) : NUMBERS.format(n)}
    </span>
  )
}

/** `3 records`, `1 record`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${NUMBERS.format(n)} ${n === 1 ? one : many}`
}

interface MoneyProps {
  /** Null: nothing that anybody told. */
  readonly amount: number | null
  /** As ISO 4217 writes it; null: nobody told, and the number stands alone. */
  readonly currency: string | null
  /** It stands below others: all of them have as many digits. @default false */
  readonly isInColumn?: boolean
}

/** What something cost, as its vendor says it; of small amounts, four digits. */
export function Money({ amount, currency, isInColumn = false }: MoneyProps) {
  if (amount === null) return <span className="text-muted">–</span>
  const digits = isInColumn || (amount !== 0 && Math.abs(amount) < 1) ? 4 : 2
  const fraction = { minimumFractionDigits: isInColumn ? digits : 2, maximumFractionDigits: digits }
  const format = new Intl.NumberFormat(
    undefined,
    currency === null ? fraction : { ...fraction, style: 'currency', currency },
  )
  return <span>{format.format(amount)}</span>
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** @public */
export function Bytes({ n }: { readonly n: number }) {
  const power = n < 1_000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(n) / 3))
  const unit = SIZES[power] ?? 'byte'
  const format = new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit,
    unitDisplay: 'narrow',
    maximumFractionDigits: 1,
  })
  return <span title={`${NUMBERS.format(n)} bytes`}>{format.format(n / 1_000 ** power)}</span>
}

/** `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long something took, or takes until now. */
export function Duration({ from, to }: { readonly from: string; readonly to: string | null }) {
  const now = useNow(1_000)
  return (
    <span className="whitespace-nowrap">{durationText((to === null ? now : Date.parse(to)) - Date.parse(from))}</span>
  )
}
