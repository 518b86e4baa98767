// Owns the proof that two tables hold the same: a digest of all rows, whatever their order, in which a value is what it
// means. Pure.

import { hash } from 'node:crypto'
import { canonicalDigits, plainDigits } from '../../model/exact-number.ts'
import { toSql } from '../postgres/values.ts'
import type { Carried, MovedColumn, MovedRow } from './ends.ts'

/** Rows, and the sum of their hashes modulo 2^128, in hexadecimal. */
export interface TableDigest {
  readonly rows: number
  readonly digest: string
}

const BITS = 64n

export class Digest {
  readonly #columns: readonly MovedColumn[]
  #rows = 0
  #high = 0n
  #low = 0n

  constructor(columns: readonly MovedColumn[]) {
    this.#columns = columns
  }

  add(row: MovedRow): void {
    const text = JSON.stringify(this.#columns.map(({ kind }, i) => meant(kind, row[i] ?? null)))
    const bytes = hash('sha256', text, 'buffer')
    this.#high = BigInt.asUintN(64, this.#high + bytes.readBigUInt64BE(0))
    this.#low = BigInt.asUintN(64, this.#low + bytes.readBigUInt64BE(8))
    this.#rows++
  }

  result(): TableDigest {
    const sum = (this.#high << BITS) | this.#low
    return { rows: this.#rows, digest: sum.toString(16).padStart(32, '0') }
  }
}

/** One spelling for each value: what PostgreSQL's column holds of it, which is what both databases can hold. */
function meant(kind: MovedColumn['kind'], value: Carried): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (kind === 'own') return ownValue(value)
  const stored = toSql(kind, value)
  if (stored === null || kind === 'text' || kind === 'json') return stored
  return kind === 'integer' ? digits(stored) : ownValue(stored)
}

function ownValue(value: string | number | bigint): unknown {
  // Of a float that is a whole number, one database tells a bigint.
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : { n: String(value) }
  return Object.is(value, -0) ? 0 : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function digits(value: string | number | bigint): string {
  const text = typeof value === 'number' ? plainDigits(value) : String(value).trim()
  const token = text
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|e)/i, '')
  return canonicalDigits(token)
}
