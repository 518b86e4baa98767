// Owns what number a formatted text writes, as cells of a sheet and pages show it: `1,234`, `12 345`, `1.2K`, `3.4M`.

import { plainDigits } from './exact-number.ts'

/** Longer texts write no number; the largest one has 309 digits. In UTF-16 units. */
const LENGTH_MAX = 400
const FACTORS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9 }

/**
 * The number that a text writes; null where it writes none, or where it could be two. Groups of three are thousands
 * (`1,234`, `1.234.567`, `12 345`, `1'234`); a comma before other than three digits is a decimal one (`1,5`). `1.234` is
 * 1.234, as a program writes it.
 */
export function writtenNumber(text: string): number | null {
  const digits = writtenDigits(text)
  return digits === null ? null : Number(digits)
}

/** The same as a decimal with all its digits, which no number may hold: `-1234.5`. */
export function writtenDigits(text: string): string | null {
  if (text.length > LENGTH_MAX) return null
  const given = text.replaceAll(/[\s\u00a0\u202f_']/g, ' ').trim()
  const found = /^([+-]?)(\d[\d., ]*?|[.,]\d+) ?([kmb]?)(%?)$/i.exec(given)
  if (!found) return null
  const digits = plain((found[2] as string).trim())
  if (digits === null) return null
  const sign = found[1] === '-' ? '-' : ''
  if (found[3] === '') return Number.isFinite(Number(digits)) ? sign + digits.replace(/^\./, '0.') : null
  const size = Number(digits) * (FACTORS[(found[3] as string).toLowerCase()] ?? 1)
  // 1.2 × 1000 is 1200, not 1199.9999….
  const value = Math.round(size * 1000) / 1000
  return Number.isFinite(value) ? sign + plainDigits(value) : null
}

function plain(text: string): string | null {
  if (/^\d+(?:\.\d+)?$/.test(text) || /^\.\d+$/.test(text)) return text
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)) return text.replaceAll(',', '')
  if (/^\d{1,3}(?: \d{3})+(?:[.,]\d+)?$/.test(text)) return text.replaceAll(' ', '').replace(',', '.')
  if (/^\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?$/.test(text) || /^\d{1,3}\.\d{3},\d+$/.test(text)) {
    return text.replaceAll('.', '').replace(',', '.')
  }
  return /^\d*,\d+$/.test(text) ? text.replace(',', '.') : null
}
