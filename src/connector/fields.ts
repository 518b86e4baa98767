// Owns the fields that provider rows are made of, as zod types that know their column. All but `id` and `key` accept
// null and absence, because providers leave out what they don't have; a value of another type sets the record aside.

import { z } from 'zod'
import { plainDigits } from '../model/exact-number.ts'

/** An identifier: text, or a whole number that becomes its digits. Never null. */
export const id = () =>
  z
    .union([z.string().min(1), z.int()])
    .transform(String)
    .meta({ column: 'text' })

/** Any text. */
export const text = () => z.string().nullable().default(null)

/** A whole number within 2^53; a larger one arrives as text and is set aside: use `decimal` for those. */
export const integer = () => z.int().nullable().default(null)

/** A number as computers calculate with it: 15 to 17 digits. Use `decimal` where all digits of the source count. */
export const real = () => z.number().nullable().default(null)

/** True or false. */
export const flag = () => z.boolean().nullable().default(null)

/**
 * An exact amount, kept as its digits in text: "12.50". Of a JSON number every digit is kept, without an exponent: 1e-7 is
 * "0.0000001". Zeros at its end may go.
 */
export const decimal = () =>
  z
    .union([z.string(), z.number().transform(plainDigits)])
    .nullable()
    .default(null)
    .meta({ column: 'text' })

/** Any JSON value, kept as JSON text. A number that no JavaScript number holds is text there, as the source wrote it. */
export const json = () => z.unknown().optional().meta({ column: 'json' })
