// Owns words that were looked for, marked where they stand in a text.

import { Fragment } from 'react'
import { piecesOf } from './pieces.ts'

export function Marked({ text, sought }: { readonly text: string; readonly sought: string }) {
  return piecesOf(text, sought).map(({ text: piece, isFound }, i) =>
    isFound ? (
      <mark key={i} className="rounded-sm bg-accent-soft font-medium text-accent">
        {piece}
      </mark>
    ) : (
      <Fragment key={i}>{piece}</Fragment>
    ),
  )
}
