// Owns a value in full: links can be followed, objects are indented, and what is long is shown on request.

import { useState } from 'react'

/** Longer texts are cut, in characters. */
const CUT_AT = 600

export function Value({ value }: { readonly value: unknown }) {
  const [isWhole, setWhole] = useState(false)
  if (value === null || value === undefined || value === '') return <span className="text-muted">–</span>
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return <span className="select-all">{String(value)}</span>
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
  if (typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && value.length < CUT_AT) {
    return (
      <a href={value} target="_blank" rel="noreferrer noopener" className="break-all text-accent hover:underline">
        {value}
      </a>
    )
  }
  const isLong = text.length > CUT_AT
  return (
    <>
      <span className={typeof value === 'string' ? 'whitespace-pre-wrap' : 'font-mono text-xs whitespace-pre-wrap'}>
        {isLong && !isWhole ? `${text.slice(0, CUT_AT)}…` : text}
      </span>
      {isLong && (
        <button type="button" onClick={() => setWhole(!isWhole)} className="ml-2 text-xs text-accent hover:underline">
          {isWhole ? 'Less' : 'All of it'}
        </button>
      )}
    </>
  )
}
