// Owns how a value stands in a cell, by the type of its column: numbers to the right, moments in the reader's words, what is empty
// as a dash, and anything long on one line.

import { countText } from '../values.tsx'

export type CellType = 'text' | 'integer' | 'real' | 'boolean' | 'json' | 'time'

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/
const REAL = new Intl.NumberFormat(undefined, { maximumFractionDigits: 6 })
/** Characters of a cell that are drawn at most. */
const SHOWN_MAX = 400
/** What is longer may be cut off by its column: all of it is under the pointer. */
const FITS = 12

export const isNumeric = (type: CellType) => type === 'integer' || type === 'real'

/** Numbers that name something and count nothing, by the name of their column: a year, an id. */
const NAMING = /(?:^|_)(?:year|id|no|number|code|port)$/i

interface CellProps {
  readonly value: unknown
  readonly type: CellType
  /** Of its column. */
  readonly name?: string
}

export function Cell({ value, type, name = '' }: CellProps) {
  if (value === null || value === undefined || value === '') return <span className="text-muted">–</span>
  if (typeof value === 'boolean') return <span className={value ? '' : 'text-muted'}>{value ? 'yes' : 'no'}</span>
  if (typeof value === 'number') return <Whole text={numberText(value, type, name)} />
  if (typeof value === 'string' && MOMENT.test(value)) return <Moment at={value} />
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return <Whole text={text.slice(0, SHOWN_MAX)} look={typeof value === 'string' ? '' : 'font-mono text-xs'} />
}

function numberText(value: number, type: CellType, name: string): string {
  if (NAMING.test(name)) return String(value)
  return type === 'integer' && Number.isInteger(value) ? countText(value) : REAL.format(value)
}

function Whole({ text, look = '' }: { readonly text: string; readonly look?: string }) {
  return (
    <span className={look} title={text.length > FITS ? text : undefined}>
      {text}
    </span>
  )
}

function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      {at.slice(0, 10)} <span className="text-muted">{at.slice(11, 16)}</span>
    </time>
  )
}
