// Owns the scrubber of a long list: a handle as large as a thumb, for windows that are touched, whose own scroll bars nobody can
// take hold of. It says where it is, and stays where the hand is.

import { type PointerEvent, useRef, useState } from 'react'
import { countText } from '../values.tsx'

interface ScrubberProps {
  readonly total: number
  /** The first row in sight. */
  readonly top: number
  readonly goTo: (row: number) => void
  readonly label: string
  /** What stands at a row, beside its number. */
  readonly nameOf?: (row: number) => string | undefined
}

/** Shorter lists are scrolled without. */
const ROWS_MIN = 200

export function Scrubber({ total, top, goTo, label, nameOf }: ScrubberProps) {
  const track = useRef<HTMLDivElement>(null)
  const [held, setHeld] = useState<number>()
  if (total < ROWS_MIN) return null
  const last = Math.max(1, total - 1)
  const share = held ?? Math.min(1, top / last)
  const row = Math.round(share * last)
  const follow = ({ clientY }: { readonly clientY: number }) => {
    const box = track.current?.getBoundingClientRect()
    if (!box) return
    const to = Math.min(1, Math.max(0, (clientY - box.top) / box.height))
    setHeld(to)
    goTo(to * last)
  }
  const take = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    follow(event)
  }
  return (
    <div
      ref={track}
      role="scrollbar"
      aria-label={`Place in ${label}`}
      aria-controls="main"
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={total}
      aria-valuenow={row + 1}
      onPointerDown={take}
      onPointerMove={(event) => held !== undefined && follow(event)}
      onPointerUp={() => setHeld(undefined)}
      onPointerCancel={() => setHeld(undefined)}
      className="grid-scrubber absolute top-10 right-0 bottom-2 z-20 w-7 touch-none"
    >
      <div className="absolute right-0.5 -mt-5 h-10 w-2 rounded-full bg-strong" style={{ top: `${share * 100}%` }}>
        {held !== undefined && (
          <span className="absolute top-1/2 right-6 -translate-y-1/2 rounded-md bg-text px-2 py-1 text-xs whitespace-nowrap text-bg">
            {nameOf?.(row) ?? countText(row + 1)}
          </span>
        )}
      </div>
    </div>
  )
}
