// Owns how it is written what a run, or many, have changed: `+3 ~26 −1`, with the words under the pointer.

import { countText } from './values.tsx'

export interface ChangeCounts {
  readonly inserted: number
  readonly updated: number
  readonly removed: number
}

const SIGNS = [
  { of: 'inserted', sign: '+', word: 'new', look: 'text-good', column: 'sm:col-start-1' },
  { of: 'updated', sign: '~', word: 'changed', look: 'text-accent', column: 'sm:col-start-2' },
  { of: 'removed', sign: '−', word: 'removed', look: 'text-bad', column: 'sm:col-start-3' },
] as const satisfies readonly { readonly of: keyof ChangeCounts; readonly [more: string]: string }[]

interface ChangesProps {
  readonly counts: ChangeCounts
  /** It stands below others: each number below its like, where there is room. @default false */
  readonly isInColumn?: boolean
  /** Said where nothing has changed. @default nothing new */
  readonly none?: string
}

export function Changes({ counts, isInColumn = false, none = 'nothing new' }: ChangesProps) {
  const shown = SIGNS.filter(({ of }) => counts[of] > 0)
  if (shown.length === 0) return <span className="whitespace-nowrap text-muted">{none}</span>
  const aligned = isInColumn ? 'sm:grid sm:w-fit sm:grid-cols-[repeat(3,minmax(3rem,auto))] sm:text-right' : ''
  return (
    <span className={`flex gap-2.5 whitespace-nowrap ${aligned}`}>
      {shown.map(({ of, sign, word, look, column }) => (
        <span key={of} title={`${countText(counts[of])} ${word}`} className={`${look} ${isInColumn ? column : ''}`}>
          {sign}
          {countText(counts[of])}
          <span className="sr-only"> {word}</span>
        </span>
      ))}
    </span>
  )
}
